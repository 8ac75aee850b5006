import type { OfferPage } from '../../db/oms/substitutions';
import { formatMoney } from '../../domain/money';

import { escapeHtml, htmlPage, noticeHtml, type PageLocale } from './html';

interface Words {
  readonly title: string;
  readonly intro: (orderNo: string) => string;
  readonly instead: (quantity: number, title: string) => string;
  readonly more: (amount: string) => string;
  readonly less: (amount: string) => string;
  readonly same: string;
  readonly accept: string;
  readonly decline: string;
  readonly refused: string;
}

const WORDS: Readonly<Record<PageLocale, Words>> = {
  en: {
    title: 'A substitute for your order',
    intro: (orderNo) => `Something of your order ${orderNo} is not in stock. We can send instead:`,
    instead: (quantity, title) => `instead of ${quantity} × ${title}`,
    more: (amount) => `Your order then costs ${amount} more.`,
    less: (amount) => `Your order then costs ${amount} less.`,
    same: 'The price of your order stays the same.',
    accept: 'Yes, send this instead',
    decline: 'No, thank you',
    refused: 'Please choose one of the two answers.',
  },
  zh: {
    title: '您的订单有替代商品',
    intro: (orderNo) => `您的订单 ${orderNo} 中有商品缺货，我们可以改发：`,
    instead: (quantity, title) => `替代 ${title} × ${quantity}`,
    more: (amount) => `订单金额将增加 ${amount}。`,
    less: (amount) => `订单金额将减少 ${amount}。`,
    same: '订单金额不变。',
    accept: '同意，改发此商品',
    decline: '不用了，谢谢',
    refused: '请选择其中一个答复。',
  },
};

export type SubstitutionNotice = 'accepted' | 'declined' | 'decided' | 'over';

const NOTICES: Readonly<
  Record<SubstitutionNotice, Readonly<Record<PageLocale, readonly [string, string]>>>
> = {
  accepted: {
    en: ['Thank you', 'We will send the substitute.'],
    zh: ['谢谢', '我们将为您发出替代商品。'],
  },
  declined: {
    en: ['Thank you', 'We will not send the substitute. Your order waits for the item itself.'],
    zh: ['谢谢', '我们不会发出替代商品，您的订单将继续等待原商品。'],
  },
  decided: {
    en: ['Already answered', 'You have answered this offer before.'],
    zh: ['已答复', '您已答复过此建议。'],
  },
  over: {
    en: ['This offer has ended', 'The substitute is no longer offered.'],
    zh: ['该建议已失效', '此替代商品已不再提供。'],
  },
};

/** The offer with its two answers; works without scripts. `isRefused`: the last try had no answer in it. */
export function substitutionForm(locale: PageLocale, offer: OfferPage, isRefused: boolean): string {
  const words = WORDS[locale];
  const alert = isRefused ? `<p class="alert" role="alert">${words.refused}</p>` : '';
  const items = offer.lines.map(({ title, quantity, totalMinor, oldTitle, oldQuantity }) => {
    const price = formatMoney(totalMinor, offer.currency);
    const instead = words.instead(oldQuantity, oldTitle);
    return `<li>${quantity} × ${escapeHtml(title)}, ${price}<br>${escapeHtml(instead)}</li>`;
  });
  return htmlPage(
    locale,
    words.title,
    `<h1>${words.title}</h1>
<p>${escapeHtml(words.intro(offer.orderNo))}</p>
${alert}
<ul>
${items.join('\n')}
</ul>
<p>${describeDelta(words, offer)}</p>
<form method="post">
<p><button type="submit" name="decision" value="accept">${words.accept}</button></p>
<p><button type="submit" name="decision" value="decline">${words.decline}</button></p>
</form>`,
  );
}

function describeDelta(words: Words, { priceDeltaMinor, currency }: OfferPage): string {
  if (priceDeltaMinor === 0) return words.same;
  const amount = formatMoney(Math.abs(priceDeltaMinor), currency);
  return priceDeltaMinor > 0 ? words.more(amount) : words.less(amount);
}

/** A page that only says something. */
export function substitutionNotice(locale: PageLocale, notice: SubstitutionNotice): string {
  return noticeHtml(locale, NOTICES[notice][locale]);
}
