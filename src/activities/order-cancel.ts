import type { CancelCause, OrderChange, OrderRef } from '../contracts/order-process';
import { giveUpGoods } from '../db/oms/give-up';
import { endCancelCommands } from '../db/oms/command-end';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { type EventRecord, recordChange } from '../db/oms/record-change';
import { capturePrepaid, refundAtSource } from '../db/oms/terms';
import type { Queryable } from '../db/pool';
import { type CancelNames, scopeOfCancel } from '../domain/cancel';
import type { DomainError } from '../domain/errors';
import { captured, refundDue } from './money-events';
import { cancelUnits } from './order-cancel-units';
import {
  BY_ITSELF,
  changeOf,
  commandStep,
  illegalTransition,
  isOverdue,
  type StepCause,
  type StepDeps,
  type StepInput,
  storyStep,
} from './order-step';
import { refundCanceled } from './refund-due';

/**
 * Takes a cancel of the order, or of the units it names: goods are given up in this transaction, so that they cannot be
 * packed or handed over afterwards. With nothing to take back outside a whole order is `canceled` at once, else in phase
 * `cancel` until `finishCancel`. Canceling twice changes nothing; units that are handed over are refused.
 */
export async function cancelOrder(
  deps: StepDeps,
  input: StepInput & { readonly cause: CancelCause },
): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, asked) => {
    if (order.status === 'canceled' || order.phase === 'cancel') {
      if (order.status === 'canceled') await endCancelCommands(tx, order.id);
      return toOrderState(order);
    }
    const isDeadline = input.cause !== 'requested';
    if (isDeadline && !isStillWaiting(order)) return toOrderState(order);
    const cause = isDeadline ? { ...BY_ITSELF, reason: input.cause } : asked;
    const scope = scopeOfCancel(order.lines, isDeadline ? {} : readNames(asked.body));
    if (scope.kind === 'whole') return giveUp(tx, order, cause, []);
    if (scope.kind === 'handed_over') throw handedOver(order);
    if (scope.kind === 'units') return cancelUnits(tx, order, scope.units, cause);
    await recordChange(tx, changeOf(order, cause, []));
    return {};
  });
}

/** The API checked the shape before it stored the command. */
function readNames({ lineIds, lines }: Readonly<Record<string, unknown>>): CancelNames {
  return {
    ...(Array.isArray(lineIds) ? { lineIds: lineIds as string[] } : {}),
    ...(Array.isArray(lines) ? { lines: lines as { lineId: string; quantity: number }[] } : {}),
  };
}

function handedOver(order: OpenOrder): DomainError {
  return illegalTransition(order, 'units are handed over', { offers: ['return', 'intercept'] });
}

/** A deadline only counts while the wait lasts: a step may just have ended it. */
function isStillWaiting(order: OpenOrder): boolean {
  return order.waitCode !== null && isOverdue(order);
}

/** The one way an order is given up, by whatever cause. */
export async function giveUp(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
  events: readonly EventRecord[],
): Promise<OrderChange> {
  const isHandedOver = order.fulfillments.some(({ status }) => status === 'closed');
  if (order.phase === 'over' || order.phase === 'complete' || isHandedOver) throw handedOver(order);
  const isRefunded = cause.body['isRefundedAtSource'] === true;
  const booked = await bookPrepaid(tx, order, cause, isRefunded);
  await giveUpGoods(tx, order.id, cause.actor);
  if (!hasOutsideClaims(order)) {
    const dueMinor = isRefunded ? 0 : Math.max(0, booked - order.givenBackMinor);
    const ends = canceledEvents(order, cause.reason, dueMinor);
    const change = changeOf(order, cause, [...events, ...ends]);
    await recordChange(tx, {
      ...change,
      status: 'canceled',
      phase: 'over',
      wait: null,
      cancelReason: cause.reason,
    });
    await refundCanceled(tx, order.id, causeOf(order, cause));
    return { status: 'canceled', phase: 'over', waitCode: null, until: null, fulfillments: [] };
  }
  const wait = {
    code: 'void',
    detail: 'what gateway and carrier hold is being taken back',
    policy: null,
  } as const;
  const change = changeOf(order, cause, [...events, { type: 'cancel_requested' }]);
  // The command ends with the cancel, not with its beginning.
  await recordChange(tx, {
    ...change,
    commandId: null,
    phase: 'cancel',
    wait,
    cancelReason: cause.reason,
  });
  return { phase: 'cancel', waitCode: 'void', until: null, fulfillments: [] };
}

