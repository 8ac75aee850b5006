import { z } from 'zod';

import {
  Address,
  AmountMinor,
  CurrencyCode,
  listQuery,
  LocationCode,
  Name,
  pageOf,
  Quantity,
  Sku,
  text,
  TimeZone,
  Timestamp,
} from './common';

const WEIGHT_MAX = 10_000_000;

const Price = z.strictObject({ currency: CurrencyCode, priceMinor: AmountMinor });
const Cost = z.strictObject({ currency: CurrencyCode, costMinor: AmountMinor });
const KitPart = z.strictObject({ sku: Sku, quantity: Quantity });

const BACKORDER = ['deny', 'allow'] as const;
const RETURN_RULES = ['standard', 'final_sale', 'hazardous', 'hygiene'] as const;

function onePerCurrency(items: readonly { currency: string }[]): boolean {
  return new Set(items.map((item) => item.currency)).size === items.length;
}

const REPEATED = 'names a currency twice';

/** A product as it is put: the whole of it, what is left out takes its default. */
export const PutProduct = z
  .strictObject({
    title: Name,
    prices: z.array(Price).max(200).refine(onePerCurrency, REPEATED).default([]),
    weightGrams: z.int().min(0).max(WEIGHT_MAX).default(0),
    taxCategory: text(50).default('standard'),
    backorder: z.enum(BACKORDER).default('deny'),
    kitParts: z.array(KitPart).max(50).default([]),
    category: text(200).nullable().default(null),
    costs: z.array(Cost).max(200).refine(onePerCurrency, REPEATED).default([]),
    returnRule: z.enum(RETURN_RULES).default('standard'),
    returnWindow: z.iso.duration().nullable().default(null),
    active: z.boolean().default(true),
  })
  .meta({ id: 'PutProduct' });
export type PutProduct = z.infer<typeof PutProduct>;

export const Product = z
  .object({
    sku: z.string(),
    title: z.string(),
    prices: z.array(Price),
    weightGrams: z.int(),
    taxCategory: z.string(),
    backorder: z.enum(BACKORDER),
    kitParts: z.array(KitPart),
    category: z.string().nullable(),
    costs: z.array(Cost),
    returnRule: z.enum(RETURN_RULES),
    returnWindow: z.string().nullable(),
    active: z.boolean(),
    version: z.int(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Product' });
export type Product = z.infer<typeof Product>;

export const ProductParams = z.strictObject({ sku: Sku });
export const ProductAnswer = z.object({ product: Product });
export const ProductPage = pageOf(Product);
export const ProductQuery = listQuery({
  active: z.stringbool().optional(),
  category: text(200).optional(),
  q: text(200).optional().meta({ description: 'In SKU or title' }),
});

export const PutLocation = z
  .strictObject({
    name: Name.optional(),
    address: Address.partial().nullish(),
    priority: z.int().min(0).max(1_000_000).default(100),
    capacityPerDay: z.int().min(0).max(1_000_000_000).nullable().default(null),
    timeZone: TimeZone.default('UTC'),
    cutOff: z
      .string()
      .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is not a time like 16:30')
      .nullable()
      .default(null),
    active: z.boolean().default(true),
  })
  .meta({ id: 'PutLocation' });
export type PutLocation = z.infer<typeof PutLocation>;

export const Location = z
  .object({
    code: z.string(),
    name: z.string(),
    address: z.record(z.string(), z.unknown()),
    priority: z.int(),
    capacityPerDay: z.int().nullable(),
    timeZone: z.string(),
    cutOff: z.string().nullable(),
    active: z.boolean(),
    version: z.int(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Location' });
export type Location = z.infer<typeof Location>;

export const LocationParams = z.strictObject({ code: LocationCode });
export const LocationAnswer = z.object({ location: Location });
export const LocationPage = pageOf(Location);
export const LocationQuery = listQuery({ active: z.stringbool().optional() });
