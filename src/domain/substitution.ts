import { DomainError, type FieldError } from './errors';
import type { CatalogueFacts } from './intake-facts';
import { resolveTaxRates, type TaxPlace, taxOf } from './tax';

export interface SubstituteWish {
  readonly lineId: string;
  readonly sku: string;
  /** Left out: as many as the line wants. */
  readonly quantity?: number;
  /** Left out: the catalogue's price. */
  readonly unitPriceMinor?: number;
}

/** What of an order's lines decides what may take their place. */
export interface ReplaceableLine {
  readonly id: string;
  readonly sku: string | null;
  readonly wanted: number;
  readonly shipped: number;
  /** What the wanted units cost, tax included where that is added. */
  readonly wantedMinor: number;
}

/** A line that takes another's place. */
export interface SubstituteLine {
  readonly lineId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly taxRate: string;
  readonly taxCategory: string;
  readonly weightGrams: number;
}

export interface Substitution {
  readonly lines: readonly SubstituteLine[];
  /** What the order costs more (or, below 0, less) with the substitutes. */
  readonly priceDeltaMinor: number;
}

/**
 * Prices substitutes: at the named price or the catalogue's, without the old lines' discounts, taxed as any line is.
 * The old line is given up as a whole. Throws `validation_failed` with the path of each wish that cannot be met.
 */
export function priceSubstitutes(
  wishes: readonly SubstituteWish[],
  lines: readonly ReplaceableLine[],
  {
    catalogue,
    place,
    taxIncluded,
  }: { catalogue: CatalogueFacts; place: TaxPlace; taxIncluded: boolean },
): Substitution {
  const errors = wishes.flatMap((wish, n) => findErrors(wish, n, { wishes, lines, catalogue }));
  if (errors.length > 0)
    throw new DomainError('validation_failed', 'A substitute cannot be used.', { errors });
  const priced = wishes.map((wish): SubstituteLine => {
    const product = catalogue.products.find(({ sku }) => sku === wish.sku);
    const old = lines.find(({ id }) => id === wish.lineId);
    const quantity = wish.quantity ?? old?.wanted ?? 0;
    const unitPriceMinor = wish.unitPriceMinor ?? product?.priceMinor ?? 0;
    const taxCategory = product?.taxCategory ?? '';
    const rates = resolveTaxRates(catalogue.taxRates, place, [taxCategory]);
    const taxRate = rates[taxCategory] ?? '0';
    const valueMinor = unitPriceMinor * quantity;
    const taxMinor = taxOf(valueMinor, taxRate, taxIncluded);
    return {
      lineId: wish.lineId,
      sku: wish.sku,
      title: product?.title ?? wish.sku,
      quantity,
      unitPriceMinor,
      taxMinor,
      totalMinor: valueMinor + (taxIncluded ? 0 : taxMinor),
      taxRate,
      taxCategory,
      weightGrams: product?.weightGrams ?? 0,
    };
  });
  const addedMinor = priced.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
  const goneMinor = lines
    .filter(({ id }) => wishes.some(({ lineId }) => lineId === id))
    .reduce((sum, { wantedMinor }) => sum + wantedMinor, 0);
  return { lines: priced, priceDeltaMinor: addedMinor - goneMinor };
}

function findErrors(
  wish: SubstituteWish,
  n: number,
  {
    wishes,
    lines,
    catalogue,
  }: {
    readonly wishes: readonly SubstituteWish[];
    readonly lines: readonly ReplaceableLine[];
    readonly catalogue: CatalogueFacts;
  },
): FieldError[] {
  const at = (field: string, message: string): FieldError[] => [
    { path: `substitutions.${n}.${field}`, message },
  ];
  const line = lines.find(({ id }) => id === wish.lineId);
  if (line === undefined) return at('lineId', 'is not a line of this order');
  if (line.wanted === 0 || line.shipped > 0) return at('lineId', 'has nothing to be replaced');
  if (wishes.findIndex(({ lineId }) => lineId === wish.lineId) !== n)
    return at('lineId', 'is replaced twice');
  const product = catalogue.products.find(({ sku }) => sku === wish.sku);
  if (product?.active !== true || wish.sku === line.sku)
    return at('sku', 'is not another product of the catalogue');
  if (wish.unitPriceMinor === undefined && product.priceMinor === null)
    return at('unitPriceMinor', 'is needed: the catalogue has no price in this currency');
  return [];
}
