import { aShopifyLine, aShopifyOrder } from '../../test/fixtures/shopify-orders';
import { priceBasket, toPricedOrder, toReviewFacts } from './intake';
import type { ApiIntake, IntakeBody } from './intake-body';
import { findLacking } from './intake-check';
import type { CatalogueFacts, IntakeFacts, ProductFacts } from './intake-facts';
import { toShopifyIntake } from './shopify';

const ADDRESS = { line1: '1 Main St', city: 'Boston', region: 'ma', country: 'US' };

function aProduct(sku: string, overrides: Partial<ProductFacts> = {}): ProductFacts {
  return {
    sku,
    title: `The ${sku}`,
    taxCategory: 'standard',
    weightGrams: 300,
    kitParts: [],
    backorder: 'deny',
    active: true,
    priceMinor: 1000,
    ...overrides,
  };
}

function aCatalogue(overrides: Partial<CatalogueFacts> = {}): CatalogueFacts {
  return {
    products: [aProduct('A'), aProduct('B', { taxCategory: 'food', priceMinor: 500 })],
    shipping: {
      code: 'standard',
      title: 'Standard',
      carrier: 'sandbox',
      service: 'ground',
      priceMinor: 600,
      taxCategory: 'shipping',
    },
    hasShippingMethodElsewhere: true,
    pricesIncludeTax: false,
    taxRates: [
      { country: 'US', region: 'MA', category: 'standard', rate: '0.0625' },
      { country: 'US', region: 'MA', category: 'food', rate: '0' },
      { country: 'US', region: 'MA', category: 'shipping', rate: '0' },
    ],
    ...overrides,
  };
}

function anIntake(overrides: Partial<ApiIntake> = {}): ApiIntake {
  return {
    source: 'api',
    channel: 'web',
    externalId: 'W-1',
    currency: 'USD',
    placedAt: null,
    customer: { email: 'a@example.com', phone: null, name: 'Ada', locale: null },
    lines: [
      { sku: 'A', quantity: 2, unitPriceMinor: null },
      { sku: 'B', quantity: 1, unitPriceMinor: 450 },
    ],
    discounts: [],
    shippingAddress: ADDRESS,
    billingAddress: null,
    shippingMethod: 'standard',
    payment: { method: 'cod' },
    note: null,
    priority: 'normal',
    promisedBy: null,
    ...overrides,
  };
}

function aFacts(body: IntakeBody, overrides: Partial<IntakeFacts> = {}): IntakeFacts {
  return {
    intake: {
      id: 'i',
      orderId: 'o',
      orderNo: 'T1',
      door: 'api',
      channel: body.channel,
      externalId: body.externalId,
      status: 'accepted',
      actorType: 'api_key',
      actorId: 'k',
      requestId: null,
      createdAt: '2026-01-01T00:00:00.000Z',
    },
    body,
    catalogue: aCatalogue(),
    stock: [],
    rules: {
      reviewAmountAboveMinor: {},
      reviewFirstOrderAboveMinor: {},
      financeReviewAboveMinor: {},
      reviewQuantityAbove: null,
      reviewVelocity: null,
    },
    trustedChannels: ['web', 'shopify'],
    history: { ordersInWindow: 1, hasEarlierOrder: false },
    queuedSkus: [],
    ...overrides,
  };
}

function shopify(overrides: Record<string, unknown> = {}): IntakeBody {
  const mapping = toShopifyIntake(aShopifyOrder(overrides));
  if (mapping.kind === 'unusable') throw new Error(mapping.reason);
  return mapping.body;
}

describe('priceBasket', () => {
  it("takes the line's own price before the catalogue's, and the region's rates in any case", () => {
    const priced = priceBasket(anIntake(), aCatalogue());

    expect(priced.lines.map((line) => [line.unitPriceMinor, line.taxMinor])).toEqual([
      [1000, 125],
      [450, 0],
    ]);
    expect(priced.totalMinor).toBe(2000 + 125 + 450 + 600);
  });
});

describe('toPricedOrder of an order that is priced by us', () => {
  it('freezes each discount on the lines it reached', () => {
    const discounts: ApiIntake['discounts'] = [
      { code: 'TEN', type: 'percent', valuePercent: 10 },
      { code: 'OFF', type: 'fixed', valueMinor: 100 },
    ];

    const { lines, header } = toPricedOrder(aFacts(anIntake({ discounts })));

    expect(lines[0]?.discounts).toEqual([
      { source: 'merchant', code: 'TEN', type: 'percent', valuePercent: 10, amountMinor: 200 },
      { source: 'merchant', code: 'OFF', type: 'fixed', valuePercent: null, amountMinor: 82 },
    ]);
    expect(header.discountMinor).toBe(245 + 100);
  });

  it('is placed when it was accepted, in the customer’s language, where the body does not say', () => {
    const { header } = toPricedOrder(aFacts(anIntake()));

    expect(header).toMatchObject({
      placedAt: '2026-01-01T00:00:00.000Z',
      locale: null,
      origin: 'checkout',
    });
  });

  it('costs nothing, shipping neither, where it sends again what did not arrive', () => {
    const resendOf = { orderId: 'o-1', shipmentId: 's-1' };
    const free = anIntake().lines.map((line) => ({ ...line, unitPriceMinor: 0 }));
    const { header, findings } = toPricedOrder(aFacts(anIntake({ lines: free, resendOf })));

    expect(header).toMatchObject({ totalMinor: 0, origin: 'resend', sourceMetadata: { resendOf } });
    expect(findings).toEqual([]);
  });

  it.each([
    [['web'], true],
    [['pos'], false],
  ])('trusts its e-mail by the channel: %j', (trustedChannels, isEmailVerified) => {
    const { header } = toPricedOrder(aFacts(anIntake(), { trustedChannels }));

    expect(header.isEmailVerified).toBe(isEmailVerified);
  });

  it('is held, never refused, when the catalogue has lost something since', () => {
    const catalogue = aCatalogue({
      products: [aProduct('A', { priceMinor: null })],
      shipping: null,
    });

    const order = toPricedOrder(aFacts(anIntake(), { catalogue }));

    expect(order.findings.map((finding) => [finding.code, finding.verdict])).toEqual([
      ['unknown_sku', 'hold'],
      ['totals_inconsistent', 'hold'],
    ]);
    expect(order.lines.map((line) => [line.isKnownSku, line.title, line.unitPriceMinor])).toEqual([
      [true, 'The A', 0],
      [false, 'B', 450],
    ]);
  });
});

