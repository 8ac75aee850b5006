import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type {
  CancelCause,
  CommandInput,
  OrderChange,
  OrderState,
  OwedCapture,
  RecordedFact,
} from '../contracts/order-process';
import {
  allowedActions,
  handOverFacts,
  type OrderAction,
  type OrderActionFacts,
  type PaidBy,
} from '../domain/order-actions';
import { paymentsOf, steps } from './activities';
import { untilDeadline } from './deadline';
import { describeOrder, stageOf } from './order-details';

const ORDER_STAGE = defineSearchAttributeKey('OrderStage', SearchAttributeType.KEYWORD);

/** What may go on beside the story: a booking for a packing, one that is taken back, a further authorisation. */
export type Doing = 'booking' | 'unbooking' | 'amending' | 'renewing';

export interface OrderRun {
  readonly orderId: string;
  readonly state: OrderState;
  readonly hasBegun: () => boolean;
  readonly isOver: () => boolean;
  begin(state: OrderState): void;
  end(): void;
  /** Takes over what a step changed. A cancel among it ends the story. */
  apply(change: OrderChange): void;
  /** Takes over what a step of the story changes; meanwhile the tables may be ahead of `state`. */
  perform(step: Promise<OrderChange>): Promise<void>;
  isPerforming(): boolean;
  /** Runs the story until its end or until a cancel cuts it short. */
  tellStory(story: () => Promise<void>): Promise<void>;
  /** Runs a call that a cancel may cut short. */
  cancellable<T>(call: () => Promise<T>): Promise<T>;
  /** Runs a call that others wait for (`isDoing`). */
  doing<T>(what: Doing, call: () => Promise<T>): Promise<T>;
  isDoing(what: Doing): boolean;
  /** Waits while `isPending`; false when the state's deadline passed first. */
  waitWhile(isPending: () => boolean, summary: string): Promise<boolean>;
  hear(fact: RecordedFact): Promise<void>;
  isShort(): boolean;
  isUnpaid(): boolean;
  isUnderWay(): boolean;
  settled(capture: OwedCapture): void;
  recordArrivals(): Promise<void>;
  cancelFor(cause: CancelCause, by?: CommandInput): Promise<void>;
  /** Shows operators the stage in which the order waits now. */
  showStage(): void;
  allowedActions(): OrderAction[];
}

