import fc from 'fast-check';
import { DomainError } from './errors';
import { priceOrder, type PricingInput, type PricingLine } from './pricing';

function aLine(overrides: Partial<PricingLine> = {}): PricingLine {
  return {
    lineNo: 1,
    sku: 'MUG-RED',
    title: 'Red mug',
    taxCategory: 'standard',
    quantity: 2,
    unitPriceMinor: 1299,
    weightGrams: 350,
    ...overrides,
  };
}

function anOrder(overrides: Partial<PricingInput> = {}): PricingInput {
  return {
    currency: 'USD',
    taxIncluded: false,
    lines: [aLine()],
    discounts: [],
    shipping: { code: 'standard', priceMinor: 500, taxCategory: 'standard' },
    taxRates: { standard: '0.0625', food: '0', books: '0.07' },
    ...overrides,
  };
}

describe('priceOrder', () => {
  it('adds tax where prices do not include it', () => {
    const priced = priceOrder(anOrder());

    expect(priced).toMatchObject({
      subtotalMinor: 2598,
      discountMinor: 0,
      shippingMinor: 500,
      shippingTaxMinor: 31,
      taxMinor: 193,
      totalMinor: 3291,
    });
    expect(priced.lines[0]).toMatchObject({ taxRate: '0.0625', taxMinor: 162, totalMinor: 2760 });
  });

  it('names the tax and adds nothing where prices include it', () => {
    const taxRates = { standard: '0.19' };

    const priced = priceOrder(anOrder({ taxIncluded: true, taxRates }));

    expect(priced).toMatchObject({ shippingTaxMinor: 80, taxMinor: 495, totalMinor: 3098 });
    expect(priced.lines[0]).toMatchObject({ taxMinor: 415, totalMinor: 2598 });
  });

  it('taxes each line by its own category', () => {
    const lines = [aLine({ taxCategory: 'food' }), aLine({ lineNo: 2, taxCategory: 'books' })];

    const priced = priceOrder(anOrder({ lines }));

    expect(priced.lines.map((line) => line.taxMinor)).toEqual([0, 182]);
  });

  it('spreads a fixed discount by largest remainder, ties to the earlier line', () => {
    const lines = [1, 2, 3].map((lineNo) => aLine({ lineNo, quantity: 1, unitPriceMinor: 1000 }));
    const discounts = [{ code: 'WELCOME', type: 'fixed' as const, valueMinor: 500 }];

    const priced = priceOrder(anOrder({ lines, discounts }));

    expect(priced.lines.map((line) => line.discountMinor)).toEqual([167, 167, 166]);
    expect(priced.lines[2]?.discounts).toEqual([
      { code: 'WELCOME', type: 'fixed', amountMinor: 166 },
    ]);
    expect(priced.discountMinor).toBe(500);
  });

  it.each([
    ['fixed first', ['fixed', 'percent'], [1000, 900]],
    ['percent first', ['percent', 'fixed'], [1000, 1000]],
  ])('applies discounts in the given order: %s', (_case, order, amounts) => {
    const lines = [aLine({ quantity: 1, unitPriceMinor: 10_000 })];
    const all = {
      fixed: { code: 'F', type: 'fixed' as const, valueMinor: 1000 },
      percent: { code: 'P', type: 'percent' as const, valuePercent: 10 },
    };
    const discounts = order.map((type) => (type === 'fixed' ? all.fixed : all.percent));

    const priced = priceOrder(anOrder({ lines, discounts }));

    expect(priced.lines[0]?.discounts.map((d) => d.amountMinor)).toEqual(amounts);
  });

  it('takes percent with decimals exactly, half up', () => {
    const lines = [aLine({ quantity: 1, unitPriceMinor: 1004 })];
    const discounts = [{ code: 'P', type: 'percent' as const, valuePercent: 12.5 }];

    expect(priceOrder(anOrder({ lines, discounts })).discountMinor).toBe(126);
  });

  it('never discounts more than is left', () => {
    const discounts = [
      { code: 'BIG', type: 'fixed' as const, valueMinor: 999_999 },
      { code: 'MORE', type: 'percent' as const, valuePercent: 50 },
    ];

    const priced = priceOrder(anOrder({ discounts }));

    expect(priced.lines[0]).toMatchObject({ discountMinor: 2598, taxMinor: 0, totalMinor: 0 });
    expect(priced.lines[0]?.discounts.map((d) => d.code)).toEqual(['BIG']);
    expect(priced.totalMinor).toBe(531);
  });

  it.each([
    ['a line', [aLine({ unitPriceMinor: Number.MAX_SAFE_INTEGER })], 'lines.0.quantity'],
    [
      'the order',
      [1, 2].map((lineNo) => aLine({ lineNo, quantity: 1, unitPriceMinor: 2 ** 53 - 1 })),
      'lines',
    ],
  ])('refuses figures of %s that would not be exact', (_case, lines, path) => {
    const price = () => priceOrder(anOrder({ lines }));

    expect(price).toThrow(DomainError);
    expect(price).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ path })] }));
  });

  it('throws when a category was not resolved', () => {
    expect(() => priceOrder(anOrder({ taxRates: {} }))).toThrow(RangeError);
  });
});

