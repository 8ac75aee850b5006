import { createRefund } from '../db/oms/refund-create';
import { findRefundable } from '../db/oms/refund-facts';
import type { Actor } from '../db/oms/record-change';
import type { Queryable } from '../db/pool';
import { refundOfRest } from '../domain/refund';

/**
 * Starts the refund of all that a canceled order still holds, in the transaction that cancels it and once per cause. It
 * is owed, so nobody has to approve it. Nothing held: no refund.
 */
export async function refundCanceled(
  tx: Queryable,
  orderId: string,
  cause: {
    readonly key: string;
    readonly reason: string | null;
    readonly actor: Actor;
    readonly requestId: string | null;
  },
): Promise<void> {
  const order = await findRefundable(tx, orderId);
  if (order === null || order.refundableMinor === 0) return;
  await createRefund(tx, {
    ...refundOfRest(order, order.refundableMinor),
    orderId,
    causeKey: cause.key,
    reason: cause.reason ?? 'order canceled',
    destination: 'original',
    isOfCanceled: true,
    needsApproval: false,
    requestedBy: cause.actor,
    requestId: cause.requestId,
  });
}
