import type { Change, ChangeBase, ChangeCatalogue, ChangeLine, ChangeTotals } from './change-facts';
import { addDiscount, withQuantity } from './change-lines';
import { DomainError, type FieldError } from './errors';
import { MAX_GOODS_MINOR } from './intake-check';
import { resolveTaxRates, taxOf } from './tax';

const SHIPPING_TAX_CATEGORY = 'shipping';

/**
 * An order after an amend's changes, applied in their order, together or not at all. A line that no change names keeps
 * unit price, discount and tax to the unit; tax is computed anew only where a line's value or the tax area changed.
 * Pure: the same changes of the same order give the same figures. Throws `validation_failed` with the path of the change.
 */
export function applyChanges(
  base: ChangeBase,
  changes: readonly Change[],
  catalogue: ChangeCatalogue,
): ChangeBase {
  refuseTwice(changes);
  let order = base;
  changes.forEach((change, n) => {
    order = applyOne(order, change, { n, catalogue });
  });
  return retotal(base, retax(base, order, catalogue));
}

/** The sums that a change shows before and after. */
export function totalsOf(order: ChangeBase): ChangeTotals {
  const { lines, shippingMinor, shippingTaxMinor, totalMinor } = order;
  return {
    subtotalMinor: sum(lines.map((line) => line.unitPriceMinor * line.quantity)),
    discountMinor: sum(lines.map((line) => line.discountMinor)),
    shippingMinor,
    taxMinor: sum(lines.map((line) => line.taxMinor)) + shippingTaxMinor,
    totalMinor,
  };
}

interface At {
  readonly n: number;
  readonly catalogue: ChangeCatalogue;
}

function applyOne(order: ChangeBase, change: Change, at: At): ChangeBase {
  switch (change.type) {
    case 'addLine':
      return { ...order, lines: [...order.lines, newLine(order, change, at)] };
    case 'setQuantity':
      return setQuantity(order, change, at);
    case 'setAddress': {
      const { shippingAddress, billingAddress } = change;
      return {
        ...order,
        shipTo: shippingAddress ?? order.shipTo,
        billTo: billingAddress === undefined ? order.billTo : billingAddress,
      };
    }
    case 'setShippingMethod':
      return setShippingMethod(order, change.shippingMethod, at);
    case 'applyDiscount':
      return {
        ...order,
        lines: addDiscount(order.lines, change.discount, namedLines(order, change.lineIds, at)),
      };
    case 'setPriority': {
      const { priority, promisedBy } = change;
      return {
        ...order,
        priority: priority ?? order.priority,
        promisedBy: promisedBy === undefined ? order.promisedBy : promisedBy,
      };
    }
  }
}

function newLine(
  order: ChangeBase,
  { sku, quantity, unitPriceMinor }: Extract<Change, { type: 'addLine' }>,
  { n, catalogue }: At,
): ChangeLine {
  const product = catalogue.products.find((candidate) => candidate.sku === sku && candidate.active);
  if (product === undefined) throw refused(n, 'sku', 'is not in the catalogue');
  const priceMinor = unitPriceMinor ?? product.priceMinor;
  if (priceMinor === null) throw refused(n, 'unitPriceMinor', `has no price in ${order.currency}`);
  return {
    lineId: null,
    lineNo: Math.max(0, ...order.lines.map(({ lineNo }) => lineNo)) + 1,
    sku,
    title: product.title,
    quantity,
    canceled: 0,
    shipped: 0,
    unitPriceMinor: priceMinor,
    discountMinor: 0,
    discounts: [],
    taxMinor: 0,
    taxRate: ratesAt(order, catalogue)(product.taxCategory),
    taxCategory: product.taxCategory,
    totalMinor: 0,
    weightGrams: product.weightGrams,
    requiresShipping: true,
    kitParts: product.kitParts,
  };
}

function setQuantity(
  order: ChangeBase,
  { lineId, quantity }: Extract<Change, { type: 'setQuantity' }>,
  { n }: At,
): ChangeBase {
  const line = order.lines.find((candidate) => candidate.lineId === lineId);
  if (line === undefined) throw refused(n, 'lineId', 'is not a line of this order');
  const least = line.shipped + line.canceled;
  if (quantity < least)
    throw refused(n, 'quantity', `${String(least)} units are handed over or canceled already`);
  return { ...order, lines: order.lines.map((l) => (l === line ? withQuantity(l, quantity) : l)) };
}

function setShippingMethod(order: ChangeBase, code: string, { n, catalogue }: At): ChangeBase {
  const { shipping } = catalogue;
  if (shipping?.code !== code)
    throw refused(n, 'shippingMethod', `is not known, or has no price in ${order.currency}`);
  const shippingTaxRate = ratesAt(order, catalogue)(shipping.taxCategory);
  return { ...order, shippingMethod: code, shippingMinor: shipping.priceMinor, shippingTaxRate };
}

