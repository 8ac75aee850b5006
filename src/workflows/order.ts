import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
} from '@temporalio/workflow';
import type { CommandResult, OrderChange, OrderRef } from '../contracts/order-process';
import { carriersOf, paymentsOf, steps } from './activities';
import { goOnAmending } from './order-amend';
import { handleOrderMessages } from './order-handlers';
import { startOrderRun, type OrderRun } from './order-run';

/**
 * One order from intake to completion. Every step is a transaction in our own database or a call to the outside
 * that records its own result, so a fresh run of this workflow resumes where the tables say the order is.
 */
export async function orderWorkflow({ orderId }: OrderRef): Promise<CommandResult> {
  const run = startOrderRun(orderId);
  // Handlers must stand before anything is awaited.
  handleOrderMessages(run);
  return CancellationScope.nonCancellable(async () => {
    run.begin(await steps.placeOrder({ orderId }));

    await run.tellStory(async () => {
      await Promise.all([goOnAmending(run), tell(run)]);
    });
    if (run.state.phase === 'cancel') await undo(run);

    run.end();
    await condition(allHandlersFinished);
    return { status: run.state.status };
  });
}

async function tell(run: OrderRun): Promise<void> {
  await review(run);
  await reserve(run);
  await pay(run);
  await Promise.all([settleCaptures(run), deliver(run), goOnPacking(run), takeBackBookings(run)]);
  await complete(run);
}

/** A held order waits for `approve` or `reject`; the deadline escalates once and the wait goes on. */
async function review(run: OrderRun): Promise<void> {
  while (run.state.phase === 'review') {
    const { until } = run.state;
    const isDecided = await run.waitWhile(
      () => run.state.phase === 'review' && run.state.until === until,
      'review deadline',
    );
    if (!isDecided) await run.perform(steps.escalateReview({ orderId: run.orderId }));
  }
}

/** Stock over several locations; what is short waits for new stock, for a choice, or for the deadline. */
async function reserve(run: OrderRun): Promise<void> {
  while (run.state.phase === 'reserve') {
    const { waitCode, until } = run.state;
    if (waitCode === 'shortage' || waitCode === 'substitution') {
      const isEnded = await run.waitWhile(
        () => run.isShort() && run.state.waitCode === waitCode && run.state.until === until,
        `${waitCode} deadline`,
      );
      if (!isEnded) await passShortage(run);
    }
    if (run.state.phase === 'reserve')
      await run.perform(steps.reserveStock({ orderId: run.orderId }));
  }
}

/** Stock did not come in time, or the customer did not answer what was offered instead. */
async function passShortage(run: OrderRun): Promise<void> {
  const { orderId } = run;
  if (run.state.waitCode === 'shortage') await run.cancelFor('shortage_deadline');
  else await run.perform(steps.endSubstitution({ orderId }));
}

/** Authorises through the gateway; a declined payment waits for another means until the deadline. */
async function pay(run: OrderRun): Promise<void> {
  while (run.state.phase === 'pay') {
    if (run.state.waitCode === 'payment') {
      const isEnded = await run.waitWhile(() => run.isUnpaid(), 'payment deadline');
      if (!isEnded) await run.cancelFor('payment_deadline');
    }
    if (run.state.phase === 'pay') await run.perform(settle(run));
  }
}

async function settle({ orderId, state }: OrderRun): Promise<OrderChange> {
  if (!state.isPaidByCard) return steps.settleTerms({ orderId });
  return paymentsOf('authorize the payment').authorizePayment({ orderId });
}

/**
 * Each hand-over owes captures; they are taken however long the gateway is away, and hold up nothing else. When all is
 * handed over, what is left authorised is released.
 */
async function settleCaptures(run: OrderRun): Promise<void> {
  const { orderId } = run;
  const isDue = () => run.state.owedCaptures.length > 0 || run.state.isOverAuthorized === true;
  while (run.isUnderWay() || isDue()) {
    const [owed] = run.state.owedCaptures;
    if (!isDue()) {
      await condition(() => !run.isUnderWay() || isDue());
    } else if (owed === undefined) {
      run.apply({ isOverAuthorized: false });
      await paymentsOf('release what is left authorised').releaseAuthorizations({ orderId });
    } else {
      await paymentsOf('capture what was handed over').capturePayment({ orderId, ...owed });
      run.settled(owed);
    }
  }
}

/** The warehouse works by updates (pack, hand over), the carrier by scans; only an arrival wakes the order. */
async function deliver(run: OrderRun): Promise<void> {
  while (run.isUnderWay()) {
    const { phase, until } = run.state;
    const hasMoved = await run.waitWhile(
      () =>
        run.state.phase === phase &&
        run.state.until === until &&
        run.state.arrivedShipmentIds.length === 0,
      run.state.waitCode === 'shortage' ? 'shortage deadline' : 'delivery overdue',
    );
    if (!hasMoved) await passDeadline(run);
    await run.recordArrivals();
  }
}

/** What is short beside other work is given up; what is on its way is noted as overdue. */
async function passDeadline(run: OrderRun): Promise<void> {
  const { orderId } = run;
  const isShort = run.state.waitCode === 'shortage';
  await run.perform(isShort ? steps.endShortage({ orderId }) : steps.recordOverdue({ orderId }));
}

/** Packages that a cancel of units opened again: the carrier takes their bookings back, however long it is away. */
async function takeBackBookings(run: OrderRun): Promise<void> {
  const { orderId } = run;
  const isDue = () => run.state.hasOpenedPackages === true;
  while (run.isUnderWay() || isDue()) {
    // A booking under way might reach the carrier after it was asked what it has.
    await condition(() => (isDue() ? !run.isDoing('booking') : !run.isUnderWay()));
    if (!isDue()) continue;
    run.apply({ hasOpenedPackages: false });
    const opened = { orderId, which: 'opened' } as const;
    await run.doing('unbooking', () =>
      carriersOf('take opened packages back').voidBookings(opened),
    );
  }
}

/** What a lost run of this workflow was booking; its caller was told that it goes on by itself. */
async function goOnPacking(run: OrderRun): Promise<void> {
  for (const packing of run.state.openPackings ?? []) {
    const { orderId } = run;
    try {
      run.apply(await carriersOf('book the carrier').bookShipments({ orderId, ...packing }));
    } catch (err) {
      // A refusal stands in the command's own row.
      if (!(err instanceof ActivityFailure && err.cause instanceof ApplicationFailure)) throw err;
    }
  }
}

/** Usually the last arrival completed the order; a capture that came later does it here. */
async function complete(run: OrderRun): Promise<void> {
  // A change under way may still find a reason why the order is not complete.
  await condition(() => !run.isDoing('amending'));
  if (run.state.phase === 'complete')
    await run.perform(steps.completeOrder({ orderId: run.orderId }));
}

/**
 * Stock and fulfilment orders were given up with the cancel itself. What the carrier and the gateway still hold for
 * us is taken back, each until it succeeds; only then is the order canceled.
 */
async function undo(run: OrderRun): Promise<void> {
  const { orderId } = run;
  run.showStage();
  // A further authorisation under way might reach the gateway after it was asked what it holds.
  await condition(() => !run.isDoing('amending') && !run.isDoing('renewing'));
  await Promise.all([
    carriersOf('void the carrier bookings').voidBookings({ orderId }),
    paymentsOf('void the authorisations').voidPayments({ orderId }),
  ]);
  await run.perform(steps.finishCancel({ orderId }));
}
