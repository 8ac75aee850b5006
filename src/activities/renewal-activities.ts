import { ApplicationFailure } from '@temporalio/common';

import type { OrderChange, OrderRef } from '../contracts/order-process';
import { recordFurther } from '../db/oms/amend-payments';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { markPayment } from '../db/oms/payments';
import { recordChange } from '../db/oms/record-change';
import { type DueRenewal, findDueRenewal, insertRenewal, stopRenewing } from '../db/oms/renewals';
import { type Queryable, withTransaction } from '../db/pool';
import { withHeartbeat } from './heartbeat';
import { BY_ITSELF, changeOf, requireOrder } from './order-step';
import { createPaymentCalls, type PaymentDeps } from './payment-calls';

type Renewal = NonNullable<DueRenewal['renewal']>;

/** How often an authorisation is looked at that a hand-over still owes captures on. */
const OWED_POLL = '1s';

/** Card authorisations end by themselves; while an order is at work they are renewed before that. */
export function createRenewalActivities(deps: PaymentDeps) {
  const { oms } = deps;
  const { authorizeOnce, voidOne, dropRefused } = createPaymentCalls(deps);

  /**
   * Takes a new authorisation in place of each one of the order that ends soon, and voids the old one once nothing is owed
   * on it. A decline makes the order wait for `payment`, beside its work. Each step is kept before the next one is made,
   * so it may run any number of times, and beside a hand-over.
   */
  async function renewAuthorizations({ orderId }: OrderRef): Promise<OrderChange> {
    for (;;) {
      const due = await begin(orderId);
      if (due === null) return readState(orderId);
      await renewOne(orderId, due);
    }
  }

  /** What is due, with what is asked for in its place; null: nothing, or the order is not at work any more. */
  async function begin(orderId: string): Promise<DueRenewal | null> {
    return withTransaction(oms, async (tx) => {
      await requireOrder(tx, orderId, null);
      const due = await findDueRenewal(tx, orderId);
      if (due === null || due.renewal !== null) return due;
      if (due.phase !== 'fulfill' || due.restMinor <= 0) return null;
      await insertRenewal(tx, due.ending.paymentId);
      return findDueRenewal(tx, orderId);
    });
  }

  async function renewOne(orderId: string, { ending, renewal, isOwed }: DueRenewal): Promise<void> {
    if (renewal?.status === 'pending') return askFor(orderId, ending.paymentId, renewal);
    if (isOwed)
      throw ApplicationFailure.create({
        message: 'captures are still owed on the authorisation that ends',
        type: 'fault',
        nextRetryDelay: OWED_POLL,
      });
    await withHeartbeat(() => voidOne(orderId, ending));
  }

  async function askFor(orderId: string, endingId: string, renewal: Renewal): Promise<void> {
    const asked = { ...renewal, wasAttempted: true };
    const outcome = await withHeartbeat(() => authorizeOnce(asked, orderId));
    if (outcome.kind !== 'authorized') {
      const code = await dropRefused(renewal, outcome);
      return decline(orderId, { endingId, code, renewal });
    }
    if (outcome.amountMinor < renewal.amountMinor) {
      await withHeartbeat(() => voidOne(orderId, renewal));
      return decline(orderId, { endingId, code: 'authorized_in_part', renewal });
    }
    const isWanted = await withTransaction(oms, async (tx) => {
      const { phase } = await requireOrder(tx, orderId, null);
      if (phase !== 'fulfill') return false;
      await recordFurther(tx, orderId, { ...outcome, paymentId: renewal.paymentId });
      return true;
    });
    // The last hand-over, or a cancel, came first.
    if (!isWanted) await withHeartbeat(() => voidOne(orderId, renewal));
  }

  async function decline(
    orderId: string,
    refused: { readonly endingId: string; readonly code: string; readonly renewal: Renewal },
  ): Promise<void> {
    const { endingId, code, renewal } = refused;
    await withTransaction(oms, async (tx) => {
      const order = await requireOrder(tx, orderId, null);
      await markPayment(tx, renewal.paymentId, { status: 'declined', code, intentId: null });
      await stopRenewing(tx, endingId);
      await recordDecline(tx, order, code);
    });
  }

  async function readState(orderId: string): Promise<OrderChange> {
    return withTransaction(oms, async (tx) => toOrderState(await requireOrder(tx, orderId, null)));
  }

  return { renewAuthorizations };
}

/** The order waits for another card unless it waits for something else already; its work goes on. */
async function recordDecline(tx: Queryable, order: OpenOrder, code: string): Promise<void> {
  const event = { type: 'payment_declined', data: { code } };
  const change = changeOf(order, BY_ITSELF, [event]);
  const isFree = order.phase === 'fulfill' && order.waitCode === null;
  const detail = 'the authorisation ends soon and was not renewed';
  const wait = { code: 'payment', detail, policy: null } as const;
  await recordChange(tx, isFree ? { ...change, wait } : change);
}
