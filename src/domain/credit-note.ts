import {
  addUp,
  type DocumentFigures,
  type DocumentLine,
  extraLine,
  taxed,
  type TaxedAmount,
} from './document-figures';
import type { InvoicedOrder } from './invoice';

/** Where prices include tax `itemMinor` contains `taxMinor`, else it is added; the same holds for shipping. */
export interface CreditedLine {
  readonly lineId: string;
  readonly quantity: number;
  readonly itemMinor: number;
  readonly taxMinor: number;
}

/** A refund that has succeeded. */
export interface CreditedRefund {
  readonly amountMinor: number;
  readonly lines: readonly CreditedLine[];
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  /** A lump sum that belongs to no unit. */
  readonly adjustmentMinor: number;
}

/**
 * What a refund's credit note adds up to: the refund's amount, always. A lump sum is a line of its own without tax. All
 * of it counts as paid: the refund was.
 */
export function creditNoteOf(order: InvoicedOrder, refund: CreditedRefund): DocumentFigures {
  const { adjustmentMinor, amountMinor } = refund;
  const lines = refund.lines.map((line) => creditLine(order, line));
  const lump = adjustmentMinor === 0 ? [] : [extraLine('Refund', adjustmentMinor)];
  const shipping = creditedShipping(order, refund);
  const known = addUp([...lines, ...lump], shipping, 0);
  const restMinor = amountMinor - known.totalMinor;
  const rest = restMinor === 0 ? [] : [extraLine('Difference to the refund', restMinor)];
  return addUp([...lines, ...lump, ...rest], shipping, amountMinor);
}

function creditLine(
  order: InvoicedOrder,
  { lineId, quantity, itemMinor, taxMinor }: CreditedLine,
): DocumentLine {
  const line = order.lines.find(({ id }) => id === lineId);
  if (line === undefined) throw new Error('the refund names a line that the order does not have');
  const { sku, title, unitPriceMinor, taxRate } = line;
  return {
    lineId,
    sku,
    title,
    quantity,
    unitPriceMinor,
    discountMinor: unitPriceMinor * quantity - itemMinor,
    ...taxed(itemMinor, taxMinor, taxRate, order.taxIncluded),
  };
}

function creditedShipping(
  { shippingTaxRate, taxIncluded }: InvoicedOrder,
  { shippingMinor, shippingTaxMinor }: CreditedRefund,
): TaxedAmount | null {
  if (shippingMinor === 0 && shippingTaxMinor === 0) return null;
  return taxed(shippingMinor, shippingTaxMinor, shippingTaxRate, taxIncluded);
}

/** The credit note that takes back what was invoiced too much, where no refund does: nothing had been paid. */
export function correctionOf(overMinor: number): DocumentFigures {
  return addUp([extraLine('Difference to the order', overMinor)], null, 0);
}
