/** A decimal number held exactly: `units` / 10^`scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Reads plain decimal notation (`-12.50`) without going through a float; null for anything else. */
export function parseDecimal(text: string): Decimal | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  return { units: BigInt(sign + whole + fraction), scale: fraction.length };
}

/** Like `parseDecimal`, for text that was validated before: anything else is a bug and throws. */
export function toDecimal(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (decimal === null) throw new RangeError('not a decimal number');
  return decimal;
}

/** 10^exponent. */
export function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** ⌊n / d⌋ for d > 0; BigInt's own division truncates toward zero, which is wrong below zero. */
export function floorDivide(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  return n % d < 0n ? quotient - 1n : quotient;
}

/** n / d to the nearest whole number, halves up (toward +∞), for d > 0. */
export function divideHalfUp(n: bigint, d: bigint): bigint {
  return floorDivide(2n * n + d, 2n * d);
}

/** Back to a number; throws where a number would no longer be exact. */
export function toSafeInteger(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError('amount beyond the safe integer range');
  return number;
}
