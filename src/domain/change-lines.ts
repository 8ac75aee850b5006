import type { ChangeLine, FrozenDiscount } from './change-facts';
import type { ApiDiscount } from './intake-body';
import { prorate, share } from './money';
import { discountAmount } from './pricing';

/**
 * A line with another number of units. Lowered, it keeps `share(discount, new, old)` of its frozen discounts; raised,
 * percent shares grow with it and fixed ones stay. Tax and total are left to whoever changes the order.
 */
export function withQuantity(line: ChangeLine, quantity: number): ChangeLine {
  const isLowered = quantity < line.quantity;
  if (line.discounts.length === 0)
    return isLowered
      ? { ...line, quantity, discountMinor: share(line.discountMinor, quantity, line.quantity) }
      : { ...line, quantity };
  const discounts = isLowered ? lowered(line, quantity) : line.discounts.map(grown(line, quantity));
  return withDiscounts({ ...line, quantity }, discounts);
}

function lowered(line: ChangeLine, quantity: number): FrozenDiscount[] {
  const leftMinor = share(line.discountMinor, quantity, line.quantity);
  const parts = prorate(
    leftMinor,
    line.discounts.map(({ amountMinor }) => amountMinor),
  );
  return line.discounts.map((discount, n) => ({ ...discount, amountMinor: parts[n] ?? 0 }));
}

function grown(line: ChangeLine, quantity: number) {
  return (discount: FrozenDiscount): FrozenDiscount => {
    if (discount.type === 'fixed' || line.quantity === 0) return discount;
    return { ...discount, amountMinor: share(discount.amountMinor, quantity, line.quantity) };
  };
}

/**
 * A further discount over the named lines' value after their discounts, by largest remainder, ties by line number; it
 * never takes more than there is.
 */
export function addDiscount(
  lines: readonly ChangeLine[],
  discount: ApiDiscount,
  named: ReadonlySet<ChangeLine>,
): ChangeLine[] {
  const targets = lines.filter((line) => named.has(line)).toSorted((a, b) => a.lineNo - b.lineNo);
  const values = targets.map(
    ({ unitPriceMinor, quantity, discountMinor }) => unitPriceMinor * quantity - discountMinor,
  );
  const wholeMinor = values.reduce((sum, value) => sum + value, 0);
  const parts = prorate(Math.min(discountAmount(discount, wholeMinor), wholeMinor), values);
  return lines.map((line) => {
    const amountMinor = parts[targets.indexOf(line)] ?? 0;
    if (amountMinor === 0) return line;
    const added: FrozenDiscount = {
      id: null,
      code: discount.code,
      type: discount.type,
      valuePercent: discount.type === 'percent' ? discount.valuePercent : null,
      amountMinor,
    };
    return withDiscounts(line, [...line.discounts, added]);
  });
}

function withDiscounts(line: ChangeLine, discounts: readonly FrozenDiscount[]): ChangeLine {
  const wholeMinor = line.unitPriceMinor * line.quantity;
  const discountMinor = discounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (discountMinor <= wholeMinor) return { ...line, discounts, discountMinor };
  // A price so low that rounding each share up would take more than there is.
  const parts = prorate(
    wholeMinor,
    discounts.map(({ amountMinor }) => amountMinor),
  );
  const cut = discounts.map((discount, n) => ({ ...discount, amountMinor: parts[n] ?? 0 }));
  return { ...line, discounts: cut, discountMinor: wholeMinor };
}
