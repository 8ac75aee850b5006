import { share } from './money';

/**
 * What a refund gives back of one line. Where prices include tax `itemMinor` contains `taxMinor`, else it is added;
 * the same holds for shipping and its tax.
 */
export interface RefundLine {
  readonly lineId: string;
  readonly quantity: number;
  readonly itemMinor: number;
  readonly taxMinor: number;
}

/** What a refund consists of; `sumOfRefund` is its amount. */
export interface RefundParts {
  readonly lines: readonly RefundLine[];
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  /** Money that belongs to no unit and no shipping. */
  readonly adjustmentMinor: number;
}

/** A line and what was refunded of it: by refunds that succeeded, and by those that have not ended. */
export interface RefundableLine {
  readonly lineId: string;
  /** Units ordered. */
  readonly quantity: number;
  /** `unitPriceMinor` · `quantity` − `discountMinor`. */
  readonly itemValueMinor: number;
  readonly taxMinor: number;
  readonly refundedUnits: number;
  readonly refundedItemMinor: number;
  readonly refundedTaxMinor: number;
}

/** An order's shipping and what was refunded of it. */
export interface RefundableShipping {
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  readonly refundedMinor: number;
  readonly refundedTaxMinor: number;
}

/**
 * The next `units` of a line by the rounding rule: the cumulative value of all units refunded then, less what was
 * refunded really, item and tax apart, never below 0. So the parts of a line add up to it however it is split.
 */
export function refundOfUnits(line: RefundableLine, units: number): RefundLine {
  const until = line.refundedUnits + units;
  if (until > line.quantity) throw new RangeError('more units than the line has');
  const item = share(line.itemValueMinor, until, line.quantity) - line.refundedItemMinor;
  const tax = share(line.taxMinor, until, line.quantity) - line.refundedTaxMinor;
  return {
    lineId: line.lineId,
    quantity: units,
    itemMinor: Math.max(0, item),
    taxMinor: Math.max(0, tax),
  };
}

/** A further part of shipping with the tax that belongs to it, by the same rule over amounts. */
export function refundOfShipping(
  shipping: RefundableShipping,
  amountMinor: number,
): Pick<RefundParts, 'shippingMinor' | 'shippingTaxMinor'> {
  const until = shipping.refundedMinor + amountMinor;
  if (until > shipping.shippingMinor) throw new RangeError('more than the shipping');
  const tax = share(shipping.shippingTaxMinor, until, shipping.shippingMinor);
  return {
    shippingMinor: amountMinor,
    shippingTaxMinor: amountMinor === 0 ? 0 : Math.max(0, tax - shipping.refundedTaxMinor),
  };
}

/** The amount of a refund: all its parts, tax among them only where it is added to prices. */
export function sumOfRefund(parts: RefundParts, isTaxIncluded: boolean): number {
  const tax = parts.lines.reduce((sum, line) => sum + line.taxMinor, parts.shippingTaxMinor);
  const rest = parts.lines.reduce((sum, line) => sum + line.itemMinor, parts.shippingMinor);
  return rest + parts.adjustmentMinor + (isTaxIncluded ? 0 : tax);
}

/**
 * A refund cut down to `capMinor`: the adjustment goes first, then shipping, then the lines from the last one, each
 * with its tax in proportion. Units stay named: they are dealt with, even if nothing is left to pay for them.
 */
export function capRefund(
  parts: RefundParts,
  capMinor: number,
  isTaxIncluded: boolean,
): RefundParts {
  let over = Math.max(0, sumOfRefund(parts, isTaxIncluded) - capMinor);
  function cut(net: number, tax: number): { readonly net: number; readonly tax: number } {
    const whole = isTaxIncluded ? net : net + tax;
    const kept = Math.max(0, whole - over);
    over -= whole - kept;
    if (kept === whole) return { net, tax };
    const keptTax = share(tax, kept, whole);
    return { net: isTaxIncluded ? kept : kept - keptTax, tax: keptTax };
  }
  const adjustment = cut(parts.adjustmentMinor, 0);
  const shipping = cut(parts.shippingMinor, parts.shippingTaxMinor);
  const lines = parts.lines
    .toReversed()
    .map((line) => {
      const { net, tax } = cut(line.itemMinor, line.taxMinor);
      return { ...line, itemMinor: net, taxMinor: tax };
    })
    .toReversed();
  return {
    lines,
    shippingMinor: shipping.net,
    shippingTaxMinor: shipping.tax,
    adjustmentMinor: adjustment.net,
  };
}

/** What is left of an order, unit by unit, if it is worth exactly `amountMinor`; else the amount alone. */
export function refundOfRest(
  order: {
    readonly lines: readonly RefundableLine[];
    readonly shipping: RefundableShipping;
    readonly isTaxIncluded: boolean;
  },
  amountMinor: number,
): RefundParts {
  const { shipping } = order;
  const rest: RefundParts = {
    lines: order.lines
      .filter((line) => line.quantity > line.refundedUnits)
      .map((line) => refundOfUnits(line, line.quantity - line.refundedUnits)),
    ...refundOfShipping(shipping, Math.max(0, shipping.shippingMinor - shipping.refundedMinor)),
    adjustmentMinor: 0,
  };
  if (sumOfRefund(rest, order.isTaxIncluded) === amountMinor) return rest;
  return { lines: [], shippingMinor: 0, shippingTaxMinor: 0, adjustmentMinor: amountMinor };
}

/** How an amount is taken from payments, oldest first, each at most its rest; parts of 0 among them. */
export function spreadOver(amountMinor: number, restsMinor: readonly number[]): number[] {
  let left = amountMinor;
  return restsMinor.map((rest) => {
    const part = Math.min(left, Math.max(0, rest));
    left -= part;
    return part;
  });
}
