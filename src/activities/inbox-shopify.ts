import { z } from 'zod';

import type { InboxEvent } from '../db/oms/inbox';
import {
  insertSourceCancel,
  lockSourceOrder,
  markSourcePaid,
  type SourceOrder,
} from '../db/oms/payment-lookups';
import { capturePrepaid, recordOutsidePayment } from '../db/oms/terms';
import { openUnmatched } from '../db/oms/incidents';
import { insertWake } from '../db/oms/wakes';
import type { Queryable } from '../db/pool';
import type { Applied } from './inbox-applied';
import { refundCanceled } from './refund-due';
import { captured, refundDue } from './money-events';

/** What happened to an order in the shop it came from; an order not placed yet is waited for. */
export async function applyShopifyEvent(tx: Queryable, event: InboxEvent): Promise<Applied> {
  const { reference, topic } = event;
  if (reference === null) return { kind: 'settled', result: 'parked', reason: 'no order id' };
  const order = await lockSourceOrder(tx, 'shopify', reference);
  if (order === null) return { kind: 'postponed', reason: 'the order is not known yet' };
  if (topic === 'orders/paid') return applyPaid(tx, event, order);
  if (topic === 'orders/cancelled') return applyCanceled(tx, event, order);
  return { kind: 'settled', result: 'ignored', reason: 'topic is not handled' };
}

/** The shop has the money: an order that awaits it goes on; a capture that was due is booked. */
async function applyPaid(tx: Queryable, event: InboxEvent, order: SourceOrder): Promise<Applied> {
  const { orderId, paymentId, paymentProvider, paymentStatus } = order;
  if (paymentId === null || paymentStatus === 'captured')
    return { kind: 'settled', result: 'superseded' };
  if (paymentStatus === 'voided') return applyLatePayment(tx, event, order);
  if (paymentProvider === 'source:awaited') {
    await markSourcePaid(tx, paymentId);
    await insertWake(tx, orderId, 'payment_reported', event.eventId);
    return { kind: 'settled', result: 'applied' };
  }
  if (paymentProvider !== 'source:authorized') return { kind: 'settled', result: 'superseded' };
  await capturePrepaid(tx, paymentId, {
    orderId,
    actor: { type: 'webhook', id: 'shopify' },
    requestId: event.requestId,
    events: [captured(order.amountMinor ?? 0)],
  });
  return { kind: 'settled', result: 'applied' };
}

/** The customer paid for an order that is canceled: the money is there, and due back. */
async function applyLatePayment(
  tx: Queryable,
  event: InboxEvent,
  { orderId, amountMinor, currency }: SourceOrder,
): Promise<Applied> {
  const paidMinor = amountMinor ?? 0;
  const change = {
    orderId,
    actor: { type: 'webhook', id: 'shopify' },
    requestId: event.requestId,
    events: [captured(paidMinor), refundDue(paidMinor, currency)],
  };
  const { eventId: reference } = event;
  await recordOutsidePayment(tx, change, {
    ...{ method: 'external', provider: 'source:late', idempotencyKey: `late:${reference}` },
    ...{ reference, amountMinor: paidMinor, receivedAt: null },
  });
  await refundCanceled(tx, orderId, {
    ...{ key: `late:${event.eventId}`, reason: 'paid after it was canceled' },
    ...{ actor: change.actor, requestId: event.requestId },
  });
  return { kind: 'settled', result: 'applied' };
}

const Canceled = z.looseObject({
  cancel_reason: z.string().max(500).nullish(),
  financial_status: z.string().nullish(),
});

/** The shop canceled: the order's workflow does the same, unless the goods have left. */
async function applyCanceled(
  tx: Queryable,
  event: InboxEvent,
  order: SourceOrder,
): Promise<Applied> {
  if (order.status === 'canceled' || order.phase === 'cancel')
    return { kind: 'settled', result: 'superseded' };
  const { orderId } = order;
  if (order.isHandedOver || order.phase === 'over') {
    const reason = 'the goods are handed over';
    await openUnmatched(tx, {
      orderId,
      docId: event.eventId,
      detail: `orders/cancelled: ${reason}`,
    });
    return { kind: 'settled', result: 'parked', reason };
  }
  const parsed = Canceled.safeParse(event.body);
  const reason = (parsed.success ? parsed.data.cancel_reason : null) ?? 'canceled in the shop';
  const commandId = await insertSourceCancel(tx, {
    orderId,
    actorId: 'shopify',
    reason,
    isRefundedAtSource: parsed.success && parsed.data.financial_status === 'refunded',
    requestId: event.requestId,
  });
  await insertWake(tx, orderId, 'cancel_requested', commandId);
  return { kind: 'settled', result: 'applied' };
}
