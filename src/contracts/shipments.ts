import { z } from 'zod';

import { SHIPMENT_STATUSES } from '../domain/order-state';

import { Id, Timestamp } from './common';

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
