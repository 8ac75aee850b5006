import type { OrderChange } from '../contracts/order-process';
import { addWork, rankAnew } from '../db/oms/added-units';
import { insertChange, writeLines, writeOrder } from '../db/oms/amend-write';
import { leaveQueue } from '../db/oms/give-up';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { adjustAsked } from '../db/oms/open-units';
import { recordChange } from '../db/oms/record-change';
import { lockLevels, reserveParts } from '../db/oms/reservations';
import { findLiveReservations } from '../db/oms/unit-reservations';
import type { Queryable } from '../db/pool';
import { allocate, type Demand, toStockDemand } from '../domain/allocation';
import { type AmendPlan, type AmendRequest, lackOfStock } from '../domain/amend';
import { isInQueue, lowerQueue, takeOff } from './order-cancel-units';
import { giveBack } from './order-give-back';
import { collectCash, goesOn } from './order-goes-on';
import { RANK, toStock } from './order-stock';
import { changeOf, requireOrder, type StepCause } from './order-step';

export interface AmendToWrite {
  readonly plan: AmendPlan;
  readonly request: AmendRequest;
  readonly cause: StepCause;
}

/**
 * Writes an amend: stock that is not wanted any more is given up, then lines, stock for what was added, work, sums and
 * money. Throws `insufficient_stock`, and then the whole transaction is as if it had not been.
 */
export async function writeAmend(
  tx: Queryable,
  order: OpenOrder,
  amend: AmendToWrite,
): Promise<OrderChange> {
  const { plan, request, cause } = amend;
  const isServed = await moveUnits(tx, order, amend);
  await writeOrder(tx, order.id, plan);
  await rankAnew(tx, order.id, RANK[plan.order.priority] ?? 1);
  await adjustAsked(tx, order.id);
  const after = await requireOrder(tx, order.id, null);
  await giveBack(tx, { before: order, after, units: new Map(), cause });
  const changeId = await insertChange(tx, {
    orderId: order.id,
    commandId: cause.commandId ?? '',
    baseVersion: request.baseVersion,
    changes: request.changes,
    plan,
    lines: linesOf(plan, after),
    actor: cause.actor,
  });
  const data = {
    changeId,
    baseVersion: request.baseVersion,
    version: after.version,
    priceDeltaMinor: plan.after.totalMinor - plan.before.totalMinor,
  };
  const amended = { type: 'amended', data, announce: 'order.amended', payload: data };
  // Out of the queue and not served meanwhile: the reserve step looks at what is wanted now.
  const isFree = isInQueue(order) ? !isServed : await lowerQueue(tx, after);
  const wait = isFree ? { wait: null } : {};
  await recordChange(tx, { ...changeOf(order, cause, [amended]), ...wait, ...goesOn(after) });
  if (goesOn(after).phase === 'complete') await collectCash(tx, after, cause);
  return toOrderState(await requireOrder(tx, order.id, null));
}

/** Stock, work and lines. Answers whether the order holds stock. */
async function moveUnits(
  tx: Queryable,
  order: OpenOrder,
  { plan, cause }: AmendToWrite,
): Promise<boolean> {
  const { lines } = plan.order;
  const skus = stockItemsOf(lines);
  // All levels at once and first: the order in which the wake lane locks as well.
  await lockLevels(tx, skus);
  const isQueued = isInQueue(order);
  if (isQueued) await leaveQueue(tx, order.id);
  const reservations = await findLiveReservations(tx, order.id);
  await takeOff(tx, order, { units: loweredUnits(order, plan), reservations, cause });
  const ids = await writeLines(tx, order.id, lines, !isQueued);
  const demand = addedUnits(order, plan, ids);
  const isHolding = reservations.length > 0 || order.phase === 'pay' || order.phase === 'fulfill';
  if (!isHolding || demand.length === 0) return reservations.length > 0;
  const allocation = allocate(demand, toStock(await lockLevels(tx, skus)));
  if (allocation.kind === 'short') throw lackOfStock(allocation.missing);
  await reserveParts(tx, order.id, allocation.parts, { key: `amend:${cause.commandId ?? ''}` });
  const isPlanned = order.fulfillments.some(({ status }) => status !== 'canceled');
  if (order.phase === 'fulfill' && (isPlanned || order.activeHolds === 0))
    await addWork(tx, order.id);
  return true;
}

function stockItemsOf(lines: AmendPlan['order']['lines']): string[] {
  const demand = lines.flatMap(({ lineNo, sku, kitParts }) =>
    sku === null ? [] : [{ lineId: String(lineNo), sku, quantity: 1, kitParts }],
  );
  return [...toStockDemand(demand).keys()];
}

function loweredUnits(order: OpenOrder, plan: AmendPlan): Map<string, number> {
  const lowered = new Map<string, number>();
  for (const { id, ordered } of order.lines) {
    const quantity = plan.order.lines.find(({ lineId }) => lineId === id)?.quantity ?? ordered;
    if (quantity < ordered) lowered.set(id, ordered - quantity);
  }
  return lowered;
}

function addedUnits(order: OpenOrder, plan: AmendPlan, ids: ReadonlyMap<number, string>): Demand[] {
  return plan.order.lines.flatMap(
    ({ lineId, lineNo, sku, quantity, requiresShipping, kitParts }) => {
      const old = order.lines.find(({ id }) => id === lineId)?.ordered ?? 0;
      const id = ids.get(lineNo);
      if (sku === null || id === undefined || !requiresShipping || quantity <= old) return [];
      return [{ lineId: id, sku, quantity: quantity - old, kitParts }];
    },
  );
}

/** The lines of the change's document. */
function linesOf(plan: AmendPlan, after: OpenOrder) {
  return plan.order.lines.map((line) => ({
    lineId: after.lines.find(({ lineNo }) => lineNo === line.lineNo)?.id ?? null,
    sku: line.sku,
    quantity: line.quantity,
    unitPriceMinor: line.unitPriceMinor,
    discountMinor: line.discountMinor,
    taxMinor: line.taxMinor,
    totalMinor: line.totalMinor,
  }));
}
