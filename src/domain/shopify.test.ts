import {
  aShopifyAddress,
  aShopifyLine,
  aShopifyOrder,
  money,
} from '../../test/fixtures/shopify-orders';
import type { ShopifyIntake } from './intake-body';
import { readShopifyCancel, readShopifyOrderId, toShopifyIntake } from './shopify';

function map(document: unknown): ShopifyIntake {
  const mapping = toShopifyIntake(document);
  if (mapping.kind === 'unusable') throw new Error(mapping.reason);
  return mapping.body;
}

function totalsOf({
  subtotalMinor,
  discountMinor,
  shippingMinor,
  taxMinor,
  totalMinor,
}: ShopifyIntake) {
  return { subtotalMinor, discountMinor, shippingMinor, taxMinor, totalMinor };
}

describe('a Shopify order of three lines with discounts and taxes', () => {
  const body = map(aShopifyOrder());

  it('keeps the totals to the cent', () => {
    expect(totalsOf(body)).toEqual({
      subtotalMinor: 6400,
      discountMinor: 840,
      shippingMinor: 500,
      taxMinor: 348,
      totalMinor: 6408,
    });
    expect(body.inconsistencies).toEqual([]);
  });

  it('keeps every discount of every line with its name', () => {
    expect(body.lines.map((line) => line.discounts)).toEqual([
      [{ code: 'SPRING10', amountMinor: 400 }],
      [
        { code: 'SPRING10', amountMinor: 140 },
        { code: 'Notebook days', amountMinor: 200 },
      ],
      [{ code: 'SPRING10', amountMinor: 100 }],
    ]);
  });

  it('adds up: lines and shipping are the total', () => {
    const lines = body.lines.reduce((sum, line) => sum + line.totalMinor, 0);

    expect(lines + body.shippingMinor).toBe(body.totalMinor);
    expect(body.lines.map(({ taxMinor, taxRate }) => [taxMinor, taxRate])).toEqual([
      [225, '0.0625'],
      [66, '0.0625'],
      [57, '0.0625'],
    ]);
  });

  it('keeps who, where and when', () => {
    expect(body).toMatchObject({
      externalId: '5550001',
      externalNo: '#2001',
      placedAt: '2026-03-01T14:30:05.000Z',
      customer: {
        email: 'mira@example.com',
        name: 'Mira Solberg',
        externalId: '7700001',
        isEmailVerified: true,
      },
      shippingAddress: { line1: '14 Harbour Road', region: 'MA', country: 'US', line2: null },
      shippingMethod: 'standard',
    });
  });
});

describe('the amounts of a document', () => {
  it('are shop money where the shopper paid in another currency, which is kept beside it', () => {
    const document = aShopifyOrder({
      presentment_currency: 'JPY',
      total_line_items_price_set: money('64.00', { amount: '9600', currency: 'JPY' }),
      total_discounts_set: money('8.40', { amount: '1260', currency: 'JPY' }),
      total_shipping_price_set: money('5.00', { amount: '750', currency: 'JPY' }),
      total_tax_set: money('3.48', { amount: '522', currency: 'JPY' }),
      total_price: '9612',
      total_price_set: money('64.08', { amount: '9612', currency: 'JPY' }),
    });

    const body = map(document);

    expect(body.totalMinor).toBe(6408);
    expect(body.presentment).toEqual({
      currency: 'JPY',
      subtotalMinor: 9600,
      discountMinor: 1260,
      shippingMinor: 750,
      taxMinor: 522,
      totalMinor: 9612,
    });
  });

  it.each([
    ['JPY', '1200', 1200],
    ['JPY', '1200.00', 1200],
    ['KWD', '1.234', 1234],
    ['USD', '12.5', 1250],
  ])('follow the exponent of %s: %s is %d', (currency, price, minor) => {
    const document = {
      id: 1,
      currency,
      line_items: [{ title: 'A', quantity: 1, price }],
      total_price: price,
    };

    const body = map(document);

    expect(body.totalMinor).toBe(minor);
    expect(body.inconsistencies).toEqual([]);
  });

  it('that no currency has are taken as near as can be, and flagged', () => {
    const body = map(aShopifyOrder({ total_price: '64.0849' }));

    expect(body.totalMinor).toBe(6408);
    expect(body.inconsistencies).toEqual(['total_price "64.0849" is no amount of USD']);
  });

  it('below zero count as nothing, and are flagged', () => {
    const lines = [aShopifyLine({ price: '-3.00' })];

    const body = map({ id: 1, currency: 'USD', line_items: lines });

    expect(body.totalMinor).toBe(0);
    expect(body.inconsistencies).toEqual(['price is below zero']);
  });
});

