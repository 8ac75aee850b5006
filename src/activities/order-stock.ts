import type { FulfillmentState, OrderChange, OrderRef } from '../contracts/order-process';
import { type OpenOrder, toFulfillmentStates, toOrderState } from '../db/oms/open-order';
import { type ChangeRecord, type EventRecord, recordChange } from '../db/oms/record-change';
import {
  joinQueue,
  type LockedLevel,
  lockStock,
  readReserved,
  reserveParts,
  takeServed,
} from '../db/oms/reservations';
import { endOffer } from '../db/oms/substitutions';
import { planFulfillment } from '../db/oms/terms';
import type { Queryable } from '../db/pool';
import { allocate, type Demand, toStockDemand } from '../domain/allocation';
import { toOpenDemand } from '../domain/open-units';
import { UNLIMITED } from './order-placing';
import { BY_ITSELF, changeOf, type StepDeps, storyStep, toIso } from './order-step';

/** Higher is served first. */
export const RANK: Readonly<Record<string, number>> = { low: 0, normal: 1, high: 2, urgent: 3 };
const RESERVED = { phase: 'pay', waitCode: null, until: null } as const;

/**
 * Reserves the whole order, split over locations where none has all of it, or puts it into the queue of its items and
 * lets it wait. What the wake lane reserved for it meanwhile is taken over. May run any number of times.
 */
export async function reserveStock(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.phase !== 'reserve') return toOrderState(order);
    const demand = toOpenDemand(order);
    if (await isServed(tx, order, demand))
      return takeOver(tx, order, changeOf(order, BY_ITSELF, []));
    if (order.waitCode !== null) return toOrderState(order);
    const stock = await lockStock(tx, order.id, [...toStockDemand(demand).keys()]);
    const allocation = allocate(demand, toStock(stock.levels));
    if (allocation.kind === 'full' && !stock.isQueued) {
      await reserveParts(tx, order.id, allocation.parts);
      return reserved(tx, changeOf(order, BY_ITSELF, []));
    }
    await queueUp(tx, order, demand, allocation.kind === 'full');
    const missing = allocation.kind === 'short' ? allocation.missing : [];
    return waitForStock(tx, changeOf(order, BY_ITSELF, [{ type: 'shortage', data: { missing } }]));
  });
}

/**
 * Takes over what the wake lane reserved for an order that is under way: the work on it is planned, or opened where it
 * waited for stock. May run any number of times.
 */
export async function takeStock(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    const isExpected = order.phase === 'pay' || order.phase === 'fulfill';
    if (!isExpected || !order.isUnplanned) return toOrderState(order);
    const held = await readReserved(tx, order.id);
    const isNews = order.lines.some(({ id, allocated }) => (held.get(id) ?? 0) !== allocated);
    const isPlannable = order.phase === 'fulfill' && order.activeHolds === 0;
    if (!isNews && !isPlannable) return toOrderState(order);
    return takeOver(tx, order, changeOf(order, BY_ITSELF, []));
  });
}

/** What is reserved for the order and nobody works on yet; a wait for stock is over with it. */
export async function takeOver(
  tx: Queryable,
  order: OpenOrder,
  change: ChangeRecord,
): Promise<OrderChange> {
  await takeServed(tx, order.id);
  if (order.waitCode === 'substitution') await endOffer(tx, order.id, 'withdrawn');
  if (order.phase === 'reserve') return reserved(tx, change);
  const events = [...change.events, STOCK_RESERVED];
  return goOn(tx, order, { ...change, events });
}

/** Plans the work on what is reserved, unless a hold or the payment comes first. A wait for stock is over. */
export async function goOn(
  tx: Queryable,
  order: OpenOrder,
  change: ChangeRecord,
): Promise<OrderChange> {
  const isShort = order.waitCode === 'shortage';
  const going: ChangeRecord = isShort ? { ...change, wait: null } : change;
  const over = isShort ? ({ waitCode: null, until: null } as const) : {};
  const before = toFulfillmentStates(order.fulfillments);
  if (order.phase !== 'fulfill' || order.activeHolds > 0) {
    await recordChange(tx, going);
    return { ...over, fulfillments: before };
  }
  const planned = await planFulfillment(tx, order, going);
  return { ...over, status: 'processing', fulfillments: withPlanned(before, planned) };
}

/** Fulfilment orders with those that were planned now, be they new or reopened. */
export function withPlanned(
  before: readonly FulfillmentState[],
  planned: readonly FulfillmentState[],
): FulfillmentState[] {
  const ids = new Set(planned.map(({ id }) => id));
  return [...before.filter(({ id }) => !ids.has(id)), ...planned];
}

const STOCK_RESERVED: EventRecord = { type: 'stock_reserved' };

/** The order has its stock, or goes on without the rest: now it is paid. */
export async function reserved(
  tx: Queryable,
  change: ChangeRecord,
  events: readonly EventRecord[] = [STOCK_RESERVED],
): Promise<OrderChange> {
  const all = [...change.events, ...events];
  await recordChange(tx, { ...change, events: all, phase: 'pay', wait: null });
  return RESERVED;
}

/** Puts an order into the queues of the items that it wants. `isServable`: stock is there, only others come first. */
export async function queueUp(
  tx: Queryable,
  order: OpenOrder,
  demand: readonly Demand[],
  isServable: boolean,
): Promise<void> {
  await joinQueue(tx, order, { demand, rank: RANK[order.priority] ?? 1, isServable });
}

export async function waitForStock(tx: Queryable, change: ChangeRecord): Promise<OrderChange> {
  const wait = { code: 'shortage', detail: 'stock is short', policy: 'shortageDeadline' } as const;
  const { until } = await recordChange(tx, { ...change, wait });
  return { waitCode: 'shortage', until: toIso(until) };
}

/** Levels as the allocation sees them: what may be oversold has no end. */
export function toStock(levels: readonly LockedLevel[]): LockedLevel[] {
  return levels.map((level) => (level.backorder ? { ...level, available: UNLIMITED } : level));
}

async function isServed(
  tx: Queryable,
  order: OpenOrder,
  demand: readonly Demand[],
): Promise<boolean> {
  if (order.waitCode === null) return false;
  const held = await readReserved(tx, order.id);
  return demand.every(({ lineId, quantity }) => (held.get(lineId) ?? 0) >= quantity);
}
