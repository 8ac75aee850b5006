import { DELIVERY_LETTERS } from './delivery-letters';
import { type Letter, type Localized, TRACKING } from './letter-parts';
import { OFFER } from './offer-block';

/** A template as it is shipped: version 1 of its key. Texts are Liquid; `money` prints minor units of a currency. */
export interface BuiltInTemplate {
  readonly key: string;
  readonly topic: string | null;
  readonly subject: Localized;
  readonly text: Localized;
  readonly html: Localized;
}

const GREETING: Localized = {
  en: 'Hello{% if customer.name != "" %} {{ customer.name }}{% endif %},',
  zh: '{% if customer.name != "" %}{{ customer.name }}，{% endif %}您好：',
};

const LINES_TEXT = `{% for line in order.lines %}- {{ line.quantity }} × {{ line.title }}: {{ line.totalMinor | money: order.currency }}
{% endfor %}`;

function linesText(labels: LineLabels): string {
  return `${LINES_TEXT}
${labels.shipping}: {{ order.shippingMinor | money: order.currency }}
${labels.total}: {{ order.totalMinor | money: order.currency }}`;
}

interface LineLabels {
  readonly item: string;
  readonly quantity: string;
  readonly amount: string;
  readonly shipping: string;
  readonly total: string;
}

const EN: LineLabels = {
  item: 'Item',
  quantity: 'Quantity',
  amount: 'Amount',
  shipping: 'Shipping',
  total: 'Total',
};
const ZH: LineLabels = {
  item: '商品',
  quantity: '数量',
  amount: '金额',
  shipping: '运费',
  total: '合计',
};

function linesHtml(labels: LineLabels): string {
  return `<table role="table" style="border-collapse:collapse;width:100%">
<thead><tr><th scope="col" align="left">${labels.item}</th><th scope="col" align="right">${labels.quantity}</th><th scope="col" align="right">${labels.amount}</th></tr></thead>
<tbody>
{% for line in order.lines %}<tr><td>{{ line.title }}</td><td align="right">{{ line.quantity }}</td><td align="right">{{ line.totalMinor | money: order.currency }}</td></tr>
{% endfor %}<tr><td colspan="2">${labels.shipping}</td><td align="right">{{ order.shippingMinor | money: order.currency }}</td></tr>
<tr><th scope="row" colspan="2" align="left">${labels.total}</th><td align="right"><strong>{{ order.totalMinor | money: order.currency }}</strong></td></tr>
</tbody></table>`;
}

const ORDER_LINES = {
  text: { en: linesText(EN), zh: linesText(ZH) },
  html: { en: linesHtml(EN), zh: linesHtml(ZH) },
};

/** A parcel that has arrived, and where what is in it can be sent back. */
const ARRIVED = {
  text: {
    en: `${TRACKING.text.en}
To send something back: {{ return.url }}`,
    zh: `${TRACKING.text.zh}
申请退货：{{ return.url }}`,
  },
  html: {
    en: `${TRACKING.html.en}
<p><a href="{{ return.url }}">Send something back</a></p>`,
    zh: `${TRACKING.html.zh}
<p><a href="{{ return.url }}">申请退货</a></p>`,
  },
};

const SURVEY_LINK = {
  text: { en: '{{ survey.url }}', zh: '{{ survey.url }}' },
  html: {
    en: '<p><a href="{{ survey.url }}">Answer the question</a></p><p>{{ survey.url }}</p>',
    zh: '<p><a href="{{ survey.url }}">回答问卷</a></p><p>{{ survey.url }}</p>',
  },
};

const THANKS: Localized = { en: 'Thank you for your order.', zh: '感谢您的惠顾。' };

