import { z } from 'zod';

import {
  DELIVERY_ACTIONS,
  DELIVERY_EXCEPTIONS,
  SHIPMENT_ACTIONS,
} from '../domain/delivery-exception';
import { SHIPMENT_STATUSES } from '../domain/order-state';

import { Id, text, Timestamp } from './common';

export const Shipment = z
  .object({
    id: Id,
    orderId: Id,
    fulfillmentOrderId: Id,
    carrier: z.string(),
    service: z.string(),
    trackingNo: z.string().nullable(),
    labelUrl: z.string().nullable(),
    status: z.enum(SHIPMENT_STATUSES),
    eta: Timestamp.nullable(),
    weightGrams: z.int(),
    items: z.array(z.object({ lineId: Id, quantity: z.int() })),
    /** Attempts to deliver that failed. */
    failedAttempts: z.int(),
    /** On what a person has to decide. */
    exception: z.enum(DELIVERY_EXCEPTIONS).nullable(),
    /** Why the order does not wait for it any more. */
    givenUpAs: z.enum(['resend', 'refund', 'returned']).nullable(),
    interceptedAt: Timestamp.nullable(),
    allowedActions: z.array(z.enum(SHIPMENT_ACTIONS)),
    shippedAt: Timestamp.nullable(),
    deliveredAt: Timestamp.nullable(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Shipment' });
export type Shipment = z.infer<typeof Shipment>;

/** One scan as the carrier reported it. */
export const ShipmentEvent = z
  .object({
    id: z.string(),
    code: z.string(),
    status: z.enum(SHIPMENT_STATUSES),
    occurredAt: Timestamp,
    receivedAt: Timestamp,
    location: z.string().nullable(),
  })
  .meta({ id: 'ShipmentEvent' });
export type ShipmentEvent = z.infer<typeof ShipmentEvent>;

export const ResolveShipmentBody = z
  .strictObject({ action: z.enum(DELIVERY_ACTIONS), reason: text(500) })
  .meta({ id: 'ResolveShipmentBody' });
export const ShipmentReasonBody = z
  .strictObject({ reason: text(500) })
  .meta({ id: 'ShipmentReasonBody' });

export const ShipmentAnswer = z.object({ shipment: Shipment });