/**
 * Money that came before the order, and that the pay step has not booked yet, is booked before the order ends: it is
 * there, and somebody wants it back. Answers with all that is captured outside the gateway.
 */
async function bookPrepaid(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
  isRefunded: boolean,
): Promise<number> {
  const outside = order.payments.filter(isPaidOutside);
  for (const payment of outside.filter(({ status }) => status === 'pending')) {
    const change = changeOf(order, { ...cause, commandId: null }, [captured(payment.amountMinor)]);
    await capturePrepaid(tx, payment.id, change);
  }
  const bookedMinor = outside.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  if (!isRefunded || bookedMinor === 0) return bookedMinor;
  const amount = { amountMinor: bookedMinor };
  await refundAtSource(
    tx,
    changeOf(order, { ...cause, commandId: null }, [
      { type: 'refunded_at_source', data: amount, announce: 'payment.refunded', payload: amount },
    ]),
  );
  return bookedMinor;
}

function isPaidOutside({ method, provider, status }: OpenOrder['payments'][number]): boolean {
  if (status === 'captured') return method !== 'card';
  return status === 'pending' && (method === 'prepaid' || provider === 'source:paid');
}

const OPEN_CARD_STATUSES: readonly string[] = [
  'pending',
  'action_required',
  'authorized',
  'partially_captured',
];

const UNDONE: ReadonlySet<string> = new Set(['pending', 'booked', 'voiding']);

/** Whether gateway or carrier may hold something for this order, even if nobody knows yet. */
function hasOutsideClaims(order: OpenOrder): boolean {
  const hasMoney = order.payments.some(
    ({ method, status, isAttempted }) =>
      method === 'card' && isAttempted && OPEN_CARD_STATUSES.includes(status),
  );
  const hasBooking = order.shipments.some(({ bookingStatus }) => UNDONE.has(bookingStatus));
  return hasMoney || hasBooking;
}

/** Everything outside is taken back: the order ends `canceled`. */
export async function finishCancel(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.phase !== 'cancel') return toOrderState(order);
    const refundedMinor = order.payments.reduce((sum, payment) => sum + payment.refundedMinor, 0);
    const capturedMinor = order.payments.reduce((sum, payment) => sum + payment.capturedMinor, 0);
    const ends = canceledEvents(order, order.cancelReason, capturedMinor - refundedMinor);
    const change = changeOf(order, BY_ITSELF, ends);
    await recordChange(tx, { ...change, status: 'canceled', phase: 'over', wait: null });
    const cause = { ...BY_ITSELF, reason: order.cancelReason };
    await refundCanceled(tx, orderId, causeOf(order, cause));
    await endCancelCommands(tx, orderId);
    return { status: 'canceled', phase: 'over', waitCode: null, until: null };
  });
}

function causeOf(order: OpenOrder, { actor, reason, requestId }: StepCause) {
  return { key: `cancel:${order.id}`, actor, reason, requestId };
}

function canceledEvents(order: OpenOrder, reason: string | null, dueMinor: number): EventRecord[] {
  const canceled: EventRecord = {
    type: 'canceled',
    reason,
    data: { from: order.status, to: 'canceled' },
    announce: 'order.canceled',
  };
  if (dueMinor === 0) return [canceled];
  return [canceled, refundDue(dueMinor, order.currency)];
}
