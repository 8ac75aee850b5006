import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { OrderChange, OrderRef, OwedCapture } from '../contracts/order-process';
import { noteUndoFailure, resolveUndoFailure } from '../db/oms/incidents';
import { toOrderState } from '../db/oms/open-order';
import { recordFurther } from '../db/oms/amend-payments';
import {
  type BegunPayment,
  beginPayment,
  markPayment,
  recordAuthorized,
  recordCaptured,
} from '../db/oms/payments';
import { isCaptureDone } from '../db/oms/provider-reports';
import { findOpenAuthorizations } from '../db/oms/payment-voids';
import { recordChange } from '../db/oms/record-change';
import { toPlannedStates } from '../db/oms/terms';
import { noteCaptureRefused } from '../db/oms/captures';
import { withTransaction } from '../db/pool';
import type { AuthorizeResult } from '../integrations/payment-gateway';
import { createAmendActivities } from './amend-activities';
import { withHeartbeat } from './heartbeat';
import { settleReports } from './order-reports';
import { createRenewalActivities } from './renewal-activities';
import { BY_ITSELF, changeOf, requireOrder, storyStep, toIso } from './order-step';
import { createPaymentCalls, type PaymentDeps } from './payment-calls';

type Authorized = Pick<
  Extract<AuthorizeResult, { kind: 'authorized' }>,
  'intentId' | 'amountMinor' | 'expiresAt'
>;

/** A payment whose outcome is still open. */
const OPEN: ReadonlySet<string> = new Set(['pending', 'action_required']);

/** How often a capture is looked for that somebody else makes. */
const REPORT_POLL = '1s';

export type PaymentActivities = ReturnType<typeof createPaymentActivities>;

/**
 * Calls to the payment gateway. Each stores its key before the call, looks an unclear outcome up by it instead of
 * calling again, and records its result before it returns; so each may run any number of times.
 */