/** The state of one order's run. */
export function startOrderRun(orderId: string): OrderRun {
  // Shielded from the run's own cancellation: what that means is decided by `listenForCancellation`.
  const shield = new CancellationScope({ cancellable: false });
  const story = new CancellationScope({ cancellable: true, parent: shield });
  const heard = new Set<string>();
  const news = { stock: false, payment: false };
  let current: OrderState | undefined;
  const doing: Record<Doing, number> = { booking: 0, unbooking: 0, amending: 0, renewing: 0 };
  let underWay = 0;
  let hasEnded = false;
  let shownStage = 'intake';

  const run: OrderRun = {
    orderId,
    get state() {
      if (current === undefined)
        throw ApplicationFailure.nonRetryable('the order is not placed yet', 'engine_unavailable');
      return current;
    },
    hasBegun: () => current !== undefined,
    isOver: () => hasEnded,
    begin(state) {
      current = state;
      showDetails();
    },
    end() {
      hasEnded = true;
      run.showStage();
    },
    apply(change) {
      current = applyChange(run.state, change);
      showDetails();
      if (isGivenUp(current)) story.cancel();
    },
    async perform(step) {
      underWay += 1;
      try {
        run.apply(await step);
      } finally {
        underWay -= 1;
      }
    },
    isPerforming: () => underWay > 0,
    async tellStory(tell) {
      try {
        await story.run(tell);
      } catch (err) {
        // A call that the cancel met under way may end by its own fault just as well.
        if (!isGivenUp(run.state)) throw err;
      }
    },
    cancellable: (call) => story.run(call),
    async doing(what, call) {
      doing[what] += 1;
      try {
        return await call();
      } finally {
        doing[what] -= 1;
      }
    },
    isDoing: (what) => doing[what] > 0,
    async waitWhile(isPending, summary) {
      if (!isPending()) return true;
      run.showStage();
      return untilDeadline(run.state.until, () => !isPending(), summary);
    },
    async hear(fact) {
      if (heard.has(fact.id)) return;
      heard.add(fact.id);
      await condition(run.hasBegun);
      if (fact.kind === 'stock_served') await hearOfStock();
      if (fact.kind === 'payment_reported') news.payment = true;
      if (fact.kind === 'shipment_delivered') run.apply({ newArrivals: [fact.ref] });
      if (fact.kind === 'shipment_moved') await run.perform(steps.settleShipments({ orderId }));
      if (fact.kind === 'state_changed') await run.perform(steps.readOrder({ orderId }));
      if (fact.kind === 'payment_event') await run.perform(steps.settleReports({ orderId }));
      if (fact.kind === 'dispute_reported') await run.perform(steps.settleDisputes({ orderId }));
      if (fact.kind === 'authorization_ends') await renewAuthorizations();
      if (fact.kind === 'cancel_requested') await cancelIfLegal(fact.ref);
    },
    isShort() {
      const { waitCode } = run.state;
      const isWaiting = (waitCode === 'shortage' || waitCode === 'substitution') && !news.stock;
      if (!isWaiting) news.stock = false;
      return isWaiting;
    },
    isUnpaid() {
      const isWaiting = run.state.waitCode === 'payment' && !news.payment;
      if (!isWaiting) news.payment = false;
      return isWaiting;
    },
    isUnderWay: () => run.state.phase === 'fulfill' || run.state.phase === 'track',
    settled(capture) {
      const owedCaptures = run.state.owedCaptures.filter(
        (owed) => owed.captureId !== capture.captureId,
      );
      run.apply({ owedCaptures });
    },
    async recordArrivals() {
      for (const shipmentId of run.state.arrivedShipmentIds) {
        await run.perform(steps.recordDelivery({ orderId, shipmentId }));
        run.apply({
          arrivedShipmentIds: run.state.arrivedShipmentIds.filter((id) => id !== shipmentId),
        });
      }
    },
    async cancelFor(cause, by = {}) {
      run.apply(await steps.cancelOrder({ orderId, cause, ...by }));
    },
    showStage() {
      const stage = stageOf(run.state);
      if (stage === shownStage) return;
      shownStage = stage;
      upsertSearchAttributes([{ key: ORDER_STAGE, value: stage }]);
    },
    allowedActions: () => allowedActions(toActionFacts(run.state)),
  };

  /** The story itself takes what it waits for; what was to follow is taken over here. */
  async function hearOfStock(): Promise<void> {
    const { phase } = run.state;
    news.stock = true;
    if (phase !== 'pay' && !run.isUnderWay()) return;
    await run.perform(steps.takeStock({ orderId }));
    run.showStage();
  }

  /** One at a time: it takes all that are due, and is told again of what is left. */
  async function renewAuthorizations(): Promise<void> {
    if (run.isDoing('renewing')) return;
    const renew = () => paymentsOf('renew what is authorised').renewAuthorizations({ orderId });
    run.apply(await run.doing('renewing', renew));
  }

  /** Nobody waits for the answer: a refusal stands in the command's own row. */
  async function cancelIfLegal(commandId: string): Promise<void> {
    try {
      await run.cancelFor('requested', { commandId });
    } catch (err) {
      if (!(err instanceof ActivityFailure)) throw err;
    }
  }

  function showDetails(): void {
    setCurrentDetails(describeOrder(run.state, run.allowedActions()));
  }

  return run;
}

/** Answers of steps may come in another order than the steps committed: an older one adds, but overwrites nothing. */
function applyChange(state: OrderState, change: OrderChange): OrderState {
  const { packedId, closedId, newCaptures = [], newArrivals = [], ...rest } = change;
  const isOlder = rest.rev !== undefined && rest.rev < state.rev;
  const next = isOlder ? { ...state, ...duesOf(rest) } : { ...state, ...rest };
  return {
    ...next,
    fulfillments: next.fulfillments.map((fulfillment) => ({
      ...fulfillment,
      packed: fulfillment.packed || fulfillment.id === packedId,
      closed: fulfillment.closed || fulfillment.id === closedId,
    })),
    owedCaptures: addNew(next.owedCaptures, newCaptures, ({ captureId }) => captureId),
    arrivedShipmentIds: addNew(next.arrivedShipmentIds, newArrivals, (id) => id),
  };
}

/** Work that is due stays due, whichever answer told of it. */
function duesOf({ hasOpenedPackages, isOverAuthorized }: OrderChange): OrderChange {
  return {
    ...(hasOpenedPackages === true ? { hasOpenedPackages } : {}),
    ...(isOverAuthorized === true ? { isOverAuthorized } : {}),
  };
}

function addNew<T>(known: readonly T[], added: readonly T[], idOf: (item: T) => string): T[] {
  const ids = new Set(known.map(idOf));
  return [...known, ...added.filter((item) => !ids.has(idOf(item)))];
}

function isGivenUp(state: OrderState): boolean {
  return state.phase === 'cancel' || (state.phase === 'over' && state.status === 'canceled');
}

function paidByOf({ isPaidByCard, isPaidOutside }: OrderState): PaidBy {
  if (isPaidByCard) return 'card';
  return isPaidOutside === true ? 'outside' : 'other';
}

function toActionFacts(state: OrderState): OrderActionFacts {
  const statuses = state.fulfillments.map(({ closed, scheduled }) => {
    if (closed) return 'closed';
    return scheduled === true ? 'scheduled' : 'open';
  });
  return {
    ...handOverFacts(statuses),
    status: state.status,
    paidBy: paidByOf(state),
    waitCode: state.waitCode,
    activeHolds: state.activeHolds,
    canceling: state.phase === 'cancel',
  };
}
