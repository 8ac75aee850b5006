import { z } from 'zod';

import { ORDER_ACTIONS } from '../domain/order-actions';
import { ORDER_STATUSES } from '../domain/order-state';

import { AmountMinor, CurrencyCode, Id, listQuery, text, Timestamp, TimestampIn } from './common';
import { FulfillmentOrder } from './fulfillment';
import { Priority } from './intake';
import {
  Amounts,
  Fee,
  Finding,
  Hold,
  OrderLine,
  Payment,
  Presentment,
  StoredAddress,
  WAIT_CODES,
  WaitingFor,
} from './order-parts';
import { Shipment } from './shipments';

const STAGES = [
  'intake',
  'review',
  'finance_review',
  'reserve',
  'shortage',
  'substitution',
  'pay',
  'payment',
  'fulfill',
  'hold',
  'backorder',
  'warehouse',
  'track',
  'delivery_exception',
  'carrier',
  'complete',
  'cancel',
  'void',
  'completed',
  'canceled',
] as const;

const ORDER_PAYMENT_STATUSES = [
  'unpaid',
  'pending',
  'failed',
  'expired',
  'not_required',
  'partially_authorized',
  'authorized',
  'partially_paid',
  'paid',
  'overpaid',
  'partially_refunded',
  'refunded',
  'voided',
] as const;

const ORDER_FULFILLMENT_STATUSES = [
  'unfulfilled',
  'scheduled',
  'on_hold',
  'in_progress',
  'partially_shipped',
  'shipped',
  'partially_delivered',
  'delivered',
  'not_required',
  'canceled',
] as const;

/** An order in a list: every scalar, `amounts` and `waitingFor`. */
export const OrderItem = z
  .object({
    id: Id,
    orderNo: z.string(),
    version: z.int(),
    channel: z.string(),
    externalId: z.string().nullable(),
    origin: z.string(),
    status: z.enum(ORDER_STATUSES),
    paymentStatus: z.enum(ORDER_PAYMENT_STATUSES),
    allocationStatus: z.enum(['none', 'partial', 'full', 'backordered', 'released']),
    fulfillmentStatus: z.enum(ORDER_FULFILLMENT_STATUSES),
    stage: z.enum(STAGES),
    currency: CurrencyCode,
    taxIncluded: z.boolean(),
    subtotalMinor: AmountMinor,
    discountMinor: AmountMinor,
    shippingMinor: AmountMinor,
    shippingTaxMinor: AmountMinor,
    taxMinor: AmountMinor,
    totalMinor: AmountMinor,
    currentTotalMinor: AmountMinor,
    amounts: Amounts,
    waitingFor: WaitingFor.nullable(),
    shippingMethod: z.string().nullable(),
    paymentMethod: z.string(),
    customerId: Id.nullable(),
    customerName: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    locale: z.string(),
    priority: Priority,
    promisedBy: Timestamp.nullable(),
    note: z.string().nullable(),
    cancelReason: z.string().nullable(),
    placedAt: Timestamp,
    confirmedAt: Timestamp.nullable(),
    completedAt: Timestamp.nullable(),
    canceledAt: Timestamp.nullable(),
    archivedAt: Timestamp.nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    workflowId: z.string(),
    temporalUrl: z.string(),
  })
  .meta({ id: 'OrderItem' });
export type OrderItem = z.infer<typeof OrderItem>;

/** Documents of later processes, as an order names them. */
const RelatedDocument = z.object({
  id: Id,
  status: z.string(),
  amountMinor: AmountMinor.optional(),
  totalMinor: AmountMinor.optional(),
  kind: z.string().optional(),
  /** Of an invoice or credit note. */
  number: z.string().optional(),
});

/** The complete order. */
export const Order = OrderItem.omit({ customerName: true, email: true, phone: true, locale: true })
  .extend({
    customer: z.object({
      name: z.string().nullable(),
      email: z.string().nullable(),
      phone: z.string().nullable(),
      locale: z.string(),
    }),
    shippingAddress: StoredAddress.nullable(),
    billingAddress: StoredAddress.nullable(),
    presentment: Presentment.nullable(),
    fees: z.array(Fee),
    promise: z.object({
      promisedBy: Timestamp.nullable(),
      state: z.enum(['none', 'ok', 'at_risk', 'missed']),
    }),
    exchangeOf: Id.nullable(),
    /** The order whose parcel did not arrive, of an order that sends it again. */
    resendOf: Id.nullable(),
    lines: z.array(OrderLine),
    holds: z.array(Hold),
    findings: z.array(Finding),
    fulfillmentOrders: z.array(FulfillmentOrder),
    shipments: z.array(Shipment),
    payments: z.array(Payment),
    returns: z.array(RelatedDocument),
    refunds: z.array(RelatedDocument),
    invoices: z.array(RelatedDocument),
    disputes: z.array(RelatedDocument),
    allowedActions: z.array(z.enum(ORDER_ACTIONS)),
  })
  .meta({ id: 'Order' });
export type Order = z.infer<typeof Order>;

export const OrderAnswer = z.object({ order: Order });

export const OrderEvent = z
  .object({
    seq: z.int(),
    at: Timestamp,
    type: z.string(),
    actor: z.object({ type: z.string(), id: z.string() }),
    reason: z.string().nullable(),
    requestId: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OrderEvent' });
export type OrderEvent = z.infer<typeof OrderEvent>;

export const OrderQuery = listQuery({
  status: z.enum(ORDER_STATUSES).optional(),
  stage: z.enum([...STAGES, ...WAIT_CODES]).optional(),
  paymentStatus: z.enum(ORDER_PAYMENT_STATUSES).optional(),
  fulfillmentStatus: z.enum(ORDER_FULFILLMENT_STATUSES).optional(),
  channel: text(50).optional(),
  customerId: Id.optional(),
  sku: text(100).optional(),
  location: text(100).optional(),
  placedFrom: TimestampIn.optional(),
  placedTo: TimestampIn.optional(),
  q: text(320).optional(),
});
export type OrderQuery = z.infer<typeof OrderQuery>;

export const OrderEventQuery = listQuery({});

/** What staff would type again: the customer's last order's address, method and terms. */
export const Autofill = z
  .object({
    shippingAddress: StoredAddress.nullable(),
    billingAddress: StoredAddress.nullable(),
    shippingMethod: z.string().nullable(),
    payment: z.object({ method: z.string(), terms: z.string().nullable() }).nullable(),
    fromOrderId: Id.nullable(),
  })
  .meta({ id: 'Autofill' });
export type Autofill = z.infer<typeof Autofill>;
