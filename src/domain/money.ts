import { divideHalfUp, floorDivide, parseDecimal, powerOfTen, toSafeInteger } from './exact';

/**
 * ISO 4217, the active codes that have a minor unit (metals and test codes have none), by exponent.
 * Written out because Intl follows CLDR, which differs from ISO 4217 for a dozen currencies.
 */
const CODES_BY_EXPONENT: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_EXPONENT).flatMap(([exponent, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(exponent)]),
  ),
);

/** True for an active ISO 4217 code in capitals. */
export function isCurrency(code: string): boolean {
  return EXPONENTS.has(code);
}

/** Digits after the point: JPY 0, USD 2, KWD 3. Throws for a code that `isCurrency` refuses. */
export function currencyExponent(currency: string): number {
  const exponent = EXPONENTS.get(currency);
  if (exponent === undefined) throw new RangeError('unknown currency');
  return exponent;
}

/**
 * Decimal text to minor units, exactly. Null when the text is no plain decimal, has a non-zero digit
 * the currency cannot carry, is beyond the safe integers, or the currency is unknown. `"10.00"` is a
 * fine amount of JPY.
 */
export function decimalToMinor(text: string, currency: string): number | null {
  const exponent = EXPONENTS.get(currency);
  const decimal = parseDecimal(text);
  if (exponent === undefined || decimal === null) return null;
  const numerator = decimal.units * powerOfTen(exponent);
  const denominator = powerOfTen(decimal.scale);
  if (numerator % denominator !== 0n) return null;
  const minor = Number(numerator / denominator);
  return Number.isSafeInteger(minor) ? minor : null;
}

/** Minor units to decimal text with exactly the currency's digits: (2598, 'USD') → `25.98`. */
export function minorToDecimal(minor: number, currency: string): string {
  const exponent = currencyExponent(currency);
  const units = BigInt(minor);
  const digits = String(units < 0n ? -units : units).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = digits.slice(digits.length - exponent);
  return `${units < 0n ? '-' : ''}${whole}${exponent === 0 ? '' : `.${fraction}`}`;
}

/** For people: (2598, 'USD') → `USD 25.98`. */
export function formatMoney(minor: number, currency: string): string {
  return `${currency} ${minorToDecimal(minor, currency)}`;
}

/**
 * The rounding rule, the only one: ⌊(2·x·n + q) / 2q⌋, n of q parts of x, half up. Nothing of a whole
 * without parts (n = q = 0) is 0.
 */
export function share(x: number, n: number, q: number): number {
  if (n === 0 && q === 0) return 0;
  if (q <= 0) throw new RangeError('a share needs a positive number of parts');
  return toSafeInteger(divideHalfUp(BigInt(x) * BigInt(n), BigInt(q)));
}

/**
 * What the units `from`+1 … `from`+`count` of `quantity` are worth out of `total`. Consecutive calls
 * add up to the whole exactly, however the units are split.
 */
export function shareOfUnits(total: number, quantity: number, from: number, count: number): number {
  return share(total, from + count, quantity) - share(total, from, quantity);
}

/**
 * Splits `amount` over `weights` by largest remainder: the parts add up to `amount`, ties go to the
 * lower index, all-zero weights count as equal. Weights must not be negative; the amount may be.
 */
export function prorate(amount: number, weights: readonly number[]): number[] {
  if (weights.some((weight) => weight < 0)) throw new RangeError('negative weight');
  if (weights.length === 0 && amount !== 0)
    throw new RangeError('nothing to spread the amount over');
  const given = weights.map((weight) => BigInt(weight));
  const scaled = given.every((weight) => weight === 0n) ? given.map(() => 1n) : given;
  const total = scaled.reduce((sum, weight) => sum + weight, 0n);
  const parts = scaled.map((weight, index) => {
    const product = BigInt(amount) * weight;
    const floor = floorDivide(product, total);
    return { index, floor, remainder: product - floor * total };
  });
  const rest = BigInt(amount) - parts.reduce((sum, part) => sum + part.floor, 0n);
  const byRemainder = parts.toSorted(
    (a, b) => compare(b.remainder, a.remainder) || a.index - b.index,
  );
  const raised = new Set(byRemainder.slice(0, Number(rest)).map((part) => part.index));
  return parts.map((part) => toSafeInteger(part.floor + (raised.has(part.index) ? 1n : 0n)));
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
