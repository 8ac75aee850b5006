import { divideHalfUp, powerOfTen, toDecimal, toSafeInteger } from './exact';

/** UNCL5305: standard rate, or zero rated. */
export type TaxCategoryCode = 'S' | 'Z';

export interface TaxedAmount {
  /** Without tax. */
  readonly netMinor: number;
  readonly taxMinor: number;
  /** A decimal: `0.0625`. */
  readonly taxRate: string;
  readonly taxCategory: TaxCategoryCode;
}

/** A line of an invoice or a credit note; one without `lineId` is no line of the order: a fee, a difference. */
export interface DocumentLine extends TaxedAmount {
  readonly lineId: string | null;
  readonly sku: string | null;
  readonly title: string;
  /** -1 for what lowers the document. */
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly discountMinor: number;
}

export interface TaxSubtotal {
  readonly category: TaxCategoryCode;
  readonly rate: string;
  readonly taxableMinor: number;
  readonly taxMinor: number;
}

/** What a document adds up to; every sum follows from its lines and shipping. */
export interface DocumentFigures {
  readonly lines: readonly DocumentLine[];
  readonly shipping: TaxedAmount | null;
  readonly taxBreakdown: readonly TaxSubtotal[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly prepaidMinor: number;
  readonly payableMinor: number;
}

/** Sums lines and shipping up. At most `availableMinor` of the total counts as paid before. */
export function addUp(
  lines: readonly DocumentLine[],
  shipping: TaxedAmount | null,
  availableMinor: number,
): DocumentFigures {
  const parts = [...lines, ...(shipping === null ? [] : [shipping])];
  const netMinor = sumOf(parts.map((part) => part.netMinor));
  const taxMinor = sumOf(parts.map((part) => part.taxMinor));
  const totalMinor = netMinor + taxMinor;
  const prepaidMinor = Math.max(0, Math.min(totalMinor, availableMinor));
  return {
    lines,
    shipping,
    taxBreakdown: breakDown(parts),
    netMinor,
    taxMinor,
    totalMinor,
    prepaidMinor,
    payableMinor: totalMinor - prepaidMinor,
  };
}

/** One row per category and rate, the highest rate first. */
function breakDown(parts: readonly TaxedAmount[]): TaxSubtotal[] {
  const groups = new Map<string, TaxSubtotal>();
  for (const { taxCategory: category, taxRate: rate, netMinor, taxMinor } of parts) {
    const key = `${category} ${rate}`;
    const { taxableMinor, taxMinor: before } = groups.get(key) ?? { taxableMinor: 0, taxMinor: 0 };
    groups.set(key, {
      ...{ category, rate },
      taxableMinor: taxableMinor + netMinor,
      taxMinor: before + taxMinor,
    });
  }
  return [...groups.values()].toSorted((a, b) => Number(b.rate) - Number(a.rate));
}

/** A value with its tax as the document shows it; `valueMinor` contains the tax where the order's prices do. */
export function taxed(
  valueMinor: number,
  taxMinor: number,
  taxRate: string,
  isTaxIncluded: boolean,
): TaxedAmount {
  const netMinor = isTaxIncluded ? valueMinor - taxMinor : valueMinor;
  const rate = rateThatFits(netMinor, taxMinor, taxRate);
  return { netMinor, taxMinor, taxRate: rate, taxCategory: Number(rate) > 0 ? 'S' : 'Z' };
}

/** Rounding moves a figure and its parts by this much at most. */
const ROUNDING_MINOR = 2;
const RATE_DIGITS = 6;

/**
 * The rate as given, unless tax and value contradict it (a shop may have charged less, or nothing): then the rate that
 * was really charged. So tax = taxable × rate holds for each category of the document.
 */
function rateThatFits(netMinor: number, taxMinor: number, taxRate: string): string {
  const { units, scale } = toDecimal(taxRate);
  const one = powerOfTen(scale);
  const expected = divideHalfUp(BigInt(netMinor) * units, one);
  const difference = BigInt(taxMinor) - expected;
  if (difference <= ROUNDING_MINOR && difference >= -ROUNDING_MINOR) return plainRate(taxRate);
  if (taxMinor === 0 || netMinor <= 0) return '0';
  const scaled = divideHalfUp(BigInt(taxMinor) * powerOfTen(RATE_DIGITS), BigInt(netMinor));
  const digits = String(scaled).padStart(RATE_DIGITS + 1, '0');
  return plainRate(`${digits.slice(0, -RATE_DIGITS)}.${digits.slice(-RATE_DIGITS)}`);
}

/** Without trailing zeros, so that equal rates are one group. */
function plainRate(rate: string): string {
  return rate.includes('.') ? rate.replace(/\.?0+$/, '') : rate;
}

/** A line beside the order's own: a fee, a lump sum, a difference; no tax is known of it. */
export function extraLine(title: string, amountMinor: number): DocumentLine {
  return {
    lineId: null,
    sku: null,
    title,
    quantity: amountMinor < 0 ? -1 : 1,
    unitPriceMinor: Math.abs(amountMinor),
    discountMinor: 0,
    netMinor: amountMinor,
    taxMinor: 0,
    taxRate: '0',
    taxCategory: 'Z',
  };
}

export function sumOf(amounts: readonly number[]): number {
  return toSafeInteger(amounts.reduce((sum, amount) => sum + BigInt(amount), 0n));
}
