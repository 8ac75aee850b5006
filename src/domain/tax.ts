import { divideHalfUp, powerOfTen, toDecimal, toSafeInteger } from './exact';

export const STANDARD_TAX_CATEGORY = 'standard';

/** One row of the tax table; `region` null means the whole country. `rate` is decimal text (`0.0625`). */
export interface TaxRate {
  readonly country: string;
  readonly region: string | null;
  readonly category: string;
  readonly rate: string;
}

export interface TaxPlace {
  readonly country: string;
  readonly region: string | null;
}

/** Rate by tax category, as resolved for one place. */
export type TaxRates = Readonly<Record<string, string>>;

/**
 * The most specific rate wins: region and category, region's standard, country and category,
 * country's standard, else `'0'`.
 */
export function pickTaxRate(
  rates: readonly TaxRate[],
  wanted: TaxPlace & { readonly category: string },
): string {
  const { country, category } = wanted;
  const regions = wanted.region === null ? [null] : [wanted.region, null];
  for (const region of regions) {
    for (const candidate of [category, STANDARD_TAX_CATEGORY]) {
      const found = rates.find(
        (row) => row.country === country && row.region === region && row.category === candidate,
      );
      if (found !== undefined) return found.rate;
    }
  }
  return '0';
}

/** The rate of each named category at one place, ready for `priceOrder`. */
export function resolveTaxRates(
  rates: readonly TaxRate[],
  place: TaxPlace,
  categories: readonly string[],
): TaxRates {
  return Object.fromEntries(
    categories.map((category) => [category, pickTaxRate(rates, { ...place, category })]),
  );
}

/**
 * Tax of one figure, half up: on top of it, or the part of it that is tax where prices include tax
 * (value · rate / (1 + rate)).
 */
export function taxOf(valueMinor: number, rate: string, isTaxIncluded: boolean): number {
  const { units, scale } = toDecimal(rate);
  const one = powerOfTen(scale);
  const denominator = isTaxIncluded ? one + units : one;
  return toSafeInteger(divideHalfUp(BigInt(valueMinor) * units, denominator));
}