describe("toPricedOrder of a shop's document", () => {
  it('keeps the totals and names the lines that are no product', () => {
    const order = toPricedOrder(aFacts(shopify()));

    expect(order.header).toMatchObject({ totalMinor: 6408, taxMinor: 348, isEmailVerified: true });
    expect(order.payment).toEqual({ method: 'prepaid', reference: 'shopify:5550001' });
    expect(order.findings).toEqual([
      {
        code: 'unknown_sku',
        verdict: 'hold',
        rule: 'document',
        detail: 'not in the catalogue: line 1 (MUG-RED), line 2 (NOTEBOOK-A5), line 3 (PEN-BLUE)',
      },
    ]);
  });

  it('has one finding however much does not add up', () => {
    const order = toPricedOrder(aFacts(shopify({ total_price: '1.00', total_tax: '9.00' })));

    const inconsistent = order.findings.filter(({ code }) => code === 'totals_inconsistent');
    expect(inconsistent).toHaveLength(1);
    expect(inconsistent[0]?.detail).toContain(
      'total_tax is 9.00 USD, its parts give 3.48 USD; total_price',
    );
  });

  it("takes the product's weight where the document has none", () => {
    const line_items = [aShopifyLine({ sku: 'A', grams: 0 }), aShopifyLine({ sku: null })];

    const { lines } = toPricedOrder(aFacts(shopify({ line_items })));

    expect(lines.map((line) => [line.isKnownSku, line.weightGrams])).toEqual([
      [true, 300],
      [false, 350],
    ]);
  });

  it.each([
    [{ financial_status: 'authorized' }, 'external', 'open', null, null],
    [
      { fulfillment_status: 'fulfilled', closed_at: '2026-04-01T00:00:00Z' },
      'prepaid',
      'completed',
      '2026-04-01T00:00:00.000Z',
      null,
    ],
    [{ fulfillment_status: 'fulfilled' }, 'prepaid', 'completed', '2026-03-01T14:30:05.000Z', null],
    [
      { cancelled_at: '2026-03-02T00:00:00Z' },
      'prepaid',
      'canceled',
      null,
      '2026-03-02T00:00:00.000Z',
    ],
    [{ financial_status: 'voided' }, 'external', 'canceled', null, '2026-03-01T14:30:05.000Z'],
  ])('%j is paid by %s and enters %s', (overrides, method, entry, completedAt, canceledAt) => {
    const order = toPricedOrder(aFacts(shopify(overrides)));

    expect(order.payment.method).toBe(method);
    expect(order.entry).toBe(entry);
    expect(order.header).toMatchObject({
      completedAt,
      canceledAt,
      origin: entry === 'open' ? 'checkout' : 'import',
    });
  });
});

describe('toReviewFacts', () => {
  it('gives the rules what they look at', () => {
    const facts = aFacts(anIntake({ billingAddress: { ...ADDRESS, country: 'CA' } }));

    expect(toReviewFacts(facts, toPricedOrder(facts), true)).toMatchObject({
      currency: 'USD',
      totalMinor: 3175,
      isFirstOrder: true,
      isCustomerBlocked: true,
      shippingCountry: 'US',
      billingCountry: 'CA',
      ordersInWindow: 1,
      extraFindings: [],
    });
  });
});

describe('findLacking', () => {
  it('is null for a basket that can be priced', () => {
    expect(findLacking(anIntake(), aCatalogue())).toBeNull();
  });

  it('names lines by their index', () => {
    const products = [aProduct('A', { active: false }), aProduct('B', { priceMinor: null })];
    const lines = [
      { sku: 'A', quantity: 1, unitPriceMinor: 5 },
      { sku: 'B', quantity: 1, unitPriceMinor: 5 },
      { sku: 'B', quantity: 1, unitPriceMinor: null },
      { sku: 'C', quantity: 1, unitPriceMinor: null },
    ];

    expect(findLacking(anIntake({ lines }), aCatalogue({ products }))).toEqual({
      unknownLines: [0, 3],
      unpricedLines: [2],
      hasShippingMethod: true,
      hasShippingMethodElsewhere: true,
      isTooLarge: false,
    });
  });

  it('finds amounts beyond exactness and a method without a price', () => {
    const lines = [{ sku: 'A', quantity: 100_000, unitPriceMinor: 1_000_000_000_000 }];

    const lacking = findLacking(anIntake({ lines }), aCatalogue({ shipping: null }));

    expect(lacking).toMatchObject({ isTooLarge: true, hasShippingMethod: false });
  });
});
