import { parseDecimal, powerOfTen, type Decimal } from './exact';

/** An object of a document made by others: any field may be missing, null or of another type. */
export type ForeignObject = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 64;

/** The value as an object; an empty one when it is none. */
export function objectOf(value: unknown): ForeignObject {
  return isObject(value) ? value : {};
}

/** The objects of a list; nothing when it is no list. */
export function objectsOf(value: unknown): ForeignObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Trimmed text, at most `max` characters; numbers count as their text. Null for nothing in it. */
export function textOf(value: unknown, max = 500): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  const text = Array.from(value.trim()).slice(0, max).join('');
  return text === '' ? null : text;
}

/** A time as ISO 8601 in UTC; null when it cannot be read, or lies outside the years 1 to 9999 that can be stored. */
export function timeOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const at = new Date(value);
  const year = at.getUTCFullYear();
  return year >= 1 && year <= 9999 ? at.toISOString() : null;
}

/** A whole number from 0 up; null for anything else. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Adds decimal texts exactly; what is no decimal counts as 0. */
export function addDecimals(values: readonly unknown[]): string {
  const decimals = values
    .map((value) => parseDecimal(textOf(value) ?? ''))
    .filter((d) => d !== null);
  const scale = Math.max(0, ...decimals.map((decimal) => decimal.scale));
  const units = decimals.reduce((sum, decimal) => sum + atScale(decimal, scale), 0n);
  const digits = String(units).padStart(scale + 1, '0');
  if (scale === 0) return digits;
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const whole = digits.slice(0, digits.length - scale);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function atScale(decimal: Decimal, scale: number): bigint {
  return decimal.units * powerOfTen(scale - decimal.scale);
}

/**
 * Parsed JSON in which every text can be stored: NUL is taken out, a lone surrogate becomes U+FFFD. What is nested
 * deeper than 64 levels becomes null.
 */
export function toStorableJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return toStorableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => toStorableJson(item, depth + 1));
  const fields = Object.entries(value).map(([key, item]): [string, unknown] => [
    toStorableText(key),
    toStorableJson(item, depth + 1),
  ]);
  return Object.fromEntries(fields);
}

function toStorableText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

function isObject(value: unknown): value is ForeignObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
