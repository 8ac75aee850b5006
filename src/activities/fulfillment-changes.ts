import type { OrderChange } from '../contracts/order-process';
import { readHeld, recordMove, recordShort } from '../db/oms/fulfillment-stock';
import { hasLocation } from '../db/oms/locations';
import { type OpenFulfillment, type OpenOrder, toFulfillmentStates } from '../db/oms/open-order';
import { recordChange } from '../db/oms/record-change';
import { lockLevels, reserveParts } from '../db/oms/reservations';
import type { Queryable } from '../db/pool';
import { allocate, type Demand, toStockDemand } from '../domain/allocation';
import { DomainError } from '../domain/errors';
import { checkMove, checkShort, type UnitsOfLine } from '../domain/fulfillment-changes';
import {
  changeOf,
  commandStep,
  illegalTransition,
  type StepDeps,
  type StepInput,
} from './order-step';
import { goOn, queueUp, toStock, waitForStock } from './order-stock';
import { requireAction, requireFulfillment } from './packing-step';

/**
 * Moves a fulfilment order that nobody picked from to another location that has all its stock; the reservation moves
 * with it. Where it is already nothing changes.
 */
export async function moveFulfillment(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const { fulfillmentOrderId, location } = cause.body;
    const fulfillment = order.fulfillments.find(({ id }) => id === fulfillmentOrderId);
    if (fulfillment === undefined)
      throw refuseField('fulfillmentOrderId', 'is not one of this order');
    if (typeof location !== 'string' || !(await hasLocation(tx, location)))
      throw refuseField('location', 'is not an active location');
    if (order.phase !== 'fulfill' || !checkMove(fulfillment))
      throw illegalTransition(order, 'the fulfilment order is picked, packed or not open');
    const moved = {
      type: 'fulfillment_moved',
      data: { fulfillmentOrderId: fulfillment.id, location, before: fulfillment.location },
    };
    const change = changeOf(order, cause, [moved]);
    if (location === fulfillment.location) {
      await recordChange(tx, { ...change, events: [] });
      return {};
    }
    await requireStock(tx, fulfillment, location);
    await recordMove(tx, {
      fulfillmentOrderId: fulfillment.id,
      location,
      commandId: cause.commandId ?? String(order.revision),
      actor: cause.actor,
      requestId: cause.requestId,
    });
    await recordChange(tx, change);
    return {};
  });
}

async function requireStock(
  tx: Queryable,
  fulfillment: OpenFulfillment,
  location: string,
): Promise<void> {
  const held = await readHeld(tx, fulfillment.id);
  const levels = toStock(
    await lockLevels(
      tx,
      held.map(({ sku }) => sku),
    ),
  );
  const isThere = held.every(({ sku, quantity }) =>
    levels.some(
      (level) => level.sku === sku && level.location === location && level.available >= quantity,
    ),
  );
  if (isThere) return;
  throw new DomainError('insufficient_stock', 'The location does not have all of it.', {
    errors: [{ path: 'location', message: 'does not have the stock' }],
  });
}

function refuseField(path: string, message: string): DomainError {
  return new DomainError('validation_failed', `The ${path} ${message}.`, {
    errors: [{ path, message }],
  });
}

/**
 * Units that are not on the shelf leave their fulfilment order and become unavailable. They are reserved at another
 * location that has all of them, as work of its own; else the order waits for stock, while the rest of it goes on.
 */
export async function reportShort(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const fulfillment = requireFulfillment(order, input.fulfillmentOrderId);
    const isBooking = order.shipments.some(
      ({ fulfillmentOrderId, bookingStatus }) =>
        fulfillmentOrderId === fulfillment.id && bookingStatus === 'pending',
    );
    if (isBooking) throw illegalTransition(order, 'the carrier is being booked already');
    requireAction(order, fulfillment, 'report-short');
    const short = checkShort(fulfillment, cause.body['lines'] as readonly UnitsOfLine[]);
    const demand = toDemand(order, short);
    const levels = await lockLevels(tx, [...toStockDemand(demand).keys()]);
    const commandId = cause.commandId ?? String(order.revision);
    const isAll = fulfillment.lines.every(({ lineId, quantity }) => short.get(lineId) === quantity);
    const lines = [...short].map(([lineId, quantity]) => ({ lineId, quantity }));
    await recordShort(tx, {
      fulfillmentOrderId: fulfillment.id,
      commandId,
      lines,
      isAll,
      actor: cause.actor,
      requestId: cause.requestId,
    });
    const reported = {
      type: 'short_reported',
      data: { fulfillmentOrderId: fulfillment.id, location: fulfillment.location, lines },
    };
    const change = changeOf(order, cause, [reported]);
    const left = {
      ...order,
      fulfillments: isAll ? without(order, fulfillment) : order.fulfillments,
    };
    const elsewhere = toStock(levels).filter(({ location }) => location !== fulfillment.location);
    const allocation = allocate(demand, elsewhere);
    if (allocation.kind === 'full') {
      await reserveParts(tx, order.id, allocation.parts, { key: `short:${commandId}` });
      const resourced = { type: 'stock_reserved', reason: null, data: { lines } };
      return goOn(tx, left, { ...change, events: [...change.events, resourced] });
    }
    await queueUp(tx, order, demand, false);
    const shortage = { type: 'shortage', reason: null, data: { missing: allocation.missing } };
    const waiting = await waitForStock(tx, { ...change, events: [...change.events, shortage] });
    return { ...waiting, fulfillments: toFulfillmentStates(left.fulfillments) };
  });
}

function without(order: OpenOrder, fulfillment: OpenFulfillment): readonly OpenFulfillment[] {
  return order.fulfillments.filter(({ id }) => id !== fulfillment.id);
}

function toDemand({ lines }: OpenOrder, units: ReadonlyMap<string, number>): Demand[] {
  return lines.flatMap(({ id, sku, kitParts }) => {
    const quantity = units.get(id) ?? 0;
    return sku === null || quantity === 0 ? [] : [{ lineId: id, sku, quantity, kitParts }];
  });
}
