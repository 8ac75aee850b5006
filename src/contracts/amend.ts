import { z } from 'zod';

import { Address, AmountMinor, Id, Quantity, Sku, text, TimestampIn } from './common';
import { Discount, PriceMinor, Priority } from './intake';
import { Order } from './orders';

const Change = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('addLine'),
    sku: Sku,
    quantity: Quantity,
    unitPriceMinor: PriceMinor.nullable().default(null),
  }),
  z.strictObject({
    type: z.literal('setQuantity'),
    lineId: Id,
    quantity: z.union([z.literal(0), Quantity]),
  }),
  z
    .strictObject({
      type: z.literal('setAddress'),
      shippingAddress: Address.optional(),
      billingAddress: Address.nullable().optional(),
    })
    .refine(
      ({ shippingAddress, billingAddress }) =>
        shippingAddress !== undefined || billingAddress !== undefined,
      { path: ['shippingAddress'], message: 'an address is needed' },
    ),
  z.strictObject({ type: z.literal('setShippingMethod'), shippingMethod: text(100) }),
  z.strictObject({
    type: z.literal('applyDiscount'),
    discount: Discount,
    lineIds: z.array(Id).min(1).max(500).optional(),
  }),
  z
    .strictObject({
      type: z.literal('setPriority'),
      priority: Priority.optional(),
      promisedBy: TimestampIn.nullable().optional(),
    })
    .refine(({ priority, promisedBy }) => priority !== undefined || promisedBy !== undefined, {
      path: ['priority'],
      message: 'a priority or a promise is needed',
    }),
]);

/** `confirm: false` shows what the changes would do; `confirm: true` does it. Both against one version of the order. */
export const AmendBody = z
  .strictObject({
    baseVersion: z.int().min(1),
    confirm: z.boolean(),
    changes: z.array(Change).min(1).max(100),
    payment: z.strictObject({ token: text(200) }).optional(),
  })
  .meta({ id: 'AmendBody' });
export type AmendBody = z.infer<typeof AmendBody>;

const Totals = z.object({
  subtotalMinor: AmountMinor,
  discountMinor: AmountMinor,
  shippingMinor: AmountMinor,
  taxMinor: AmountMinor,
  totalMinor: AmountMinor,
});

const OrderChangeDocument = z
  .object({
    id: Id.nullable(),
    status: z.enum(['preview', 'confirmed']),
    baseVersion: z.int(),
    before: Totals,
    after: Totals,
    priceDeltaMinor: z.int(),
    lines: z.array(
      z.object({
        lineId: Id.nullable(),
        sku: z.string().nullable(),
        quantity: z.int(),
        unitPriceMinor: AmountMinor,
        discountMinor: AmountMinor,
        taxMinor: AmountMinor,
        totalMinor: AmountMinor,
      }),
    ),
    stock: z.array(
      z.object({
        sku: z.string(),
        delta: z.int(),
        available: z.int(),
        short: z.int().meta({ description: 'Units that are not there' }),
      }),
    ),
    payment: z.object({
      action: z.enum(['none', 'authorize', 'capture_less', 'refund']),
      amountMinor: AmountMinor,
    }),
  })
  .meta({ id: 'OrderChange' });
export type OrderChangeDocument = z.infer<typeof OrderChangeDocument>;

export const AmendAnswer = z.object({ order: Order, change: OrderChangeDocument });
