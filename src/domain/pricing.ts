import { DomainError } from './errors';
import { divideHalfUp, powerOfTen, toDecimal, toSafeInteger } from './exact';
import { prorate } from './money';
import { taxOf, type TaxRates } from './tax';

export interface PricingLine {
  readonly lineNo: number;
  readonly sku: string;
  readonly title: string;
  readonly taxCategory: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly weightGrams: number;
}

export type PricingDiscount =
  | { readonly code: string; readonly type: 'fixed'; readonly valueMinor: number }
  | { readonly code: string; readonly type: 'percent'; readonly valuePercent: number };

export interface PricingShipping {
  readonly code: string;
  readonly priceMinor: number;
  readonly taxCategory: string;
}

export interface PricingInput {
  readonly currency: string;
  readonly taxIncluded: boolean;
  readonly lines: readonly PricingLine[];
  /** Applied in this order, each to what the earlier ones left. */
  readonly discounts: readonly PricingDiscount[];
  readonly shipping: PricingShipping;
  /** Resolved for the ship-to; must name every tax category used (see `resolveTaxRates`). */
  readonly taxRates: TaxRates;
}

export interface LineDiscount {
  readonly code: string;
  readonly type: PricingDiscount['type'];
  readonly amountMinor: number;
}

export interface PricedLine extends PricingLine {
  readonly discountMinor: number;
  /** The line's share of each discount that reached it; adds up to `discountMinor`. */
  readonly discounts: readonly LineDiscount[];
  readonly taxRate: string;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

export interface PricedOrder {
  readonly currency: string;
  readonly taxIncluded: boolean;
  readonly lines: readonly PricedLine[];
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly shippingCode: string;
  readonly shippingMinor: number;
  readonly shippingTaxRate: string;
  readonly shippingTaxMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/**
 * Prices an order and freezes discount and tax per line, in whole minor units, so that every sum of
 * the contract holds: line totals plus shipping are the total, tax apart is added only where prices do
 * not include it. Pure; the same input gives the same figures. Refuses figures too large to be exact.
 */
export function priceOrder(input: PricingInput): PricedOrder {
  const { currency, taxIncluded, shipping } = input;
  const values = input.lines.map(lineValue);
  const discounts = spreadDiscounts(input.discounts, values);
  const lines = input.lines.map((line, index) =>
    priceLine(line, values[index] ?? 0, discounts[index] ?? [], input),
  );
  const shippingTaxRate = rateOf(input.taxRates, shipping.taxCategory);
  const shippingTaxMinor = taxOf(shipping.priceMinor, shippingTaxRate, taxIncluded);
  const addedShippingTax = taxIncluded ? 0 : shippingTaxMinor;
  return {
    currency,
    taxIncluded,
    lines,
    subtotalMinor: sum(values),
    discountMinor: sum(lines.map((line) => line.discountMinor)),
    shippingCode: shipping.code,
    shippingMinor: shipping.priceMinor,
    shippingTaxRate,
    shippingTaxMinor,
    taxMinor: sum([...lines.map((line) => line.taxMinor), shippingTaxMinor]),
    totalMinor: sum([
      ...lines.map((line) => line.totalMinor),
      shipping.priceMinor,
      addedShippingTax,
    ]),
  };
}

function priceLine(
  line: PricingLine,
  valueMinor: number,
  discounts: readonly LineDiscount[],
  input: PricingInput,
): PricedLine {
  const discountMinor = sum(discounts.map((discount) => discount.amountMinor));
  const taxRate = rateOf(input.taxRates, line.taxCategory);
  const netMinor = valueMinor - discountMinor;
  const taxMinor = taxOf(netMinor, taxRate, input.taxIncluded);
  const totalMinor = input.taxIncluded ? netMinor : sum([netMinor, taxMinor]);
  return { ...line, discountMinor, discounts, taxRate, taxMinor, totalMinor };
}

/** Each line's discounts, in the order given; a discount never takes more than is left of a line. */
function spreadDiscounts(
  discounts: readonly PricingDiscount[],
  values: readonly number[],
): LineDiscount[][] {
  const perLine = values.map((): LineDiscount[] => []);
  let left = [...values];
  for (const discount of discounts) {
    const leftMinor = sum(left);
    const parts = prorate(Math.min(discountAmount(discount, leftMinor), leftMinor), left);
    parts.forEach((amountMinor, index) => {
      if (amountMinor === 0) return;
      perLine[index]?.push({ code: discount.code, type: discount.type, amountMinor });
    });
    left = left.map((value, index) => value - (parts[index] ?? 0));
  }
  return perLine;
}

/** What a discount takes of `leftMinor`, before it is cut to what is there. */
export function discountAmount(discount: PricingDiscount, leftMinor: number): number {
  if (discount.type === 'fixed') return discount.valueMinor;
  // String() gives the shortest text that is this number, so 12.5 is exactly 12.5 here.
  const { units, scale } = toDecimal(String(discount.valuePercent));
  return toSafeInteger(divideHalfUp(BigInt(leftMinor) * units, 100n * powerOfTen(scale)));
}

function lineValue(line: PricingLine, index: number): number {
  const value = line.unitPriceMinor * line.quantity;
  if (Number.isSafeInteger(value)) return value;
  throw new DomainError('validation_failed', 'the amounts of the order are too large', {
    errors: [{ path: `lines.${String(index)}.quantity`, message: 'line amount is too large' }],
  });
}

function rateOf(rates: TaxRates, category: string): string {
  const rate = rates[category];
  if (rate === undefined) throw new RangeError('tax rates were not resolved for a category in use');
  return rate;
}

function sum(amounts: readonly number[]): number {
  const total = amounts.reduce((left, right) => left + right, 0);
  if (Number.isSafeInteger(total)) return total;
  throw new DomainError('validation_failed', 'the amounts of the order are too large', {
    errors: [{ path: 'lines', message: 'order amount is too large' }],
  });
}
