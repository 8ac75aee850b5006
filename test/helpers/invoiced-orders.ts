import fc from 'fast-check';

import type { InvoicedLine, InvoicedOrder } from '../../src/domain/invoice';
import { share } from '../../src/domain/money';
import { taxOf } from '../../src/domain/tax';

/** A line of two mugs; overrides win. */
export function anInvoicedLine(overrides: Partial<InvoicedLine> = {}): InvoicedLine {
  const ordered = overrides.ordered ?? 2;
  return {
    id: 'line-1',
    sku: 'MUG-RED',
    title: 'Mug',
    ordered,
    wanted: ordered,
    unitPriceMinor: 1299,
    discountMinor: 0,
    taxMinor: 162,
    taxRate: '0.0625',
    ...overrides,
  };
}

/** An order of one line; overrides win. Its current total follows from its lines, as the store derives it. */
export function anInvoicedOrder(overrides: Partial<InvoicedOrder> = {}): InvoicedOrder {
  const given = {
    currency: 'USD',
    taxIncluded: false,
    lines: [anInvoicedLine()],
    shippingMinor: 500,
    shippingTaxMinor: 31,
    shippingTaxRate: '0.0625',
    fees: [],
    capturedMinor: 0,
    ...overrides,
  };
  return { ...given, currentTotalMinor: overrides.currentTotalMinor ?? totalOf(given) };
}

function totalOf(given: Omit<InvoicedOrder, 'currentTotalMinor'>): number {
  const lines = given.lines.map(({ unitPriceMinor, ordered, discountMinor, wanted, taxMinor }) => {
    const item = unitPriceMinor * ordered - discountMinor;
    const tax = given.taxIncluded ? 0 : share(taxMinor, wanted, ordered);
    return share(item, wanted, ordered) + tax;
  });
  const fees = given.fees.map(({ amountMinor }) => amountMinor);
  const shipping = given.shippingMinor + (given.taxIncluded ? 0 : given.shippingTaxMinor);
  return [...lines, ...fees, shipping].reduce((sum, value) => sum + value, 0);
}

/** Mixed orders as the pricing rules make them: discounts, tax on top or included, cancels, shipping, fees. */
export function invoicedOrders(): fc.Arbitrary<InvoicedOrder> {
  const rate = fc.constantFrom('0', '0.0625', '0.08875', '0.13', '0.23');
  const lines = fc.array(
    fc.record({
      ordered: fc.integer({ min: 1, max: 30 }),
      canceled: fc.nat({ max: 30 }),
      unitPriceMinor: fc.nat({ max: 50_000 }),
      discountPercent: fc.nat({ max: 100 }),
      taxRate: rate,
    }),
    { minLength: 1, maxLength: 8 },
  );
  return fc
    .record({
      taxIncluded: fc.boolean(),
      lines,
      shippingMinor: fc.nat({ max: 3000 }),
      shippingTaxRate: rate,
      feeMinor: fc.nat({ max: 500 }),
      capturedShare: fc.nat({ max: 100 }),
    })
    .map(({ taxIncluded, lines: raw, shippingMinor, shippingTaxRate, feeMinor, capturedShare }) => {
      const made = raw.map(({ ordered, canceled, unitPriceMinor, discountPercent, taxRate }, n) => {
        const worth = unitPriceMinor * ordered;
        const discountMinor = share(worth, discountPercent, 100);
        const taxMinor = taxOf(worth - discountMinor, taxRate, taxIncluded);
        const wanted = Math.max(n === 0 ? 1 : 0, ordered - canceled);
        const amounts = { ordered, wanted, unitPriceMinor, discountMinor, taxMinor, taxRate };
        return anInvoicedLine({ id: `line-${String(n)}`, ...amounts });
      });
      const given = anInvoicedOrder({
        taxIncluded,
        lines: made,
        shippingMinor,
        shippingTaxRate,
        shippingTaxMinor: taxOf(shippingMinor, shippingTaxRate, taxIncluded),
        fees: feeMinor === 0 ? [] : [{ kind: 'tip', amountMinor: feeMinor }],
      });
      return { ...given, capturedMinor: share(given.currentTotalMinor, capturedShare, 100) };
    });
}
