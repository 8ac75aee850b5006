import { z } from 'zod';

import { isCountry } from '../domain/country';
import { isCurrency } from '../domain/money';
import { isTimeZone } from '../domain/time-zone';

/** Limits that every route keeps. */
export const MAX_NAME = 500;
export const MAX_NOTE = 4000;
const MAX_QUANTITY = 100_000;

export const Id = z.uuid().meta({ description: 'UUIDv7' });
export const IdParams = z.strictObject({ id: Id });

/** A time in an answer. */
export const Timestamp = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T23:59:59Z');
/** PostgreSQL knows offsets to 15:59. */
const UNKNOWN_OFFSET = /[+-](?:1[6-9]|2\d):\d\d$/;

/** A time in a request, with any offset there is: in a range that can be stored and given back as text. */
export const TimestampIn = z.iso
  .datetime({ offset: true })
  .refine((time) => !UNKNOWN_OFFSET.test(time) && !isOutside(Date.parse(time)), 'is out of range');

function isOutside(ms: number): boolean {
  return ms < EARLIEST || ms > LATEST;
}

export const CurrencyCode = z
  .string()
  .refine(isCurrency, 'is not an ISO 4217 currency')
  .meta({ description: 'ISO 4217', example: 'USD' });
export const TimeZone = z
  .string()
  .refine(isTimeZone, 'is not an IANA time zone')
  .meta({ description: 'IANA', example: 'Asia/Shanghai' });
const CountryCode = z
  .string()
  .refine(isCountry, 'is not an ISO 3166 code')
  .meta({ description: 'ISO 3166-1 alpha-2', example: 'US' });

export const AmountMinor = z
  .int()
  .min(0)
  .meta({ description: 'In minor units of the currency', example: 1299 });
export const Quantity = z.int().min(1).max(MAX_QUANTITY);

/** Text with something in it: surrounding blanks do not count and are taken off. */
export function text(max: number): z.ZodString {
  return z.string().trim().min(1).max(max);
}

export const Name = text(MAX_NAME);
export const Note = text(MAX_NOTE);
export const Sku = text(100);
export const LocationCode = text(100);

/** A postal address as callers give it and as it is kept. */
export const Address = z
  .strictObject({
    name: Name.nullish(),
    company: Name.nullish(),
    line1: Name,
    line2: Name.nullish(),
    city: Name,
    region: text(100).nullish(),
    postalCode: text(32).nullish(),
    country: CountryCode,
    phone: text(50).nullish(),
  })
  .meta({ id: 'Address' });
export type Address = z.infer<typeof Address>;

const Limit = z.coerce.number().int().min(1).max(100);
const Cursor = z.string().min(1).max(500);

/** The query of a list: its filters beside `limit` and `cursor`. */
export function listQuery<S extends z.ZodRawShape>(filters: S) {
  return z.strictObject({ limit: Limit.default(50), cursor: Cursor.optional(), ...filters });
}

/** A page of a list; `nextCursor` null on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}
