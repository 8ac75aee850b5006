import { BUILT_IN_TEMPLATES } from '../db/crm/built-in-templates';

import { renderMessage } from './message-rendering';

const variables = {
  customer: { id: 'c', name: '王 <b>& Söhne', email: 'a@example.com', locale: 'en' },
  order: {
    id: 'o',
    orderNo: 'T100001',
    currency: 'JPY',
    shippingMinor: 500,
    totalMinor: 2598,
    lines: [{ sku: 'MUG', title: 'Mug "red" <1>', quantity: 2, totalMinor: 2098 }],
  },
  shipment: { trackingNo: 'SBX1', carrier: 'sandbox', lines: [{ title: 'Mug', quantity: 2 }] },
  survey: { url: 'http://127.0.0.1/s/token' },
  return: { url: 'http://127.0.0.1/s/token' },
  substitution: {
    id: 's',
    lines: [{ title: 'Cup "blue" <2>', oldTitle: 'Mug', quantity: 2, totalMinor: 2098 }],
    moreMinor: 0,
    lessMinor: 500,
  },
  offer: { url: 'http://127.0.0.1/s/token' },
};

describe('built-in templates', () => {
  const cases = BUILT_IN_TEMPLATES.flatMap((template) =>
    (['en', 'zh'] as const).map((locale) => ({ key: template.key, locale, template })),
  );

  it.each(cases)('$key renders in $locale with escaped HTML and the order number', (given) => {
    const { template, locale } = given;

    const rendered = renderMessage(
      {
        subject: template.subject[locale],
        text: template.text[locale],
        html: template.html[locale],
      },
      variables,
    );

    if (rendered.kind !== 'rendered') throw new Error(rendered.code);
    expect(rendered.subject).toContain('T100001');
    expect(rendered.text).toContain('王 <b>& Söhne');
    expect(rendered.html).toContain('王 &lt;b&gt;&amp; Söhne');
    expect(rendered.html).not.toContain('<b>');
  });

  it('prints money in the digits of its currency', () => {
    const confirmed = BUILT_IN_TEMPLATES.find((template) => template.key === 'order_confirmed');
    if (confirmed === undefined) throw new Error('missing');

    const rendered = renderMessage(
      { subject: confirmed.subject.en, text: confirmed.text.en, html: confirmed.html.en },
      variables,
    );

    expect(rendered).toMatchObject({ text: expect.stringContaining('Total: JPY 2598') as string });
  });
});

describe('renderMessage', () => {
  const render = (text: string, html: string | null = null) =>
    renderMessage({ subject: 's', text, html }, variables);

  it.each([
    ['an undefined variable', '{{ order.nothing }}', 'template_variable_missing'],
    ['a prototype', '{{ customer.constructor }}', 'template_variable_missing'],
    ['a broken tag', '{% if %', 'template_invalid'],
    ['an include', '{% include "/etc/passwd" %}', 'template_invalid'],
    ['an endless loop', '{% for i in (1..100000000) %}x{% endfor %}', 'template_limit_exceeded'],
    ['an unknown filter', '{{ order.orderNo | nope }}', 'template_invalid'],
  ])('refuses %s', (_, text, code) => {
    expect(render(text)).toEqual({ kind: 'refused', code });
  });

  it('keeps a subject on one line', () => {
    const rendered = renderMessage({ subject: 'a\r\nBcc: b', text: '', html: null }, {});

    expect(rendered).toMatchObject({ subject: 'a Bcc: b' });
  });
});
