import type { RefundRef, RefundState } from '../contracts/refund-process';
import {
  isOwed,
  markShareAttempted,
  openRefund,
  type OpenRefundShare,
  toRefundState,
} from '../db/oms/open-refund';
import type { ShareChange } from '../db/oms/refund-changes';
import { withTransaction } from '../db/pool';
import type { SettleResult } from '../integrations/payment-gateway';
import { withHeartbeat } from './heartbeat';
import { BY_ITSELF } from './order-step';
import type { PaymentDeps } from './payment-calls';
import { refundStep, settleShares, toSucceeded } from './refund-step';

export type RefundPaymentActivities = ReturnType<typeof createRefundPaymentActivities>;

/** Gives money back through the gateway. */
export function createRefundPaymentActivities({ oms, gateways }: PaymentDeps) {
  /**
   * Pays every part of a refund that the gateway owes, one after the other. The key stands before the call; an unclear
   * outcome is looked up by it; each result is recorded before the next part. May run any number of times.
   */
  async function payRefund({ refundId }: RefundRef): Promise<RefundState> {
    const refund = await withTransaction(oms, (tx) => openRefund(tx, refundId, null));
    if (refund === null) throw new Error('no such refund');
    let state = toRefundState(refund);
    if (!state.isOwed) return state;
    for (const share of refund.shares.filter(isOwed)) {
      await markShareAttempted(oms, share.id);
      const { currency } = refund;
      const result = await withHeartbeat(() => payOnce(share, currency));
      state = await refundStep({ oms }, { refundId }, async (tx, current) => {
        const isOpen = current.shares.some(
          ({ id, status }) => id === share.id && status === 'submitted',
        );
        if (isOpen) await settleShares(tx, current, BY_ITSELF, [toEnd(share, result)]);
      });
    }
    return state;
  }

  async function payOnce(share: OpenRefundShare, currency: string): Promise<SettleResult> {
    const { idempotencyKey, amountMinor, intentId } = share;
    const gateway = gateways.of(share.provider);
    if (intentId === null) return { kind: 'refused', code: 'no_payment' };
    if (share.isAttempted) {
      const found = await gateway.find(idempotencyKey, { operation: 'refund', intentId });
      if (found.kind === 'pending') throw new Error('the gateway has not decided yet');
      if (found.kind === 'found')
        return found.status === 'succeeded'
          ? { kind: 'done', entryId: found.entryId }
          : { kind: 'refused', code: found.code ?? 'refused' };
    }
    return gateway.refund({ idempotencyKey, intentId, amountMinor, currency });
  }

  return { payRefund };
}

function toEnd(share: OpenRefundShare, result: SettleResult): ShareChange {
  if (result.kind === 'done') return toSucceeded(share, result.entryId);
  // Its cap is given back with the refund's end: until then another part may succeed.
  const failed = { id: share.id, status: 'failed', pendingMinor: 0, refundedMinor: 0 } as const;
  return { ...failed, failureCode: result.code };
}
