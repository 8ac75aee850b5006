import { z } from 'zod';

import { FULFILLMENT_ACTIONS } from '../domain/fulfillment-actions';
import { FULFILLMENT_ORDER_STATUSES } from '../domain/order-state';

import { Id, listQuery, LocationCode, Quantity, text, Timestamp } from './common';
import { Priority } from './intake';
import { Shipment } from './shipments';

/** The bound keeps a parcel's figures within what carriers' and our own columns take. */
const Grams = z.int().min(1).max(1_000_000);
const Millimetres = z.int().min(1).max(100_000);
const MAX_PACKAGES = 100;
const MAX_LINES = 500;

const FulfillmentOrderLine = z
  .object({
    lineId: Id,
    sku: z.string().nullable(),
    quantity: z.int(),
    picked: z.int(),
    packed: z.int(),
  })
  .meta({ id: 'FulfillmentOrderLine' });

/** One location's work on an order; the same shape alone and within the order. */
export const FulfillmentOrder = z
  .object({
    id: Id,
    orderId: Id,
    orderNo: z.string(),
    location: z.string().nullable(),
    status: z.enum(FULFILLMENT_ORDER_STATUSES),
    backorder: z.boolean(),
    priority: Priority,
    promisedBy: Timestamp.nullable(),
    allowedActions: z.array(z.enum(FULFILLMENT_ACTIONS)),
    lines: z.array(FulfillmentOrderLine),
    packedAt: Timestamp.nullable(),
    handedOverAt: Timestamp.nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'FulfillmentOrder' });
export type FulfillmentOrder = z.infer<typeof FulfillmentOrder>;

/** Packing and hand-over answer with what the carrier gave as well. */
export const FulfillmentOrderAnswer = z.object({
  fulfillmentOrder: FulfillmentOrder,
  shipments: z.array(Shipment).optional(),
  trackingNo: z.string().nullish(),
  labelUrl: z.string().nullish(),
});

export const FulfillmentOrderQuery = listQuery({
  location: LocationCode.optional(),
  status: z.enum(FULFILLMENT_ORDER_STATUSES).optional(),
  priority: Priority.optional(),
  orderId: Id.optional(),
});
export type FulfillmentOrderQuery = z.infer<typeof FulfillmentOrderQuery>;

export const PickBody = z
  .strictObject({
    lines: z
      .array(
        z.strictObject({
          lineId: Id,
          quantity: Quantity,
          serials: z.array(text(100)).max(1000).optional(),
        }),
      )
      .min(1)
      .max(MAX_LINES),
  })
  .meta({ id: 'PickBody' });
export type PickBody = z.infer<typeof PickBody>;

export const ReportShortBody = z
  .strictObject({
    lines: z
      .array(z.strictObject({ lineId: Id, quantity: Quantity }))
      .min(1)
      .max(MAX_LINES),
    reason: text(500),
  })
  .meta({ id: 'ReportShortBody' });

export const HoldFulfillmentBody = z
  .strictObject({ type: text(50).optional(), reason: text(500).optional() })
  .meta({ id: 'HoldFulfillmentBody' });
export type HoldFulfillmentBody = z.infer<typeof HoldFulfillmentBody>;
export const ReleaseFulfillmentBody = z
  .strictObject({ reason: text(500).optional() })
  .meta({ id: 'ReleaseFulfillmentBody' });

const PackedLine = z.strictObject({ lineId: Id, quantity: Quantity });
export const PackBody = z
  .strictObject({
    packages: z
      .array(
        z.strictObject({
          weightGrams: Grams,
          lengthMm: Millimetres.optional(),
          widthMm: Millimetres.optional(),
          heightMm: Millimetres.optional(),
          lines: z.array(PackedLine).min(1).max(MAX_LINES).optional(),
        }),
      )
      .min(1)
      .max(MAX_PACKAGES),
  })
  .meta({ id: 'PackBody' });
export type PackBody = z.infer<typeof PackBody>;