describe('a document whose figures do not add up', () => {
  it('is kept as given and flagged', () => {
    const body = map(aShopifyOrder({ total_price: '99.99', total_line_items_price: '60.00' }));

    expect(body).toMatchObject({ totalMinor: 9999, subtotalMinor: 6000 });
    expect(body.lines.map((line) => line.quantity)).toEqual([2, 1, 1]);
    expect(body.inconsistencies).toEqual([
      'total_line_items_price is 60.00 USD, its parts give 64.00 USD',
      'subtotal_price is 55.60 USD, its parts give 51.60 USD',
      'total_price is 99.99 USD, its parts give 60.08 USD',
    ]);
  });

  it('is flagged where a line is discounted by more than it is worth', () => {
    const line = aShopifyLine({
      price: '5.00',
      discount_allocations: [{ amount: '7.00', discount_application_index: 0 }],
    });

    const body = map({ id: 1, currency: 'USD', line_items: [line] });

    expect(body.lines[0]).toMatchObject({ discountMinor: 500, totalMinor: 0 });
    expect(body.inconsistencies).toContain('a line is discounted by more than it is worth');
  });

  it('is flagged where a part was fulfilled at the shop already', () => {
    const body = map(aShopifyOrder({ fulfillment_status: 'partial' }));

    expect(body.entry).toBe('open');
    expect(body.inconsistencies).toEqual(['a part of the order was fulfilled at the shop already']);
  });
});

describe('taxes', () => {
  it('that prices include are part of the totals, never added', () => {
    const document = aShopifyOrder({
      currency: 'EUR',
      taxes_included: true,
      total_line_items_price: '119.00',
      total_discounts: '0.00',
      subtotal_price: '119.00',
      total_tax: '19.80',
      total_price: '124.00',
      line_items: [aShopifyLine({ price: '119.00', tax_lines: [{ rate: 0.19, price: '19.00' }] })],
      shipping_lines: [{ price: '5.00', tax_lines: [{ rate: 0.19, price: '0.80' }] }],
    });

    const body = map(document);

    expect(body).toMatchObject({
      taxIncluded: true,
      totalMinor: 12400,
      taxMinor: 1980,
      shippingTaxMinor: 80,
    });
    expect(body.lines[0]?.totalMinor).toBe(11900);
    expect(body.shippingTaxRate).toBe('0.19');
    expect(body.inconsistencies).toEqual([]);
  });

  it('of several kinds on one line are added, and so are their rates', () => {
    const line = aShopifyLine({
      price: '100.00',
      tax_lines: [
        { rate: 0.0725, price: '7.25' },
        { rate: 0.01625, price: '1.63' },
      ],
    });

    const body = map({ id: 1, currency: 'USD', line_items: [line], total_tax: '8.88' });

    expect(body.lines[0]).toMatchObject({ taxMinor: 888, taxRate: '0.08875' });
  });

  it('named for the order alone are spread over what is taxable', () => {
    const lines = [
      aShopifyLine({ price: '30.00' }),
      aShopifyLine({ price: '10.00' }),
      aShopifyLine({ price: '50.00', taxable: false }),
    ];

    const body = map({
      id: 1,
      currency: 'USD',
      line_items: lines,
      total_tax: '2.50',
      tax_lines: [{ rate: 0.0625, price: '2.50' }],
      total_price: '92.50',
    });

    expect(body.lines.map((line) => line.taxMinor)).toEqual([188, 62, 0]);
    expect(body.inconsistencies).toEqual([]);
  });
});