const LETTERS: readonly Letter[] = [
  {
    key: 'order_confirmed',
    subject: {
      en: 'Your order {{ order.orderNo }} is confirmed',
      zh: '您的订单 {{ order.orderNo }} 已确认',
    },
    paragraphs: [
      {
        en: 'We have confirmed your order {{ order.orderNo }}. This is what we will send you:',
        zh: '您的订单 {{ order.orderNo }} 已确认，我们将为您发出以下商品：',
      },
    ],
    block: ORDER_LINES,
    closing: {
      en: 'We will write again as soon as it is on its way.',
      zh: '商品发出后我们会再次通知您。',
    },
  },
  {
    key: 'order_shipped',
    subject: {
      en: 'Your order {{ order.orderNo }} is on its way',
      zh: '您的订单 {{ order.orderNo }} 已发货',
    },
    paragraphs: [
      {
        en: 'We have handed a parcel of your order {{ order.orderNo }} to the carrier.',
        zh: '您的订单 {{ order.orderNo }} 中的包裹已交给承运商。',
      },
    ],
    block: TRACKING,
    closing: THANKS,
  },
  {
    key: 'order_delivered',
    subject: {
      en: 'Your order {{ order.orderNo }} was delivered',
      zh: '您的订单 {{ order.orderNo }} 已送达',
    },
    paragraphs: [
      {
        en: 'The carrier reports that a parcel of your order {{ order.orderNo }} was delivered. If you have not received it, please reply to this mail.',
        zh: '承运商告知：您的订单 {{ order.orderNo }} 中的包裹已送达。如您并未收到，请回复本邮件。',
      },
    ],
    block: ARRIVED,
    closing: THANKS,
  },
  ...DELIVERY_LETTERS,
  {
    key: 'order_canceled',
    subject: {
      en: 'Your order {{ order.orderNo }} was canceled',
      zh: '您的订单 {{ order.orderNo }} 已取消',
    },
    paragraphs: [
      {
        en: 'Your order {{ order.orderNo }} over {{ order.totalMinor | money: order.currency }} was canceled and nothing more will be sent or charged.',
        zh: '您的订单 {{ order.orderNo }}（金额 {{ order.totalMinor | money: order.currency }}）已取消，我们不会再发货，也不会再扣款。',
      },
      {
        en: 'An amount that was only reserved on your card is released; how soon it shows depends on your bank.',
        zh: '如银行卡上有预授权金额，该金额将被释放，到账时间取决于您的银行。',
      },
    ],
    closing: {
      en: 'If this surprises you, please reply to this mail.',
      zh: '如有疑问，请回复本邮件。',
    },
  },
  {
    key: 'substitution_offer',
    subject: {
      en: 'A substitute for your order {{ order.orderNo }}?',
      zh: '您的订单 {{ order.orderNo }} 有替代商品',
    },
    paragraphs: [
      {
        en: 'Something of your order {{ order.orderNo }} is not in stock. We can send this instead; please tell us whether you want it:',
        zh: '您的订单 {{ order.orderNo }} 中有商品缺货，我们可以改发以下商品，请告知是否同意：',
      },
    ],
    block: OFFER,
    closing: {
      en: 'Without an answer your order waits for the item itself.',
      zh: '如未收到答复，您的订单将继续等待原商品。',
    },
  },
  {
    key: 'survey_order',
    topic: 'surveys',
    subject: {
      en: 'How was your order {{ order.orderNo }}?',
      zh: '您对订单 {{ order.orderNo }} 满意吗？',
    },
    paragraphs: [
      {
        en: 'Your order {{ order.orderNo }} has arrived. Would you tell us how it went? It is one question and takes less than a minute:',
        zh: '您的订单 {{ order.orderNo }} 已送达。能否告诉我们您的感受？只有一个问题，不到一分钟：',
      },
    ],
    block: SURVEY_LINK,
    closing: { en: 'Thank you.', zh: '谢谢。' },
  },
  {
    key: 'survey_reminder',
    topic: 'surveys',
    subject: {
      en: 'One question about your order {{ order.orderNo }}',
      zh: '关于订单 {{ order.orderNo }} 的一个问题',
    },
    paragraphs: [
      {
        en: 'We would still like to know how your order {{ order.orderNo }} went. This is the only reminder:',
        zh: '我们仍想了解您对订单 {{ order.orderNo }} 的感受。我们只提醒这一次：',
      },
    ],
    block: SURVEY_LINK,
    closing: { en: 'Thank you.', zh: '谢谢。' },
  },
];

function localized(make: (locale: keyof Localized) => string): Localized {
  return { en: make('en'), zh: make('zh') };
}

function toText(letter: Letter, locale: keyof Localized): string {
  const parts = [
    GREETING[locale],
    ...letter.paragraphs.map((paragraph) => paragraph[locale]),
    ...(letter.block ? [letter.block.text[locale]] : []),
    letter.closing[locale],
  ];
  return `${parts.join('\n\n')}\n`;
}

function toHtml(letter: Letter, locale: keyof Localized): string {
  const paragraphs = letter.paragraphs.map((paragraph) => `<p>${paragraph[locale]}</p>`).join('\n');
  return `<!doctype html>
<html lang="${locale === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${letter.subject[locale]}</title></head>
<body style="font-family:sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;background:#ffffff;max-width:36em;margin:1em auto;padding:0 1em">
<p>${GREETING[locale]}</p>
${paragraphs}
${letter.block?.html[locale] ?? ''}
<p>${letter.closing[locale]}</p>
</body>
</html>
`;
}

/** The mails of an order's life and of its survey, in English and Chinese. */
export const BUILT_IN_TEMPLATES: readonly BuiltInTemplate[] = LETTERS.map((letter) => ({
  key: letter.key,
  topic: letter.topic ?? null,
  subject: letter.subject,
  text: localized((locale) => toText(letter, locale)),
  html: localized((locale) => toHtml(letter, locale)),
}));