export function createPaymentActivities(deps: PaymentDeps) {
  const { gateways, oms } = deps;
  const { authorizeOnce, voidOne } = createPaymentCalls(deps);

  /** Authorises the order's current card payment and sends the order to the warehouse, or lets it wait for another means. */
  async function authorizePayment({ orderId }: OrderRef): Promise<OrderChange> {
    const payment = await beginPayment(oms, orderId, gateways.providers);
    if (payment === null || payment.phase !== 'pay') return readState(orderId);
    const known = { ...payment, intentId: payment.reference ?? '', expiresAt: null };
    if (payment.dueMinor <= 0 && !OPEN.has(payment.status))
      return recordSuccess(orderId, payment, known);
    if (payment.status === 'authorized') return recordPart(orderId, payment, known);
    if (payment.seq > 1) await voidEarlier(orderId, payment);
    if (payment.isMadeElsewhere && payment.reference !== null)
      return awaitProvider(orderId, payment, payment.reference);
    const outcome = await withHeartbeat(() => authorizeOnce(payment, orderId));
    if (outcome.kind === 'authorized')
      return outcome.amountMinor < payment.amountMinor
        ? recordPart(orderId, payment, outcome)
        : recordSuccess(orderId, payment, outcome);
    return recordRefusal(orderId, payment, outcome);
  }

  /** An intent that the customer confirms at the provider: what was reported so far counts, and the rest is waited for. */
  async function awaitProvider(
    orderId: string,
    payment: BegunPayment,
    intentId: string,
  ): Promise<OrderChange> {
    const reported = await settleReports(deps, { orderId });
    if (reported.phase !== 'pay') return reported;
    return recordRefusal(orderId, payment, { kind: 'action_required', intentId });
  }

  /** A means that waits for the customer must not succeed beside the one that replaced it; a part that is there stays. */
  async function voidEarlier(orderId: string, current: BegunPayment): Promise<void> {
    for (const payment of await findOpenAuthorizations(oms, orderId))
      if (payment.paymentId !== current.paymentId && payment.status !== 'authorized')
        await withHeartbeat(() => voidOne(orderId, payment));
  }

  async function recordSuccess(
    orderId: string,
    payment: BegunPayment,
    result: Authorized,
  ): Promise<OrderChange> {
    const { intentId, amountMinor, expiresAt } = result;
    const authorization = { paymentId: payment.paymentId, intentId, amountMinor, expiresAt };
    const { status, phase, planned, rev } = await withTransaction(oms, (tx) =>
      recordAuthorized(tx, orderId, authorization),
    );
    if (phase === 'cancel') return readState(orderId);
    const fulfillments = toPlannedStates(planned);
    return { status, phase, waitCode: null, until: null, fulfillments, rev };
  }

  /** The gateway gave less than was asked for: it stays authorised, and the rest waits for another means. */
  async function recordPart(
    orderId: string,
    payment: BegunPayment,
    authorization: Authorized,
  ): Promise<OrderChange> {
    return storyStep(deps, orderId, async (tx, order) => {
      await recordFurther(tx, orderId, { ...authorization, paymentId: payment.paymentId });
      if (order.phase === 'pay' && order.waitCode !== 'payment') {
        const detail = 'a part of the payment is authorised: the rest is to be paid';
        const wait = { code: 'payment', detail, policy: 'paymentDeadline' } as const;
        await recordChange(tx, { ...changeOf(order, BY_ITSELF, []), wait });
      }
      return toOrderState(await requireOrder(tx, orderId, null));
    });
  }

  async function recordRefusal(
    orderId: string,
    payment: BegunPayment,
    outcome: Exclude<AuthorizeResult, { kind: 'authorized' }>,
  ): Promise<OrderChange> {
    const isDeclined = outcome.kind === 'declined';
    return storyStep(deps, orderId, async (tx, order) => {
      const isNews = await markPayment(tx, payment.paymentId, {
        status: isDeclined ? 'declined' : 'action_required',
        code: isDeclined ? outcome.code : null,
        intentId: isDeclined ? null : outcome.intentId,
      });
      if (order.phase !== 'pay' || (!isNews && order.waitCode === 'payment'))
        return toOrderState(order);
      const event = isDeclined
        ? { type: 'payment_declined', data: { code: outcome.code } }
        : { type: 'payment_action_required' };
      const detail = isDeclined
        ? 'the payment was declined'
        : 'the customer must confirm the payment';
      const wait = { code: 'payment', detail, policy: 'paymentDeadline' } as const;
      const { until } = await recordChange(tx, {
        ...changeOf(order, BY_ITSELF, isNews ? [event] : []),
        wait,
      });
      return { waitCode: 'payment', until: toIso(until) };
    });
  }

  async function readState(orderId: string): Promise<OrderChange> {
    return withTransaction(oms, async (tx) => toOrderState(await requireOrder(tx, orderId, null)));
  }

  /** Captures what one hand-over owes. One that the gateway refuses opens an incident and is tried again for ever. */
  async function capturePayment(owed: OrderRef & OwedCapture): Promise<void> {
    const { orderId, captureId, idempotencyKey, intentId, amountMinor, currency } = owed;
    const { provider = gateways.cards.provider } = owed;
    if (!gateways.providers.includes(provider)) return awaitCapture(captureId);
    const gateway = gateways.of(provider);
    const outcome = await withHeartbeat(async () => {
      if (Context.current().info.attempt > 1) {
        const found = await gateway.find(idempotencyKey, { operation: 'capture', intentId });
        if (found.kind === 'pending') throw new Error('the gateway has not decided yet');
        if (found.kind === 'found' && found.status === 'succeeded')
          return { kind: 'done' } as const;
      }
      return gateway.capture({ idempotencyKey, intentId, amountMinor, currency });
    });
    if (outcome.kind === 'refused') {
      await withTransaction(oms, (tx) =>
        noteCaptureRefused(tx, orderId, { captureId, code: outcome.code }),
      );
      throw new Error(`the gateway refused the capture: ${outcome.code}`);
    }
    await withTransaction(oms, (tx) => recordCaptured(tx, orderId, owed));
  }

  /** A provider that cannot be called from here: the capture is made there by others, and reported. */
  async function awaitCapture(captureId: string): Promise<void> {
    if (await isCaptureDone(oms, captureId)) return;
    throw ApplicationFailure.create({
      message: 'the provider has not reported the capture',
      type: 'fault',
      nextRetryDelay: REPORT_POLL,
    });
  }

  /**
   * Takes back whatever the gateway may hold for the order. A payment whose outcome is unknown is looked up first; one
   * that cannot be voided yet is tried again for ever, with an incident once that lasts.
   */
  async function voidPayments({ orderId }: OrderRef): Promise<void> {
    return takeBack(orderId, 'all');
  }

  /** Releases what is authorised beyond what all hand-overs captured; tried for ever, with an incident once that lasts. */
  async function releaseAuthorizations({ orderId }: OrderRef): Promise<void> {
    return takeBack(orderId, 'left');
  }

  async function takeBack(orderId: string, which: 'all' | 'left'): Promise<void> {
    try {
      for (const payment of await findOpenAuthorizations(oms, orderId, which))
        await withHeartbeat(() => voidOne(orderId, payment));
    } catch (err) {
      await noteUndoFailure(oms, { orderId, kind: 'void_failed', docType: 'payment' });
      throw err;
    }
    await resolveUndoFailure(oms, { orderId, kind: 'void_failed', docType: 'payment' });
  }

  return {
    authorizePayment,
    capturePayment,
    voidPayments,
    releaseAuthorizations,
    ...createAmendActivities(deps),
    ...createRenewalActivities(deps),
  };
}
