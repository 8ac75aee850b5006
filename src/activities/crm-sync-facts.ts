import type { OrderAnnouncement } from '../contracts/outbox';
import type { OrderFact, TimelineEntry, TotalsChange } from '../db/crm/order-history';
import type { OrderFacts } from '../db/oms/order-facts';
import { formatMoney } from '../domain/money';

export interface Announced {
  readonly outboxId: number;
  readonly type: string;
  readonly createdAt: Date;
  readonly event: OrderAnnouncement;
  readonly order: OrderFacts;
  readonly customerId: string;
}

/** What an announcement means to the customer's timeline and totals; null when it means nothing there. */
export function toOrderFact(announced: Announced): OrderFact | null {
  const entry = entryOf(announced);
  const totals = totalsOf(announced);
  if (entry === null && totals === null) return null;
  const { event, createdAt, customerId } = announced;
  return {
    eventKey: `oms-outbox/${announced.outboxId}`,
    customerId,
    at: event.occurredAt == null ? createdAt : new Date(event.occurredAt),
    entry,
    totals,
  };
}

function entryOf({ type, event, order }: Announced): TimelineEntry | null {
  const orderData = {
    orderId: order.orderId,
    orderNo: order.orderNo,
    totalMinor: order.totalMinor,
    currency: order.currency,
  };
  const shipmentId = event.shipmentId ?? event.fulfillmentOrderId ?? null;
  const ofOrder = { refType: 'order', refId: order.orderId, data: orderData };
  const ofShipment =
    shipmentId === null
      ? ofOrder
      : { refType: 'shipment', refId: shipmentId, data: { ...orderData, shipmentId } };
  switch (type) {
    case 'order.placed': {
      const amount = formatMoney(order.totalMinor, order.currency);
      return {
        kind: 'order_placed',
        ...ofOrder,
        summary: `Order ${order.orderNo} placed, ${amount}`,
      };
    }
    case 'fulfillment.handed_over':
      return { kind: 'order_shipped', ...ofShipment, summary: `Order ${order.orderNo} shipped` };
    case 'shipment.delivered':
      return {
        kind: 'order_delivered',
        ...ofShipment,
        summary: `Order ${order.orderNo} delivered`,
      };
    case 'order.completed':
      return { kind: 'order_completed', ...ofOrder, summary: `Order ${order.orderNo} completed` };
    case 'order.canceled':
      return { kind: 'order_canceled', ...ofOrder, summary: `Order ${order.orderNo} canceled` };
    case 'refund.succeeded': {
      const amountMinor = event.amountMinor ?? 0;
      return {
        kind: 'refund_succeeded',
        refType: 'refund',
        refId: event.refundId ?? order.orderId,
        data: { ...orderData, amountMinor },
        summary: `Refund of ${formatMoney(amountMinor, order.currency)} for order ${order.orderNo}`,
      };
    }
    case 'return.requested':
    case 'return.received':
    case 'return.closed': {
      const word = type.slice('return.'.length);
      const { returnId = null, returnNo = null } = event;
      if (returnId === null) return null;
      return {
        kind: `return_${word}`,
        refType: 'return',
        refId: returnId,
        summary: `Return ${returnNo ?? ''} of order ${order.orderNo} ${word}`,
        data: { ...orderData, returnId, returnNo },
      };
    }
    default:
      return null;
  }
}

function totalsOf({ type, event, order }: Announced): TotalsChange | null {
  const none = {
    currency: order.currency,
    orderCount: 0,
    capturedMinor: 0,
    refundedMinor: 0,
    orderAt: null,
  };
  const amountMinor = event.amountMinor ?? 0;
  switch (type) {
    case 'order.placed':
      return { ...none, orderCount: 1, orderAt: order.placedAt };
    case 'payment.captured':
      return { ...none, capturedMinor: amountMinor };
    case 'payment.refunded':
      return { ...none, refundedMinor: amountMinor };
    case 'payment.refund_reversed':
      return { ...none, refundedMinor: -amountMinor };
    default:
      return null;
  }
}