describe('discounts', () => {
  it('named for the order alone are spread over the lines by value', () => {
    const lines = [aShopifyLine({ price: '30.00' }), aShopifyLine({ price: '10.00' })];

    const body = map({
      id: 1,
      currency: 'USD',
      line_items: lines,
      total_discounts: '10.00',
      discount_codes: [{ code: 'TEN', amount: '10.00' }],
      total_price: '30.00',
    });

    expect(body.lines.map((line) => line.discounts)).toEqual([
      [{ code: 'TEN', amountMinor: 750 }],
      [{ code: 'TEN', amountMinor: 250 }],
    ]);
    expect(body.inconsistencies).toEqual([]);
  });

  it('on shipping lower the shipping, not the goods', () => {
    const document = aShopifyOrder({
      total_discounts: '13.40',
      total_price: '59.08',
      shipping_lines: [
        { code: 'Standard', price: '5.00', discounted_price: '0.00', tax_lines: [] },
      ],
    });

    const body = map(document);

    expect(body).toMatchObject({ shippingMinor: 0, discountMinor: 840, totalMinor: 5908 });
    expect(body.inconsistencies).toEqual([]);
  });
});

describe('fees', () => {
  it('tips and duties are kept apart and are in the total', () => {
    const document = aShopifyOrder({
      total_tip_received: '3.00',
      original_total_duties_set: money('4.50'),
      total_price: '71.58',
    });

    const body = map(document);

    expect(body.fees).toEqual([
      { kind: 'tip', amountMinor: 300 },
      { kind: 'duties', amountMinor: 450 },
    ]);
    expect(body).toMatchObject({ totalMinor: 7158, inconsistencies: [] });
  });

  it('a tip among the lines is no line of ours', () => {
    const tip = {
      title: 'Tip',
      quantity: 1,
      price: '3.00',
      tip_payment_gateway: 'shopify_payments',
    };

    const body = map({
      id: 1,
      currency: 'USD',
      line_items: [aShopifyLine(), tip],
      total_price: '23.00',
    });

    expect(body.lines).toHaveLength(1);
    expect(body.fees).toEqual([{ kind: 'tip', amountMinor: 300 }]);
    expect(body.inconsistencies).toEqual([]);
  });
});

describe('lines', () => {
  it('without a SKU are kept with title and price', () => {
    const gift = aShopifyLine({ sku: '', title: 'Surprise gift', name: null, price: '0.00' });

    const body = map({ id: 1, currency: 'USD', line_items: [gift] });

    expect(body.lines[0]).toMatchObject({ sku: null, title: 'Surprise gift', unitPriceMinor: 0 });
  });

  it('that are not shipped need no shipping method and no address', () => {
    const document = aShopifyOrder({
      line_items: [aShopifyLine({ requires_shipping: false })],
      shipping_address: null,
    });

    const body = map(document);

    expect(body.lines[0]?.requiresShipping).toBe(false);
    expect(body).toMatchObject({ shippingAddress: null, shippingMethod: null });
  });

  it.each([[-1], [1.5], ['2'], [1e20], [null]])(
    'of quantity %p count as none, flagged',
    (quantity) => {
      const body = map({ id: 1, currency: 'USD', line_items: [aShopifyLine({ quantity })] });

      expect(body.lines[0]?.quantity).toBe(0);
      expect(body.inconsistencies).toEqual(['a line has no usable quantity or price']);
    },
  );
});

