import fc from 'fast-check';
import { applyChanges, totalsOf } from './change';
import type { Change, ChangeBase, ChangeCatalogue, ChangeLine } from './change-facts';

function aLine(overrides: Partial<ChangeLine> = {}): ChangeLine {
  return {
    lineId: 'a',
    lineNo: 1,
    sku: 'MUG',
    title: 'Mug',
    quantity: 3,
    canceled: 0,
    shipped: 0,
    unitPriceMinor: 1000,
    discountMinor: 500,
    discounts: [
      { id: 'd1', code: 'FIX', type: 'fixed', valuePercent: null, amountMinor: 200 },
      { id: 'd2', code: 'TEN', type: 'percent', valuePercent: 10, amountMinor: 300 },
    ],
    taxMinor: 250,
    taxRate: '0.1',
    taxCategory: 'standard',
    totalMinor: 2750,
    weightGrams: 100,
    requiresShipping: true,
    kitParts: [],
    ...overrides,
  };
}

const PLAIN = aLine({
  lineId: 'b',
  lineNo: 2,
  sku: 'PEN',
  quantity: 2,
  unitPriceMinor: 333,
  discountMinor: 0,
  discounts: [],
  // Not what the rate says: frozen is frozen.
  taxMinor: 65,
  totalMinor: 731,
});

function anOrder(overrides: Partial<ChangeBase> = {}): ChangeBase {
  return {
    currency: 'USD',
    taxIncluded: false,
    lines: [aLine(), PLAIN],
    shippingMethod: 'standard',
    shippingMinor: 500,
    shippingTaxMinor: 50,
    shippingTaxRate: '0.1',
    totalMinor: 2750 + 731 + 550,
    shipTo: { line1: '1 Main St', country: 'US', region: 'MA' },
    billTo: null,
    priority: 'normal',
    promisedBy: null,
    ...overrides,
  };
}

const CATALOGUE: ChangeCatalogue = {
  products: [
    {
      sku: 'BOWL',
      title: 'Bowl',
      taxCategory: 'standard',
      weightGrams: 400,
      backorder: 'deny',
      active: true,
      kitParts: [],
      priceMinor: 1500,
    },
  ],
  shipping: {
    code: 'express',
    title: 'Express',
    carrier: 'sandbox',
    service: 'express',
    priceMinor: 1200,
    taxCategory: 'shipping',
  },
  hasShippingMethodElsewhere: true,
  pricesIncludeTax: false,
  taxRates: [
    { country: 'US', region: 'MA', category: 'standard', rate: '0.1' },
    { country: 'US', region: 'NY', category: 'standard', rate: '0.2' },
  ],
};

function change(...changes: Change[]): ChangeBase {
  return applyChanges(anOrder(), changes, CATALOGUE);
}