describe('priceOrder, for any order', () => {
  const lines = fc
    .array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 1000 }),
        unitPriceMinor: fc.nat({ max: 10 ** 7 }),
        taxCategory: fc.constantFrom('standard', 'food', 'books'),
      }),
      { minLength: 1, maxLength: 20 },
    )
    .map((rows) => rows.map((row, index) => aLine({ ...row, lineNo: index + 1 })));
  const discounts = fc.array(
    fc.oneof(
      fc.record({
        code: fc.constant('F'),
        type: fc.constant('fixed' as const),
        valueMinor: fc.nat({ max: 10 ** 9 }),
      }),
      fc.record({
        code: fc.constant('P'),
        type: fc.constant('percent' as const),
        valuePercent: fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100),
      }),
    ),
    { maxLength: 4 },
  );
  const orders = fc
    .record({ lines, discounts, taxIncluded: fc.boolean(), priceMinor: fc.nat({ max: 10 ** 6 }) })
    .map(({ priceMinor, ...rest }) =>
      anOrder({ ...rest, shipping: { code: 's', priceMinor, taxCategory: 'standard' } }),
    );

  it('the sums of the contract hold', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const priced = priceOrder(order);

        const added = (taxMinor: number) => (order.taxIncluded ? 0 : taxMinor);
        const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
        for (const line of priced.lines) {
          const value = line.unitPriceMinor * line.quantity - line.discountMinor;
          expect(line.totalMinor).toBe(value + added(line.taxMinor));
          expect(line.discountMinor).toBe(sum(line.discounts.map((d) => d.amountMinor)));
          expect(value).toBeGreaterThanOrEqual(0);
        }
        expect(priced.taxMinor).toBe(
          sum(priced.lines.map((line) => line.taxMinor)) + priced.shippingTaxMinor,
        );
        expect(priced.totalMinor).toBe(
          sum(priced.lines.map((line) => line.totalMinor)) +
            priced.shippingMinor +
            added(priced.shippingTaxMinor),
        );
        expect(priced.totalMinor).toBe(
          priced.subtotalMinor -
            priced.discountMinor +
            priced.shippingMinor +
            added(priced.taxMinor),
        );
      }),
    );
  });

  it('a fixed discount alone is taken in full or up to the subtotal', () => {
    fc.assert(
      fc.property(orders, fc.nat({ max: 10 ** 9 }), (order, valueMinor) => {
        const given = [{ code: 'F', type: 'fixed' as const, valueMinor }];

        const priced = priceOrder({ ...order, discounts: given });

        expect(priced.discountMinor).toBe(Math.min(valueMinor, priced.subtotalMinor));
      }),
    );
  });
});
