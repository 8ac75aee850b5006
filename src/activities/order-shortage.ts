import type { OrderChange, OrderRef } from '../contracts/order-process';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { raiseVersion } from '../db/oms/open-units';
import { type ChangeRecord, type EventRecord, recordChange } from '../db/oms/record-change';
import { lockLevels, reserveParts } from '../db/oms/reservations';
import { dropUnits, letRestFollow, lockQueued, withdrawShortage } from '../db/oms/shortages';
import type { Queryable } from '../db/pool';
import { type Demand, type Split, splitDemand, toStockDemand } from '../domain/allocation';
import { toShortDemand } from '../domain/open-units';
import { giveUp } from './order-cancel';
import { settleCanceled } from './order-give-back';
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
import { substitute } from './order-substitution';
import { goOn, reserved, takeOver, toStock, waitForStock } from './order-stock';

/** The customer's or operator's choice for a short order: wait on, ship what is there, drop the rest, or cancel. */
export async function resolveShortage(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    if (order.waitCode !== 'shortage')
      throw illegalTransition(order, 'the order does not wait for stock');
    const { choice } = cause.body;
    const chosen: EventRecord = { type: 'shortage_resolved', data: { choice } };
    if (choice === 'cancel')
      return giveUp(tx, order, { ...cause, reason: cause.reason ?? 'shortage' }, [chosen]);
    if (choice === 'wait') return waitForStock(tx, changeOf(order, cause, [chosen]));
    if (choice === 'substitute') return substitute(tx, order, cause, [chosen]);
    if (!(await lockQueued(tx, order.id)))
      return takeOver(tx, order, changeOf(order, cause, [chosen]));
    return choice === 'split'
      ? shipWhatIsThere(tx, order, cause, [chosen])
      : dropTheRest(tx, order, cause, [chosen]);
  });
}

/**
 * The shortage deadline passed. With nothing handed over the order is canceled, else what is missing is dropped. A wait
 * that is over, or was prolonged, stays as it is.
 */
export async function endShortage(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.waitCode !== 'shortage' || !isOverdue(order)) return toOrderState(order);
    const cause = { ...BY_ITSELF, reason: 'shortage_deadline' };
    const isHandedOver = order.fulfillments.some(({ status }) => status === 'closed');
    if (!isHandedOver) return giveUp(tx, order, cause, []);
    if (!(await lockQueued(tx, order.id))) return takeOver(tx, order, changeOf(order, cause, []));
    return dropTheRest(tx, order, cause, []);
  });
}

/** What is there goes on at once; the rest keeps its place in the queue and follows. */
async function shipWhatIsThere(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
  chosen: readonly EventRecord[],
): Promise<OrderChange> {
  const { rest, events } = await takeWhatIsThere(tx, order, cause);
  await letRestFollow(tx, order.id, rest);
  return goOnWith(tx, order, changeOf(order, cause, chosen), [
    ...events,
    ...(rest.length === 0 ? [] : [{ type: 'backordered', data: { lines: toUnits(rest) } }]),
  ]);
}

/** What is there goes on at once; the rest is canceled, and with nothing left the order. */
async function dropTheRest(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
  chosen: readonly EventRecord[],
): Promise<OrderChange> {
  const { rest, events } = await takeWhatIsThere(tx, order, cause);
  const units = toUnits(rest);
  if (isAllThatIsWanted(order, rest))
    return giveUp(tx, order, { ...cause, reason: cause.reason ?? 'shortage' }, chosen);
  await withdrawShortage(tx, order.id);
  await dropUnits(tx, order.id, units);
  const reason = cause.reason ?? 'shortage';
  const dropped = { type: 'lines_canceled', reason, data: { lines: units } };
  const change = changeOf(order, cause, chosen);
  if (isMoreToShip(order, rest)) await goOnWith(tx, order, change, [...events, dropped]);
  else await followShipments(tx, order, rest, { ...change, events: [...chosen, dropped] });
  await raiseVersion(tx, order.id);
  return settleCanceled(tx, order, units, cause);
}

/** Everything that is still wanted is handed over: the rest of the story is the carrier's. */
async function followShipments(
  tx: Queryable,
  { lines }: OpenOrder,
  rest: readonly Demand[],
  change: ChangeRecord,
): Promise<void> {
  const isDelivered = lines.every(
    (line) => !line.requiresShipping || wantedOf(line, rest) <= line.delivered,
  );
  const phase = isDelivered ? 'complete' : 'track';
  const wait = isDelivered ? null : ({ code: null, detail: null, policy: 'deliverySla' } as const);
  await recordChange(tx, { ...change, phase, wait });
}

function isMoreToShip({ phase, lines }: OpenOrder, rest: readonly Demand[]): boolean {
  if (phase !== 'fulfill') return true;
  return lines.some((line) => line.requiresShipping && wantedOf(line, rest) > line.shipped);
}

function wantedOf({ id, wanted }: OpenOrder['lines'][number], rest: readonly Demand[]): number {
  return wanted - (rest.find(({ lineId }) => lineId === id)?.quantity ?? 0);
}

async function takeWhatIsThere(
  tx: Queryable,
  order: OpenOrder,
  { commandId }: StepCause,
): Promise<Pick<Split, 'rest'> & { readonly events: readonly EventRecord[] }> {
  const demand = toShortDemand(order);
  const levels = await lockLevels(tx, [...toStockDemand(demand).keys()]);
  const { parts, rest } = splitDemand(demand, toStock(levels));
  await reserveParts(tx, order.id, parts, { key: `choice:${commandId ?? order.revision}` });
  return { rest, events: parts.length === 0 ? [] : [{ type: 'stock_reserved' }] };
}

async function goOnWith(
  tx: Queryable,
  order: OpenOrder,
  change: ChangeRecord,
  events: readonly EventRecord[],
): Promise<OrderChange> {
  if (order.phase === 'reserve') return reserved(tx, change, events);
  return goOn(tx, order, { ...change, events: [...change.events, ...events] });
}

function toUnits(demand: readonly Demand[]) {
  return demand.map(({ lineId, quantity }) => ({ lineId, quantity }));
}

function isAllThatIsWanted({ lines }: OpenOrder, rest: readonly Demand[]): boolean {
  return lines.every((line) => wantedOf(line, rest) === 0);
}