describe('applyChanges', () => {
  it('lowers a line: its frozen discounts by the rounding rule, its tax with its value', () => {
    const { lines, totalMinor } = change({ type: 'setQuantity', lineId: 'a', quantity: 2 });

    expect(lines[0]).toMatchObject({
      quantity: 2,
      discountMinor: 333,
      discounts: [{ amountMinor: 133 }, { amountMinor: 200 }],
      taxMinor: 167,
      totalMinor: 1834,
    });
    expect(lines[1]).toEqual(PLAIN);
    expect(totalMinor).toBe(1834 + 731 + 550);
  });

  it('raises a line: percent shares grow with it, fixed ones stay', () => {
    const [line] = change({ type: 'setQuantity', lineId: 'a', quantity: 6 }).lines;

    expect(line).toMatchObject({
      discountMinor: 800,
      discounts: [{ amountMinor: 200 }, { amountMinor: 600 }],
      taxMinor: 520,
      totalMinor: 5720,
    });
  });

  it('takes a line off: it stays listed with quantity and sums 0', () => {
    const { lines, totalMinor } = change({ type: 'setQuantity', lineId: 'a', quantity: 0 });

    expect(lines[0]).toMatchObject({ quantity: 0, discountMinor: 0, taxMinor: 0, totalMinor: 0 });
    expect(totalMinor).toBe(731 + 550);
  });

  it('adds a line at the catalogue’s price, or a given one, with no old discount', () => {
    const { lines } = change(
      { type: 'addLine', sku: 'BOWL', quantity: 2, unitPriceMinor: null },
      { type: 'addLine', sku: 'BOWL', quantity: 1, unitPriceMinor: 999 },
    );

    expect(lines.slice(2)).toMatchObject([
      {
        lineId: null,
        lineNo: 3,
        unitPriceMinor: 1500,
        discountMinor: 0,
        taxMinor: 300,
        totalMinor: 3300,
      },
      { lineNo: 4, unitPriceMinor: 999, taxMinor: 100, totalMinor: 1099 },
    ]);
  });

  it('spreads a discount over what lines are worth after theirs, ties by line number', () => {
    const discount = { code: 'SORRY', type: 'fixed', valueMinor: 1 } as const;
    const lines = [PLAIN, { ...PLAIN, lineId: 'c', lineNo: 3 }].toReversed();
    const order = applyChanges(
      anOrder({ lines }),
      [{ type: 'applyDiscount', discount }],
      CATALOGUE,
    );

    expect(order.lines.map(({ lineNo, discountMinor }) => [lineNo, discountMinor])).toEqual([
      [3, 0],
      [2, 1],
    ]);
  });

  it('discounts named lines alone, by percent, and never more than there is', () => {
    const tenth = { code: 'P', type: 'percent', valuePercent: 12.5 } as const;
    const much = { code: 'F', type: 'fixed', valueMinor: 999_999 } as const;
    const { lines } = change(
      { type: 'applyDiscount', discount: tenth, lineIds: ['a'] },
      { type: 'applyDiscount', discount: much, lineIds: ['b'] },
    );

    expect(lines[0]).toMatchObject({ discountMinor: 813, taxMinor: 219 });
    expect(lines[1]).toMatchObject({ discountMinor: 666, taxMinor: 0, totalMinor: 0 });
  });

  it('takes the shipping method’s price and tax', () => {
    expect(change({ type: 'setShippingMethod', shippingMethod: 'express' })).toMatchObject({
      shippingMethod: 'express',
      shippingMinor: 1200,
      shippingTaxMinor: 120,
      totalMinor: 2750 + 731 + 1320,
    });
  });

  it('leaves taxes alone in the same tax area, and computes all of them anew in another', () => {
    const near = { line1: '2 Main St', country: 'US', region: 'ma' };
    const far = { line1: '2 Main St', country: 'US', region: 'NY' };

    const same = change({ type: 'setAddress', shippingAddress: near });
    const other = change({ type: 'setAddress', shippingAddress: far });

    expect(same.lines.map(({ taxMinor }) => taxMinor)).toEqual([250, 65]);
    expect(same.totalMinor).toBe(anOrder().totalMinor);
    expect(other.lines.map(({ taxMinor }) => taxMinor)).toEqual([500, 133]);
    expect(other).toMatchObject({ shippingTaxMinor: 100, shippingTaxRate: '0.2' });
    expect(other.totalMinor).toBe(2500 + 666 + 500 + 733);
  });

  it('sets addresses, priority and promise; what is left out stays', () => {
    const billingAddress = { line1: '9 Elm St', country: 'US' };
    const order = change(
      { type: 'setAddress', billingAddress },
      { type: 'setPriority', priority: 'urgent', promisedBy: '2026-12-01T00:00:00Z' },
    );

    expect(order).toMatchObject({ billTo: billingAddress, priority: 'urgent' });
    expect(order.shipTo).toEqual(anOrder().shipTo);
    expect(totalsOf(order)).toEqual(totalsOf(anOrder()));
  });

  it.each<[string, Change[]]>([
    ['changes.0.lineId', [{ type: 'setQuantity', lineId: 'x', quantity: 1 }]],
    ['changes.0.sku', [{ type: 'addLine', sku: 'NONE', quantity: 1, unitPriceMinor: null }]],
    ['changes.0.shippingMethod', [{ type: 'setShippingMethod', shippingMethod: 'drone' }]],
    [
      'changes.0.lineIds.1',
      [
        {
          type: 'applyDiscount',
          discount: { code: 'X', type: 'fixed', valueMinor: 1 },
          lineIds: ['a', 'x'],
        },
      ],
    ],
    [
      'changes.1.type',
      [
        { type: 'setQuantity', lineId: 'a', quantity: 1 },
        { type: 'setQuantity', lineId: 'a', quantity: 2 },
      ],
    ],
    [
      'changes',
      [
        { type: 'setQuantity', lineId: 'a', quantity: 0 },
        { type: 'setQuantity', lineId: 'b', quantity: 0 },
      ],
    ],
  ])('refuses %s', (path, changes) => {
    expect(() => change(...changes)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        errors: [expect.objectContaining({ path })],
      }),
    );
  });

  it('refuses to go below what is handed over or canceled', () => {
    const lines = [aLine({ shipped: 1, canceled: 1 })];
    const changes = [{ type: 'setQuantity', lineId: 'a', quantity: 1 } as const];

    expect(() => applyChanges(anOrder({ lines }), changes, CATALOGUE)).toThrow('not possible');
  });

  it('keeps all sums whatever the changes, and gives the same figures again', () => {
    const quantities = fc.nat({ max: 20 });
    const wishes = fc.array(
      fc.oneof(
        quantities.map((quantity): Change => ({ type: 'setQuantity', lineId: 'a', quantity })),
        quantities.map((n): Change => ({
          type: 'addLine',
          sku: 'BOWL',
          quantity: n + 1,
          unitPriceMinor: n * 7,
        })),
        fc.nat({ max: 5000 }).map((valueMinor): Change => ({
          type: 'applyDiscount',
          discount: { code: 'F', type: 'fixed', valueMinor },
        })),
        fc.integer({ min: 0, max: 100 }).map((valuePercent): Change => ({
          type: 'applyDiscount',
          discount: { code: 'P', type: 'percent', valuePercent },
        })),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(wishes, fc.boolean(), (raw, taxIncluded) => {
        let isSet = false;
        const changes = raw.filter(({ type }) => {
          const isTwice = type === 'setQuantity' && isSet;
          isSet ||= type === 'setQuantity';
          return !isTwice;
        });
        const lines = anOrder().lines.map((line) => ({
          ...line,
          totalMinor: line.totalMinor - (taxIncluded ? line.taxMinor : 0),
        }));
        const base = anOrder({
          taxIncluded,
          lines,
          totalMinor: sumOf(lines) + (taxIncluded ? 500 : 550),
        });
        const catalogue = { ...CATALOGUE, pricesIncludeTax: taxIncluded };

        const order = applyChanges(base, changes, catalogue);

        for (const line of order.lines) {
          const parts = line.discounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
          expect(parts).toBe(line.discountMinor);
          expect(line.discountMinor).toBeLessThanOrEqual(line.unitPriceMinor * line.quantity);
          const tax = taxIncluded ? 0 : line.taxMinor;
          expect(line.totalMinor).toBe(
            line.unitPriceMinor * line.quantity - line.discountMinor + tax,
          );
        }
        const shipping = order.shippingMinor + (taxIncluded ? 0 : order.shippingTaxMinor);
        expect(order.totalMinor).toBe(sumOf(order.lines) + shipping);
        expect(applyChanges(base, changes, catalogue)).toEqual(order);
      }),
      { numRuns: 500 },
    );
  });
});

function sumOf(lines: readonly { readonly totalMinor: number }[]): number {
  return lines.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
}
