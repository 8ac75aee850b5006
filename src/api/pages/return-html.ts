import { RETURN_REASONS } from '../../domain/return';

import { escapeHtml, formHtml, type FormWords, noticeHtml, type PageLocale } from './html';

interface Words extends FormWords {
  readonly quantity: (most: number) => string;
  readonly reason: string;
  readonly reasons: Readonly<Record<(typeof RETURN_REASONS)[number], string>>;
  readonly kind: string;
  readonly kinds: Readonly<Record<'return' | 'exchange', string>>;
  readonly note: string;
}

const WORDS: Readonly<Record<PageLocale, Words>> = {
  en: {
    title: 'Return items',
    intro: 'Choose what you want to send back. We will write to you with the next step.',
    quantity: (most) => `How many (0 to ${most})`,
    reason: 'Why',
    reasons: {
      too_small: 'Too small',
      too_large: 'Too large',
      not_as_described: 'Not as described',
      damaged: 'Damaged',
      wrong_item: 'Wrong item',
      changed_mind: 'Changed my mind',
      late: 'Came too late',
      other: 'Other',
    },
    kind: 'What would you like?',
    kinds: { return: 'My money back', exchange: 'An exchange' },
    note: 'Anything else (optional)',
    send: 'Ask for the return',
    refused:
      'Please choose at least one item, and no more than was delivered. A note may have at most 4,000 characters.',
  },
  zh: {
    title: '退货申请',
    intro: '请选择要退回的商品，我们会通过邮件告知下一步。',
    quantity: (most) => `数量（0 到 ${most}）`,
    reason: '原因',
    reasons: {
      too_small: '尺码偏小',
      too_large: '尺码偏大',
      not_as_described: '与描述不符',
      damaged: '商品损坏',
      wrong_item: '发错商品',
      changed_mind: '不想要了',
      late: '送达太晚',
      other: '其他',
    },
    kind: '您希望：',
    kinds: { return: '退款', exchange: '换货' },
    note: '备注（选填）',
    send: '提交退货申请',
    refused: '请至少选择一件商品，且不超过已送达的数量。备注最多 4000 字。',
  },
};

export type ReturnNotice = 'requested' | 'nothing_left' | 'window_closed';

const NOTICES: Readonly<
  Record<ReturnNotice, Readonly<Record<PageLocale, readonly [string, string]>>>
> = {
  requested: {
    en: ['Thank you', 'We have received your request and will write to you.'],
    zh: ['谢谢', '我们已收到您的申请，并会与您联系。'],
  },
  nothing_left: {
    en: ['Nothing to return', 'There is nothing of this order that can be returned.'],
    zh: ['没有可退的商品', '此订单中没有可以退回的商品。'],
  },
  window_closed: {
    en: ['The time for returns is over', 'This order can no longer be returned.'],
    zh: ['已超过退货期限', '此订单已不能退货。'],
  },
};

export interface OfferedLine {
  readonly lineId: string;
  readonly title: string;
  /** Units that may come back. */
  readonly units: number;
}

/** The form of what may come back. */
export function returnForm(
  locale: PageLocale,
  lines: readonly OfferedLine[],
  isRefused: boolean,
): string {
  const words = WORDS[locale];
  const fields = `${lines.map((line) => lineFields(words, line)).join('\n')}
<fieldset>
<legend>${words.kind}</legend>
${kindInput(words, 'return')}
${kindInput(words, 'exchange')}
</fieldset>
<p><label for="note">${words.note}</label>
<textarea id="note" name="note" rows="4" maxlength="4000"></textarea></p>`;
  return formHtml(locale, words, fields, isRefused);
}

/** A page that only says something. */
export function returnNotice(locale: PageLocale, notice: ReturnNotice): string {
  return noticeHtml(locale, NOTICES[notice][locale]);
}

function lineFields(words: Words, { lineId, title, units }: OfferedLine): string {
  const options = RETURN_REASONS.map(
    (reason) =>
      `<option value="${reason}"${reason === 'changed_mind' ? ' selected' : ''}>${words.reasons[reason]}</option>`,
  );
  return `<fieldset>
<legend>${escapeHtml(title)}</legend>
<p><label for="quantity.${lineId}">${words.quantity(units)}</label><br>
<input type="number" id="quantity.${lineId}" name="quantity.${lineId}" min="0" max="${units}" step="1" value="0" inputmode="numeric"></p>
<p><label for="reason.${lineId}">${words.reason}</label><br>
<select id="reason.${lineId}" name="reason.${lineId}">${options.join('')}</select></p>
</fieldset>`;
}

function kindInput(words: Words, kind: 'return' | 'exchange'): string {
  const checked = kind === 'return' ? ' checked' : '';
  return `<p><label><input type="radio" name="kind" value="${kind}"${checked}> ${words.kinds[kind]}</label></p>`;
}