function namedLines(
  order: ChangeBase,
  lineIds: readonly string[] | undefined,
  { n }: At,
): ReadonlySet<ChangeLine> {
  if (lineIds === undefined) return new Set(order.lines);
  const lines = lineIds.map((lineId, m) => {
    const line = order.lines.find((candidate) => candidate.lineId === lineId);
    if (line === undefined) throw refused(n, `lineIds.${String(m)}`, 'is not a line of this order');
    return line;
  });
  return new Set(lines);
}

/** Taxes after the changes: all of them in another tax area, else those of lines and shipping whose value changed. */
function retax(base: ChangeBase, order: ChangeBase, catalogue: ChangeCatalogue): ChangeBase {
  const isMoved = areaOf(base) !== areaOf(order);
  const taxIncluded = isMoved ? catalogue.pricesIncludeTax : base.taxIncluded;
  const rateOf = ratesAt(order, catalogue);
  const shippingTaxRate = isMoved
    ? rateOf(catalogue.shipping?.taxCategory ?? SHIPPING_TAX_CATEGORY)
    : order.shippingTaxRate;
  const isShippingChanged =
    order.shippingMinor !== base.shippingMinor || shippingTaxRate !== base.shippingTaxRate;
  const lines = order.lines.map((line) => {
    const old = base.lines.find(({ lineNo }) => lineNo === line.lineNo);
    const taxRate = isMoved ? rateOf(line.taxCategory) : line.taxRate;
    const valueMinor = valueOf(line);
    const isSame = old !== undefined && !isMoved && valueOf(old) === valueMinor;
    const taxMinor = isSame ? line.taxMinor : taxOf(valueMinor, taxRate, taxIncluded);
    return { ...line, taxRate, taxMinor, totalMinor: valueMinor + (taxIncluded ? 0 : taxMinor) };
  });
  return {
    ...order,
    taxIncluded,
    lines,
    shippingTaxRate,
    shippingTaxMinor:
      isShippingChanged || isMoved
        ? taxOf(order.shippingMinor, shippingTaxRate, taxIncluded)
        : order.shippingTaxMinor,
  };
}

/** Fees and whatever else a total has beside lines and shipping stay in it. */
function retotal(base: ChangeBase, order: ChangeBase): ChangeBase {
  if (order.lines.every(({ quantity, canceled }) => quantity === canceled))
    throw new DomainError('validation_failed', 'no unit would be left: cancel the order instead', {
      errors: [{ path: 'changes', message: 'take the last unit off the order' }],
    });
  const totalMinor = base.totalMinor - partsOf(base) + partsOf(order);
  if (sum(order.lines.map((line) => line.unitPriceMinor * line.quantity)) > MAX_GOODS_MINOR)
    throw new DomainError('validation_failed', 'the amounts of the order are too large', {
      errors: [{ path: 'changes', message: 'the amounts of the order are too large' }],
    });
  return { ...order, totalMinor };
}

function partsOf({ lines, shippingMinor, shippingTaxMinor, taxIncluded }: ChangeBase): number {
  const tax = taxIncluded ? 0 : shippingTaxMinor;
  return sum(lines.map(({ totalMinor }) => totalMinor)) + shippingMinor + tax;
}

function valueOf({ unitPriceMinor, quantity, discountMinor }: ChangeLine): number {
  return unitPriceMinor * quantity - discountMinor;
}

function areaOf({ shipTo }: ChangeBase): string {
  return `${shipTo?.country ?? ''}/${shipTo?.region?.toUpperCase() ?? ''}`;
}

function ratesAt({ shipTo }: ChangeBase, { taxRates }: ChangeCatalogue) {
  const place = { country: shipTo?.country ?? '', region: shipTo?.region?.toUpperCase() ?? null };
  return (category: string): string =>
    resolveTaxRates(taxRates, place, [category])[category] ?? '0';
}

/** A line whose quantity is set twice, or two addresses: which one would count? */
function refuseTwice(changes: readonly Change[]): void {
  const seen = new Set<string>();
  changes.forEach((change, n) => {
    if (change.type === 'addLine' || change.type === 'applyDiscount') return;
    const target = change.type === 'setQuantity' ? `setQuantity ${change.lineId}` : change.type;
    if (seen.has(target)) throw refused(n, 'type', 'is set by an earlier change already');
    seen.add(target);
  });
}

function refused(n: number, member: string, message: string): DomainError {
  const errors: FieldError[] = [{ path: `changes.${String(n)}.${member}`, message }];
  return new DomainError('validation_failed', 'the change is not possible', { errors });
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((left, right) => left + right, 0);
}