describe('the state a document comes in', () => {
  it.each([
    ['paid', null, null, 'open', 'paid'],
    ['authorized', null, null, 'open', 'authorized'],
    ['pending', null, null, 'open', 'awaited'],
    ['partially_paid', null, null, 'open', 'awaited'],
    ['paid', 'fulfilled', null, 'completed', 'paid'],
    ['refunded', null, null, 'canceled', 'paid'],
    ['refunded', 'fulfilled', null, 'completed', 'paid'],
    ['voided', null, null, 'canceled', 'awaited'],
    ['pending', null, '2026-03-02T10:00:00Z', 'canceled', 'awaited'],
  ])(
    '%s, fulfilment %s, canceled %s: enters %s, money %s',
    (financial, fulfillment, canceledAt, entry, payment) => {
      const document = aShopifyOrder({
        financial_status: financial,
        fulfillment_status: fulfillment,
        cancelled_at: canceledAt,
      });

      const body = map(document);

      expect(body).toMatchObject({ entry, sourcePayment: payment });
    },
  );

  it('an order that costs nothing awaits no money', () => {
    const line = aShopifyLine({ price: '0.00' });

    const body = map({ id: 1, currency: 'USD', line_items: [line], financial_status: 'pending' });

    expect(body.sourcePayment).toBe('paid');
  });

  it('a cancel gives when and why', () => {
    const document = aShopifyOrder({
      cancelled_at: '2026-03-02T10:00:00Z',
      cancel_reason: 'customer',
    });

    expect(readShopifyCancel(document)).toEqual({
      entry: 'canceled',
      canceledAt: '2026-03-02T10:00:00.000Z',
      cancelReason: 'customer',
    });
  });
});

describe('the customer', () => {
  it('is unverified only where the shop says so', () => {
    const customer = { id: 1, verified_email: false };

    expect(map(aShopifyOrder({ customer })).customer.isEmailVerified).toBe(false);
    expect(map(aShopifyOrder({ customer: null })).customer.isEmailVerified).toBe(true);
  });

  it('may be nobody', () => {
    const document = {
      id: 1,
      currency: 'USD',
      line_items: [aShopifyLine()],
      customer: null,
      email: '',
    };

    expect(map(document).customer).toEqual({
      email: null,
      phone: null,
      name: null,
      locale: null,
      externalId: null,
      isEmailVerified: true,
    });
  });

  it('keeps names of any script, and no locale that is none', () => {
    const shipping = aShopifyAddress({ name: '王小明 🎁', country_code: 'cn' });

    const body = map(aShopifyOrder({ shipping_address: shipping, customer_locale: 'not a tag' }));

    expect(body.shippingAddress).toMatchObject({ name: '王小明 🎁', country: 'CN' });
    expect(body.customer.locale).toBeNull();
  });
});

describe('what cannot be an order', () => {
  it.each([
    [null, 'the document has no order id'],
    [[], 'the document has no order id'],
    ['text', 'the document has no order id'],
    [{ id: 1 }, 'the currency is unknown'],
    [{ id: 1, currency: 'ZZZ', line_items: [{}] }, 'the currency is unknown'],
    [{ id: 1, currency: 'USD', line_items: [] }, 'the order has no lines'],
  ])('%j: %s', (document, reason) => {
    expect(toShopifyIntake(document)).toEqual({ kind: 'unusable', reason });
  });

  it('nothing in a field of the wrong type breaks the mapping', () => {
    const document = {
      id: 1,
      currency: 'usd',
      line_items: [{ price: {}, quantity: [], tax_lines: 'x', discount_allocations: {} }],
      shipping_lines: null,
      customer: 5,
      shipping_address: [],
      total_price: { amount: 1 },
    };

    expect(map(document)).toMatchObject({ currency: 'USD', totalMinor: 0, shippingAddress: null });
  });

  it('finds the id in a bare and in a wrapped document', () => {
    expect(readShopifyOrderId({ id: 6_000_000_000_001 })).toBe('6000000000001');
    expect(readShopifyOrderId({ order: { id: 7 } })).toBe('7');
    expect(readShopifyOrderId({})).toBeNull();
  });
});
