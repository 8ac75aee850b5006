import {
  addUp,
  type DocumentFigures,
  type DocumentLine,
  extraLine,
  sumOf,
  taxed,
  type TaxedAmount,
} from './document-figures';
import { share } from './money';

/** A line of the order as it stands. */
export interface InvoicedLine {
  readonly id: string;
  readonly sku: string | null;
  readonly title: string;
  readonly ordered: number;
  /** Ordered less canceled. */
  readonly wanted: number;
  readonly unitPriceMinor: number;
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly taxRate: string;
}

export interface InvoicedOrder {
  readonly currency: string;
  readonly taxIncluded: boolean;
  readonly lines: readonly InvoicedLine[];
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  readonly shippingTaxRate: string;
  /** A shop's own charges: tips, duties. */
  readonly fees: readonly { readonly kind: string; readonly amountMinor: number }[];
  readonly currentTotalMinor: number;
  readonly capturedMinor: number;
}

export interface InvoiceScope {
  /** Units handed over, by line; null: everything that no invoice has yet. */
  readonly units: ReadonlyMap<string, number> | null;
  /** The order's invoices so far. */
  readonly earlier: readonly DocumentFigures[];
  /** What amends gave back, as their credit notes show it: the invoices contain it, the credit notes take it off. */
  readonly amended: readonly DocumentFigures[];
  /** What credit notes without a refund took off invoices. */
  readonly correctedMinor: number;
}

const FEE_TITLES: Readonly<Record<string, string>> = { tip: 'Tip', duties: 'Duties' };

/**
 * What the next document of an order adds up to: below 0 where its invoices are worth more than it is by now, null when
 * there is nothing left to invoice. Each line is worth, by the rounding rule, what its units so far are worth less what
 * was invoiced of it; the first invoice has shipping and fees. With the last one, all invoices together are the order's
 * current total and what amends gave back.
 */
export function nextInvoice(order: InvoicedOrder, scope: InvoiceScope): DocumentFigures | null {
  const { units, earlier } = scope;
  const isFirst = earlier.length === 0;
  const lines = order.lines.flatMap((line) => {
    const before = invoicedOf(line, earlier);
    const wanted = Math.max(0, line.wanted - before.quantity);
    const count = units === null ? wanted : Math.min(units.get(line.id) ?? 0, wanted);
    return count === 0 ? [] : [invoiceLine(order, line, before, count)];
  });
  const fees = isFirst
    ? order.fees.map(({ kind, amountMinor }) => extraLine(FEE_TITLES[kind] ?? kind, amountMinor))
    : [];
  const shipping = isFirst ? shippingOf(order) : null;
  const paidMinor = order.capturedMinor - sumOf(earlier.map((invoice) => invoice.prepaidMinor));
  const own = [...lines, ...fees];
  const known = addUp(own, shipping, paidMinor);
  if (units !== null) return own.length === 0 ? null : known;
  const rest = restLines(order, scope, known.totalMinor);
  if (!isFirst && own.length + rest.length === 0) return null;
  return addUp([...own, ...rest], shipping, paidMinor);
}

interface Invoiced {
  readonly quantity: number;
  readonly itemMinor: number;
  readonly taxMinor: number;
}

function invoicedOf({ id }: InvoicedLine, earlier: readonly DocumentFigures[]): Invoiced {
  const lines = earlier.flatMap((invoice) => invoice.lines.filter(({ lineId }) => lineId === id));
  return {
    quantity: sumOf(lines.map(({ quantity }) => quantity)),
    itemMinor: sumOf(lines.map((line) => line.unitPriceMinor * line.quantity - line.discountMinor)),
    taxMinor: sumOf(lines.map(({ taxMinor }) => taxMinor)),
  };
}

function invoiceLine(
  order: InvoicedOrder,
  line: InvoicedLine,
  before: Invoiced,
  count: number,
): DocumentLine {
  const upTo = before.quantity + count;
  const itemMinor = line.unitPriceMinor * line.ordered - line.discountMinor;
  const valueMinor = Math.max(0, share(itemMinor, upTo, line.ordered) - before.itemMinor);
  const dueMinor = Math.max(0, share(line.taxMinor, upTo, line.ordered) - before.taxMinor);
  // Units worth less than a minor unit each: a later invoice has the tax that this one has no value for.
  const taxMinor = order.taxIncluded ? Math.min(dueMinor, valueMinor) : dueMinor;
  return {
    lineId: line.id,
    sku: line.sku,
    title: line.title,
    quantity: count,
    unitPriceMinor: line.unitPriceMinor,
    discountMinor: line.unitPriceMinor * count - valueMinor,
    ...taxed(valueMinor, taxMinor, line.taxRate, order.taxIncluded),
  };
}

function shippingOf(order: InvoicedOrder): TaxedAmount | null {
  const { shippingMinor, shippingTaxMinor, shippingTaxRate, taxIncluded } = order;
  if (shippingMinor === 0 && shippingTaxMinor === 0) return null;
  return taxed(shippingMinor, shippingTaxMinor, shippingTaxRate, taxIncluded);
}

/** What is missing to the sum that all invoices must have: what amends took off, or a document that never added up. */
function restLines(
  order: InvoicedOrder,
  { earlier, amended, correctedMinor }: InvoiceScope,
  knownMinor: number,
): DocumentLine[] {
  const amendedMinor = sumOf(amended.map((note) => note.totalMinor));
  const dueMinor = order.currentTotalMinor + amendedMinor;
  const invoicedMinor = sumOf(earlier.map((invoice) => invoice.totalMinor)) - correctedMinor;
  const restMinor = dueMinor - invoicedMinor - knownMinor;
  if (restMinor === 0) return [];
  if (restMinor === amendedMinor) return amended.flatMap(linesOfNote);
  return [extraLine('Difference to the order', restMinor)];
}

function linesOfNote({ lines, shipping }: DocumentFigures): DocumentLine[] {
  const changed = lines.map((line) => ({ ...line, lineId: null }));
  if (shipping === null) return changed;
  const line = extraLine('Shipping', shipping.netMinor);
  return [...changed, { ...line, ...shipping }];
}
