import type { OrderChange, OrderRef } from '../contracts/order-process';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { type ChangeRecord, type EventRecord, recordChange } from '../db/oms/record-change';
import {
  joinQueue,
  lockStock,
  readReserved,
  reserveParts,
  takeServed,
} from '../db/oms/reservations';
import type { Queryable } from '../db/pool';
import { allocate, type Demand } from '../domain/allocation';
import { giveUp } from './order-cancel';
import { UNLIMITED } from './order-placing';
import {
  BY_ITSELF,
  changeOf,
  commandStep,
  illegalTransition,
  type StepDeps,
  type StepInput,
  storyStep,
  toIso,
} from './order-step';

const RANK: Readonly<Record<string, number>> = { low: 0, normal: 1, high: 2, urgent: 3 };
const RESERVED = { phase: 'pay', waitCode: null, until: null } as const;

/**
 * Reserves the whole order, split over locations where none has all of it, or puts it into the queue of its items and
 * lets it wait. What the wake lane reserved for it meanwhile is taken over. May run any number of times.
 */
export async function reserveStock(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.phase !== 'reserve') return toOrderState(order);
    const demand = toDemand(order);
    if (await isServed(tx, order, demand)) {
      await takeServed(tx, orderId);
      return reserved(tx, order);
    }
    if (order.waitCode === 'shortage') return toOrderState(order);
    const stock = await lockStock(tx, order.id, [...new Set(demand.map(({ sku }) => sku))]);
    const levels = stock.levels.map((level) =>
      level.backorder ? { ...level, available: UNLIMITED } : level,
    );
    const allocation = allocate(demand, levels);
    if (allocation.kind === 'full' && !stock.isQueued) {
      await reserveParts(tx, order.id, allocation.parts);
      return reserved(tx, order);
    }
    await joinQueue(tx, order, {
      demand,
      rank: RANK[order.priority] ?? 1,
      isServable: allocation.kind === 'full',
    });
    const missing = allocation.kind === 'short' ? allocation.missing : [];
    return waitForStock(tx, changeOf(order, BY_ITSELF, [{ type: 'shortage', data: { missing } }]));
  });
}

/** The customer's or operator's choice for a short order: wait for another while, or cancel. */
export async function resolveShortage(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    if (order.waitCode !== 'shortage')
      throw illegalTransition(order, 'the order does not wait for stock');
    const chosen: EventRecord = {
      type: 'shortage_resolved',
      data: { choice: cause.body['choice'] },
    };
    if (cause.body['choice'] === 'cancel')
      return giveUp(tx, order, { ...cause, reason: cause.reason ?? 'shortage' }, [chosen]);
    return waitForStock(tx, changeOf(order, cause, [chosen]));
  });
}

function toDemand(order: OpenOrder): Demand[] {
  return order.lines.flatMap(({ id, sku, knownSku, requiresShipping, wanted }) =>
    sku !== null && knownSku && requiresShipping && wanted > 0
      ? [{ lineId: id, sku, quantity: wanted }]
      : [],
  );
}

async function isServed(
  tx: Queryable,
  order: OpenOrder,
  demand: readonly Demand[],
): Promise<boolean> {
  if (order.waitCode !== 'shortage') return false;
  const held = await readReserved(tx, order.id);
  return demand.every(({ lineId, quantity }) => (held.get(lineId) ?? 0) >= quantity);
}

async function reserved(tx: Queryable, order: OpenOrder): Promise<OrderChange> {
  const change = changeOf(order, BY_ITSELF, [{ type: 'stock_reserved' }]);
  await recordChange(tx, { ...change, phase: 'pay', wait: null });
  return RESERVED;
}

async function waitForStock(tx: Queryable, change: ChangeRecord): Promise<OrderChange> {
  const wait = { code: 'shortage', detail: 'stock is short', policy: 'shortageDeadline' } as const;
  const { until } = await recordChange(tx, { ...change, wait });
  return { waitCode: 'shortage', until: toIso(until) };
}
