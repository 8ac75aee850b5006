import type { OrderChange, OrderRef } from '../contracts/order-process';
import { topUpDisputed } from '../db/oms/dispute-reserves';
import { openUnmatched } from '../db/oms/incidents';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { recordAuthorized, recordCaptured } from '../db/oms/payments';
import {
  findReportedPayments,
  insertOutsideCapture,
  markHeldOutside,
  noteFailedTry,
  recordReleased,
  reopenVoided,
  type ReportedPayment,
} from '../db/oms/provider-reports';
import { recordChange } from '../db/oms/record-change';
import type { Queryable } from '../db/pool';
import { foldIntent, type IntentPlan, planIntent } from '../domain/stripe-intent';
import { refundDue } from './money-events';
import { settleProviderRefunds } from './order-provider-refunds';
import { refundCanceled } from './refund-due';
import { BY_ITSELF, changeOf, requireOrder, type StepDeps, storyStep } from './order-step';

/**
 * Makes what a provider has reported of the order's payments the order's own: an authorisation sends it on, a capture
 * settles what a hand-over owes, a cancel releases. A fold over all reports, so a second time it changes nothing. By
 * the order's workflow, or for an order that is over by the `wake` lane.
 */
export async function settleReports(
  deps: Pick<StepDeps, 'oms'>,
  { orderId }: OrderRef,
): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    for (const payment of await findReportedPayments(tx, orderId)) {
      await settlePayment(tx, order, payment);
      await settleProviderRefunds(tx, orderId, payment);
    }
    return toOrderState(await requireOrder(tx, orderId, null));
  });
}

async function settlePayment(
  tx: Queryable,
  order: OpenOrder,
  payment: ReportedPayment,
): Promise<void> {
  const { paymentId, reference } = payment;
  const plan = planIntent(foldIntent(payment.reports), payment);
  if (plan.declineCode !== null) await noteDecline(tx, order, paymentId, plan.declineCode);
  if (plan.authorizeMinor !== null) {
    await markHeldOutside(tx, paymentId);
    const authorization = { paymentId, intentId: reference, expiresAt: null };
    const amountMinor = plan.authorizeMinor;
    await recordAuthorized(tx, order.id, { ...authorization, amountMinor });
  }
  for (const capture of plan.settled) await recordCaptured(tx, order.id, capture);
  if (plan.extraMinor > 0) await settleOutsideCapture(tx, order, payment, plan.extraMinor);
  if (plan.settled.length > 0 || plan.extraMinor > 0) await topUpDisputed(tx, paymentId);
  if (plan.releasedOf !== null) await settleRelease(tx, order, payment, plan.releasedOf);
  await noteLate(tx, order, payment, plan);
}

/** The customer's try failed; at the provider the same intent may still succeed. */
async function noteDecline(
  tx: Queryable,
  order: OpenOrder,
  paymentId: string,
  code: string,
): Promise<void> {
  await noteFailedTry(tx, paymentId, code);
  await recordChange(
    tx,
    changeOf(order, BY_ITSELF, [{ type: 'payment_declined', data: { code } }]),
  );
}

async function settleOutsideCapture(
  tx: Queryable,
  order: OpenOrder,
  { paymentId, reference, capturedMinor, status }: ReportedPayment,
  amountMinor: number,
): Promise<void> {
  if (status === 'voided') await reopenVoided(tx, { paymentId, amountMinor });
  const key = `reported:${reference}:${String(capturedMinor + amountMinor)}`;
  const captureId = await insertOutsideCapture(tx, {
    ...{ orderId: order.id, paymentId, amountMinor, key },
  });
  await recordCaptured(tx, order.id, { captureId, amountMinor });
}

async function settleRelease(
  tx: Queryable,
  order: OpenOrder,
  { paymentId }: ReportedPayment,
  authorizedMinor: number,
): Promise<void> {
  const data = { paymentId };
  const event = { type: 'payment_voided', announce: 'payment.voided', data, payload: data };
  await recordReleased(tx, changeOf(order, BY_ITSELF, [event]), { paymentId, authorizedMinor });
}

/** Money that comes to an order that is canceled is due back; money that goes from one at work needs a person. */
async function noteLate(
  tx: Queryable,
  order: OpenOrder,
  { paymentId, reference, currency, capturedMinor }: ReportedPayment,
  plan: IntentPlan,
): Promise<void> {
  const isCanceled = order.status === 'canceled';
  if (isCanceled && plan.extraMinor > 0) {
    await recordChange(tx, changeOf(order, BY_ITSELF, [refundDue(plan.extraMinor, currency)]));
    await refundCanceled(tx, order.id, {
      ...{
        key: `paid-late:${paymentId}:${String(capturedMinor + plan.extraMinor)}`,
        requestId: null,
      },
      ...{ reason: 'paid after the cancel', actor: BY_ITSELF.actor },
    });
  }
  const isLost = (plan.releasedOf ?? 0) > 0 && order.phase === 'fulfill';
  if (!plan.isHeldLate && !isLost) return;
  const detail = plan.isHeldLate
    ? `${reference} was authorised after it was given up: cancel it at the provider`
    : `${reference} was canceled at the provider while the order is in the warehouse`;
  await openUnmatched(tx, { orderId: order.id, docId: reference, detail });
}
