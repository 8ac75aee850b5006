import type { OrderChange } from '../contracts/order-process';
import { leaveQueue } from '../db/oms/give-up';
import { type OpenFulfillment, type OpenOrder, toOrderState } from '../db/oms/open-order';
import {
  adjustAsked,
  countCanceled,
  lessenWork,
  lowerQueued,
  openPackages,
  raiseVersion,
} from '../db/oms/open-units';
import { recordChange } from '../db/oms/record-change';
import {
  findLiveReservations,
  keepReservations,
  type LiveReservation,
} from '../db/oms/unit-reservations';
import type { Queryable } from '../db/pool';
import { toStockDemand } from '../domain/allocation';
import { isPacked } from '../domain/amend';
import { takeUnits, type UnitSource, type UnitTake } from '../domain/cancel';
import { toOpenDemand, toShortDemand } from '../domain/open-units';
import { giveBack } from './order-give-back';
import { collectCash, goesOn } from './order-goes-on';
import { changeOf, requireOrder, type StepCause } from './order-step';

/** Units of one line, from where they stand. */
export interface LineTake extends UnitTake {
  readonly lineId: string;
}

/**
 * Cancels units that are not handed over: their stock and their work are given up, packages that hold them are opened
 * again, less is captured, and what was captured for them is refunded. Where nothing is left to ship the order goes on
 * to the carrier, or to its end.
 */
export async function cancelUnits(
  tx: Queryable,
  order: OpenOrder,
  units: ReadonlyMap<string, number>,
  cause: StepCause,
): Promise<OrderChange> {
  const isQueued = isInQueue(order);
  if (isQueued) await leaveQueue(tx, order.id);
  const reservations = await findLiveReservations(tx, order.id);
  await takeOff(tx, order, { units, reservations, cause });
  await countCanceled(tx, order.id, units, !isQueued);
  await adjustAsked(tx, order.id);
  await raiseVersion(tx, order.id);
  const after = await requireOrder(tx, order.id, null);
  await giveBack(tx, { before: order, after, units, cause });
  const lines = [...units].map(([lineId, quantity]) => ({ lineId, quantity }));
  const change = changeOf(order, cause, [{ type: 'lines_canceled', data: { lines } }]);
  // Out of the queue and not served meanwhile: the reserve step looks at what is still wanted.
  const isFree = isQueued ? reservations.length === 0 : await lowerQueue(tx, after);
  await recordChange(tx, { ...change, ...(isFree ? { wait: null } : {}), ...goesOn(after) });
  if (goesOn(after).phase === 'complete') await collectCash(tx, after, cause);
  return toOrderState(await requireOrder(tx, order.id, null));
}

/** Nothing is reserved yet, and the order waits for all of it, or for what is offered instead. */
export function isInQueue({ phase, waitCode }: OpenOrder): boolean {
  return phase === 'reserve' && (waitCode === 'shortage' || waitCode === 'substitution');
}

/** Of an order that waits for a part of its stock: it waits for what it still wants. Answers whether that wait is over. */
export async function lowerQueue(tx: Queryable, order: OpenOrder): Promise<boolean> {
  if (order.phase === 'reserve') return false;
  await lowerQueued(tx, order.id, toStockDemand(toOpenDemand(order)));
  return order.waitCode === 'shortage' && toShortDemand(order).length === 0;
}

/** Takes units off stock and work, where the least work is lost. */
export async function takeOff(
  tx: Queryable,
  order: OpenOrder,
  given: {
    readonly units: ReadonlyMap<string, number>;
    readonly reservations: readonly LiveReservation[];
    readonly cause: StepCause;
  },
): Promise<void> {
  const { units, reservations, cause } = given;
  const takes = [...units].flatMap(([lineId, quantity]) =>
    takeUnits(sourcesOf(order, reservations, lineId), quantity).map((take): LineTake => ({
      lineId,
      ...take,
    })),
  );
  const work = takes.flatMap(({ fulfillmentOrderId, lineId, units: n }) =>
    fulfillmentOrderId === null ? [] : [{ fulfillmentOrderId, lineId, units: n }],
  );
  const touched = new Set(work.map(({ fulfillmentOrderId }) => fulfillmentOrderId));
  await openPackages(
    tx,
    order.fulfillments.filter((f) => touched.has(f.id) && isPacked(order, f)).map(({ id }) => id),
  );
  await keepReservations(tx, lessened(reservations, takes), cause.actor);
  await lessenWork(tx, work);
}

const LIVE: ReadonlySet<string> = new Set(['open', 'scheduled', 'on_hold', 'in_progress']);

function sourcesOf(
  order: OpenOrder,
  reservations: readonly LiveReservation[],
  lineId: string,
): UnitSource[] {
  const work = order.fulfillments.flatMap((f): UnitSource[] => {
    const units = LIVE.has(f.status) ? f.lines.find((line) => line.lineId === lineId)?.quantity : 0;
    if (units === undefined || units === 0) return [];
    return [{ fulfillmentOrderId: f.id, location: f.location, units, effort: effortOf(order, f) }];
  });
  const unplanned = reservations
    .filter((r) => r.lineId === lineId && r.fulfillmentOrderId === null && r.isLead)
    .map(({ location, quantity, perUnit }) => ({
      ...{ fulfillmentOrderId: null, location, units: quantity / perUnit, effort: 2 },
    }));
  const line = order.lines.find(({ id }) => id === lineId);
  const held = [...work, ...unplanned].reduce((sum, { units }) => sum + units, 0);
  const units = line === undefined ? 0 : Math.max(0, line.wanted - line.shipped - held);
  const unreserved = { fulfillmentOrderId: null, location: null, units, effort: 0 };
  return [unreserved, ...unplanned, ...work];
}

function effortOf(order: OpenOrder, fulfillment: OpenFulfillment): number {
  if (isPacked(order, fulfillment)) return 6;
  if (fulfillment.status === 'scheduled') return 1;
  if (fulfillment.status !== 'in_progress') return 3;
  return fulfillment.lines.some(({ picked }) => picked > 0) ? 5 : 4;
}

/** What each reservation keeps once the units are taken; those that keep all are left out. */
function lessened(reservations: readonly LiveReservation[], takes: readonly LineTake[]) {
  const left = new Map<string, number>();
  for (const { lineId, fulfillmentOrderId, location, units } of takes) {
    const parts = reservations.filter(
      (r) =>
        r.lineId === lineId &&
        r.fulfillmentOrderId === fulfillmentOrderId &&
        r.location === location,
    );
    for (const { sku, perUnit } of new Map(parts.map((part) => [part.sku, part])).values()) {
      const key = [lineId, fulfillmentOrderId, location, sku].join(' ');
      left.set(key, (left.get(key) ?? 0) + units * perUnit);
    }
  }
  return reservations.flatMap(({ id, lineId, fulfillmentOrderId, location, sku, quantity }) => {
    const key = [lineId, fulfillmentOrderId, location, sku].join(' ');
    const taken = Math.min(left.get(key) ?? 0, quantity);
    left.set(key, (left.get(key) ?? 0) - taken);
    return taken === 0 ? [] : [{ id, quantity: quantity - taken }];
  });
}
