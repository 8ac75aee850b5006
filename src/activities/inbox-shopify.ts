import { z } from 'zod';

import type { InboxEvent } from '../db/oms/inbox';
import {
  insertSourceCancel,
  lockSourceOrder,
  markSourcePaid,
  type SourceOrder,
} from '../db/oms/payment-lookups';
import { capturePrepaid } from '../db/oms/terms';
import { insertWake } from '../db/oms/wakes';
import type { Queryable } from '../db/pool';
import type { Applied } from './inbox-applied';
import { captured } from './order-terms';

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
  if (paymentId === null || paymentStatus === 'captured' || paymentStatus === 'voided')
    return { kind: 'settled', result: 'superseded' };
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

const Canceled = z.looseObject({ cancel_reason: z.string().max(500).nullish() });

/** The shop canceled: the order's workflow does the same, unless the goods have left. */
async function applyCanceled(
  tx: Queryable,
  event: InboxEvent,
  order: SourceOrder,
): Promise<Applied> {
  if (order.status === 'canceled' || order.phase === 'cancel')
    return { kind: 'settled', result: 'superseded' };
  if (order.isHandedOver || order.phase === 'over')
    return { kind: 'settled', result: 'parked', reason: 'the goods are handed over' };
  const parsed = Canceled.safeParse(event.body);
  const reason = (parsed.success ? parsed.data.cancel_reason : null) ?? 'canceled in the shop';
  const { orderId } = order;
  const commandId = await insertSourceCancel(tx, {
    orderId,
    actorId: 'shopify',
    reason,
    requestId: event.requestId,
  });
  await insertWake(tx, orderId, 'cancel_requested', commandId);
  return { kind: 'settled', result: 'applied' };
}
