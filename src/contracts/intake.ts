import { z } from 'zod';

import { isCleanText } from '../domain/text';

import {
  Address,
  AmountMinor,
  CurrencyCode,
  Id,
  Name,
  Note,
  Quantity,
  Sku,
  text,
  Timestamp,
  TimestampIn,
} from './common';
import { WaitingFor } from './order-parts';

const MAX_LINES = 500;
const MAX_DISCOUNTS = 50;
/** Bounds one line's price so that the sums of an order stay exact. */
const MAX_PRICE_MINOR = 1_000_000_000_000;

export const Priority = z.enum(['low', 'normal', 'high', 'urgent']);
const Phone = z
  .string()
  .trim()
  .regex(/^\+?[0-9(][0-9 ()./-]{3,30}$/, 'is not a telephone number');
const Email = z.string().trim().max(320).pipe(z.email('is not an e-mail address'));
const Locale = z
  .string()
  .regex(/^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$/, 'is not a language tag');
const Channel = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,49}$/, 'must be lower-case letters, digits, - and _')
  .meta({ example: 'web' });
/** Six digits after the point at most, so that it is exact in a numeric column. */
const Percent = z
  .number()
  .min(0)
  .max(100)
  .refine((value) => /^\d+(?:\.\d{1,6})?$/.test(String(value)), 'has more than six decimals');
export const PriceMinor = AmountMinor.max(MAX_PRICE_MINOR);

const Customer = z
  .strictObject({
    email: Email.nullable().default(null),
    phone: Phone.nullable().default(null),
    name: Name.nullable().default(null),
    locale: Locale.nullable().default(null),
  })
  .refine(({ email, phone }) => email !== null || phone !== null, {
    path: ['email'],
    message: 'an e-mail address or a telephone number is needed',
  });

const Line = z.strictObject({
  sku: Sku,
  quantity: Quantity,
  unitPriceMinor: PriceMinor.nullable().default(null),
});

const DiscountCode = text(100);
export const Discount = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ code: DiscountCode, type: z.literal('fixed'), valueMinor: PriceMinor }),
    z.strictObject({ code: DiscountCode, type: z.literal('percent'), valuePercent: Percent }),
  ],
  { error: 'needs a type, fixed or percent: coupons (a code alone) are not supported yet' },
);

/** Taken from the customer's store credit before `method` pays the rest. */
const storeCredit = { storeCreditMinor: PriceMinor.optional() };

/** A card token, or a payment intent that the storefront has made at Stripe. */
const CardPayment = z
  .strictObject({
    method: z.literal('card'),
    token: text(200).optional(),
    ...storeCredit,
    provider: z.literal('stripe').optional(),
    reference: z
      .string()
      .regex(/^pi_[A-Za-z0-9_]{1,190}$/, 'is not a payment intent of Stripe')
      .optional(),
  })
  .superRefine(({ token, provider, reference, storeCreditMinor = 0 }, ctx) => {
    const isIntent = provider !== undefined || reference !== undefined;
    const refuse = (path: string, message: string): void =>
      ctx.addIssue({ code: 'custom', path: [path], message });
    if (isIntent && token !== undefined) refuse('token', 'an intent of Stripe brings no token');
    if (isIntent && provider === undefined) refuse('provider', 'is needed with a reference');
    if (isIntent && reference === undefined) refuse('reference', 'is needed with a provider');
    if (!isIntent && token === undefined && storeCreditMinor === 0) refuse('token', 'is needed');
  });

const Payment = z.discriminatedUnion('method', [
  CardPayment,
  z.strictObject({ method: z.literal('prepaid'), reference: text(200), ...storeCredit }),
  z.strictObject({ method: z.literal('cod'), ...storeCredit }),
  z.strictObject({
    method: z.literal('invoice'),
    terms: text(100).nullable().default(null),
    ...storeCredit,
  }),
]);

const basket = {
  currency: CurrencyCode,
  lines: z.array(Line).min(1).max(MAX_LINES),
  shippingAddress: Address,
  shippingMethod: text(100).default('standard'),
  discounts: z.array(Discount).max(MAX_DISCOUNTS).default([]),
};

const order = {
  ...basket,
  channel: Channel,
  externalId: text(200).nullable().default(null),
  placedAt: TimestampIn.nullable().default(null),
  billingAddress: Address.nullable().default(null),
  note: Note.nullable().default(null),
  priority: Priority.default('normal'),
  promisedBy: TimestampIn.nullable().default(null),
};

/** Body of `POST /v1/orders`. */
export const CreateOrder = z
  .strictObject({ ...order, customer: Customer, payment: Payment })
  .meta({ id: 'CreateOrder' });
export type CreateOrder = z.infer<typeof CreateOrder>;

/** Body of `POST /v1/quotes`: an order's, of which only the basket matters. */
export const CreateQuote = z
  .strictObject({
    ...order,
    channel: Channel.default('quote'),
    customer: Customer.nullable().default(null),
  })
  .meta({ id: 'CreateQuote' });
export type CreateQuote = z.infer<typeof CreateQuote>;

/** What a template may leave open; what it holds is checked as an order when one is placed from it. */
const TemplateBody = CreateOrder.omit({
  externalId: true,
  placedAt: true,
  payment: true,
  promisedBy: true,
})
  .partial()
  .meta({ id: 'OrderTemplateBody' });

const TemplateName = Name;
export const CreateOrderTemplate = z
  .strictObject({ name: TemplateName, body: TemplateBody })
  .meta({ id: 'CreateOrderTemplate' });
export const OrderTemplate = z
  .object({
    id: Id,
    name: z.string(),
    body: z.record(z.string(), z.unknown()),
    version: z.int(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'OrderTemplate' });
export type OrderTemplate = z.infer<typeof OrderTemplate>;

/** Members of an order's body laid over the template's; checked together as one order. */
export const OrderFromTemplate = z.record(z.string().refine(isCleanText), z.unknown()).meta({
  id: 'OrderFromTemplate',
  description: "Members of CreateOrder that replace the template's",
});

export const IntakeStatus = z
  .object({
    id: Id,
    orderId: Id,
    orderNo: z.string(),
    channel: z.string(),
    externalId: z.string().nullable(),
    status: z.enum(['accepted', 'placed', 'parked']),
    reason: z.string().nullable(),
    waitingFor: WaitingFor.nullable(),
    createdAt: Timestamp,
    placedAt: Timestamp.nullable(),
  })
  .meta({ id: 'Intake' });
export type IntakeStatus = z.infer<typeof IntakeStatus>;

/** An order that is durable but not placed yet; it is placed by itself. */
export const AcceptedIntake = z
  .object({ intakeId: Id, status: z.literal('accepted'), statusUrl: z.string() })
  .meta({ id: 'AcceptedIntake' });
export type AcceptedIntake = z.infer<typeof AcceptedIntake>;
