import { yieldDisputed } from '../db/oms/dispute-reserves';
import { openRefund, markShareReversed } from '../db/oms/open-refund';
import type { ReportedPayment } from '../db/oms/provider-reports';
import { changeRefund } from '../db/oms/refund-changes';
import { createRefund } from '../db/oms/refund-create';
import { insertWorkflowWake } from '../db/oms/wakes';
import type { Queryable } from '../db/pool';
import { planRefunds } from '../domain/stripe-refund';
import { BY_ITSELF } from './order-step';
import { changeOfRefund, settleShares, toSucceeded } from './refund-step';

/** Who asks for a refund that is seen at the provider only. */
const PROVIDER = { type: 'provider', id: 'provider' };

/**
 * Makes the refunds that a provider has told of our own: one that nobody asked for here appears as refunded, one that
 * came back is given to its own workflow. The order's row must be locked.
 */
export async function settleProviderRefunds(
  tx: Queryable,
  orderId: string,
  payment: ReportedPayment,
): Promise<void> {
  const { unknown, failed } = planRefunds(payment.refundReports, payment.shares);
  for (const key of failed) {
    const share = await markShareReversed(tx, key);
    if (share !== null)
      await insertWorkflowWake(tx, `refund/${share.refundId}`, 'refund_reversed', key);
  }
  if (unknown !== null) await recordRefunded(tx, orderId, payment, unknown);
}

/** The money is gone already: the refund is asked for, and has succeeded, in one. */
async function recordRefunded(
  tx: Queryable,
  orderId: string,
  { paymentId, shares }: ReportedPayment,
  unknown: { readonly amountMinor: number; readonly reference: string | null },
): Promise<void> {
  const { amountMinor, reference } = unknown;
  const knownMinor = shares.reduce((sum, share) => sum + share.amountMinor, 0);
  await yieldDisputed(tx, { paymentId, refundedMinor: amountMinor });
  const created = await createRefund(tx, {
    orderId,
    causeKey: `reported:${paymentId}:${String(knownMinor + amountMinor)}`,
    reason: 'refunded at the provider',
    destination: 'original',
    lines: [],
    ...{ shippingMinor: 0, shippingTaxMinor: 0, adjustmentMinor: amountMinor },
    needsApproval: false,
    requestedBy: PROVIDER,
    requestId: null,
  });
  const refund = created === null ? null : await openRefund(tx, created.refundId, null);
  if (refund?.status !== 'pending') return;
  const cause = { ...BY_ITSELF, actor: PROVIDER };
  await changeRefund(tx, changeOfRefund(refund, cause, []), {
    ...{ refundId: refund.id, status: 'submitted', wait: null, shares: [] },
  });
  const ended = refund.shares.map((share) => toSucceeded(share, reference));
  await settleShares(tx, { ...refund, status: 'submitted' }, cause, ended);
}
