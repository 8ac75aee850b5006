import { z } from 'zod';

const minor = z.number().int().nonnegative();

const Address = z.object({
  name: z.string().default('Ada Park'),
  line1: z.string().default('1 Main St'),
  line2: z.string().nullable().default(null),
  city: z.string().default('Boston'),
  region: z.string().default('MA'),
  postalCode: z.string().default('02110'),
  country: z.string().length(2).default('US'),
});
export type StorefrontAddress = z.infer<typeof Address>;

const Line = z.object({
  /** Null for a gift or other line that the catalogue does not know. */
  sku: z.string().nullable(),
  title: z.string().optional(),
  quantity: z.number().int().positive().default(1),
  unitPriceMinor: minor,
  grams: z.number().int().nonnegative().default(300),
  requiresShipping: z.boolean().default(true),
});
export type StorefrontLine = z.infer<typeof Line>;

/** What an order is made of when no document is given; everything has a default. */
export const StorefrontOrder = z.object({
  currency: z.string().length(3).default('USD'),
  /** What the customer saw, where that was another currency; `rate` units of it for one of the shop's. */
  presentment: z.object({ currency: z.string().length(3), rate: z.number().positive() }).nullish(),
  email: z.string().nullable().default('ada.park@example.com'),
  phone: z.string().nullable().default(null),
  firstName: z.string().default('Ada'),
  lastName: z.string().default('Park'),
  locale: z.string().default('en'),
  lines: z
    .array(Line)
    .min(1)
    .default([
      { sku: 'MUG-RED', quantity: 1, unitPriceMinor: 1299, grams: 300, requiresShipping: true },
    ]),
  discountMinor: minor.default(0),
  discountCode: z.string().default('WELCOME'),
  shippingMinor: minor.default(500),
  shippingCode: z.string().default('standard'),
  taxRate: z
    .string()
    .regex(/^0(\.\d{1,6})?$/)
    .default('0.0625'),
  taxesIncluded: z.boolean().default(false),
  financialStatus: z.enum(['paid', 'pending', 'authorized', 'partially_paid']).default('paid'),
  shippingAddress: Address.nullable().prefault({}),
  billingAddress: Address.nullable().prefault({}),
  note: z.string().nullable().default(null),
});
export type StorefrontOrder = z.infer<typeof StorefrontOrder>;

/** Which webhook to send; the document is the caller's own, an earlier one, or made from `StorefrontOrder`. */
export const StorefrontSend = z.looseObject({
  topic: z.enum(['orders/create', 'orders/paid', 'orders/cancelled']).default('orders/create'),
  /** The order an `orders/paid` or `orders/cancelled` is about; its document is sent in the new state. */
  orderId: z.number().int().positive().optional(),
  /** A document of the caller's own, sent unchanged. */
  order: z.looseObject({ id: z.number().int().positive() }).optional(),
  /** The body may be such a document itself. */
  id: z.number().int().positive().optional(),
  line_items: z.array(z.unknown()).optional(),
  eventId: z.string().min(1).max(200).optional(),
  /** How often the same event is sent. */
  copies: z.number().int().min(1).max(20).default(1),
});
export type StorefrontSend = z.infer<typeof StorefrontSend>;
