import { Context } from '@temporalio/activity';

import type { OrderChange } from '../contracts/order-process';
import { type OpenFulfillment, type OpenOrder, toOrderState } from '../db/oms/open-order';
import {
  findPendingShipments,
  insertPackages,
  type NewPackage,
  type PendingShipment,
} from '../db/oms/packing';
import { withTransaction } from '../db/pool';
import { DomainError, type FieldError } from '../domain/errors';
import { type FulfillmentAction, fulfillmentActions } from '../domain/fulfillment-actions';
import { illegalTransition, requireOrder, type StepDeps, type StepInput } from './order-step';
import { isDone } from './refusing-command';

export type BegunPacking =
  | { readonly kind: 'done'; readonly change: OrderChange }
  | {
      readonly kind: 'book';
      readonly fulfillmentOrderId: string;
      readonly commandId: string;
      readonly shipments: readonly PendingShipment[];
      /** An earlier try may have reached the carrier. */
      readonly isRetry: boolean;
      readonly cause: {
        readonly actor: { type: string; id: string };
        readonly requestId: string | null;
      };
    };

/**
 * Checks that the fulfilment order may be packed as asked and stores its packages with their booking keys. Done
 * already: answers with the order. A second command while one is booking is refused.
 */
export async function beginPacking(deps: StepDeps, input: StepInput): Promise<BegunPacking> {
  const { commandId } = input;
  if (commandId === undefined)
    throw new DomainError('validation_failed', 'packages come through the API');
  return withTransaction(deps.oms, async (tx) => {
    const order = await requireOrder(tx, input.orderId, commandId);
    const { command } = order;
    if (command === null || isDone(command, (detail) => illegalTransition(order, detail)))
      return { kind: 'done', change: toOrderState(order) };
    const fulfillment = requireFulfillment(order, input.fulfillmentOrderId);
    const open = order.shipments.filter(
      ({ fulfillmentOrderId, bookingStatus }) =>
        fulfillmentOrderId === fulfillment.id && bookingStatus === 'pending',
    );
    const mine = order.shipments.filter(({ bookingKey }) =>
      bookingKey.startsWith(`book:${commandId}:`),
    );
    const isMine = mine.some(({ bookingStatus }) => bookingStatus === 'pending');
    if (mine.some(({ bookingStatus }) => bookingStatus.startsWith('void')))
      throw openedAgain(order);
    if (open.length > 0 && !isMine)
      throw illegalTransition(order, 'the carrier is being booked already');
    const ref = { orderId: order.id, fulfillmentOrderId: fulfillment.id, commandId };
    const shipments = isMine
      ? await findPendingShipments(tx, fulfillment.id)
      : await insertPackages(tx, ref, checkPacking(order, fulfillment, command.body));
    return {
      kind: 'book',
      fulfillmentOrderId: fulfillment.id,
      commandId,
      shipments,
      isRetry: isMine || Context.current().info.attempt > 1,
      cause: {
        actor: { type: command.actorType, id: command.actorId },
        requestId: command.requestId,
      },
    };
  });
}

/** The packing was under way when units of it were canceled. */
export function openedAgain(order: OpenOrder): DomainError {
  return illegalTransition(order, 'units of the fulfilment order were canceled meanwhile');
}

export function requireFulfillment(order: OpenOrder, id: string | undefined): OpenFulfillment {
  const fulfillment = order.fulfillments.find((candidate) => candidate.id === id);
  if (fulfillment === undefined) throw new DomainError('not_found', 'no such fulfilment order');
  return fulfillment;
}

/** The refusal of warehouse work that the fulfilment order's own state does not allow. */
export function requireAction(
  order: OpenOrder,
  fulfillment: OpenFulfillment,
  action: FulfillmentAction,
): void {
  const allowed = fulfillmentActions(fulfillment.status, {
    allPicked: fulfillment.lines.every(({ picked, quantity }) => picked === quantity),
    packed: fulfillment.packed,
    heldOrder: order.activeHolds > 0,
  });
  if (allowed.includes(action) && order.phase === 'fulfill') return;
  const detail = order.activeHolds > 0 ? 'the order is on hold' : `${action} is not legal now`;
  throw new DomainError('illegal_transition', detail, {
    extra: { currentStatus: fulfillment.status, allowedActions: allowed },
  });
}

function checkPacking(
  order: OpenOrder,
  fulfillment: OpenFulfillment,
  body: Readonly<Record<string, unknown>>,
): NewPackage[] {
  requireAction(order, fulfillment, 'pack');
  const packages = readPackages(body['packages']);
  const errors = fulfillment.lines.flatMap(({ lineId, picked }): FieldError[] => {
    const packed = packages
      .flatMap(({ lines }) => lines)
      .filter((line) => line.lineId === lineId)
      .reduce((sum, { quantity }) => sum + quantity, 0);
    if (packed === picked) return [];
    return [
      {
        path: 'packages',
        message: `line ${lineId}: ${String(picked)} picked, ${String(packed)} in packages`,
      },
    ];
  });
  const known = new Set(fulfillment.lines.map(({ lineId }) => lineId));
  const foreign = packages.flatMap((box, n) =>
    box.lines.flatMap(({ lineId }, m): FieldError[] => {
      const path = `packages.${n}.lines.${m}.lineId`;
      if (!known.has(lineId)) return [{ path, message: 'not of this fulfilment order' }];
      const isAgain = box.lines.slice(0, m).some((other) => other.lineId === lineId);
      return isAgain ? [{ path, message: 'is named twice in the package' }] : [];
    }),
  );
  if (errors.length + foreign.length > 0)
    throw new DomainError('validation_failed', 'the packages must cover what was picked', {
      errors: [...foreign, ...errors],
    });
  return packages;
}

/** The API checked the shape before it stored the command. */
function readPackages(value: unknown): NewPackage[] {
  if (!Array.isArray(value)) return [];
  return value.map((box: NewPackage & Record<string, number>) => {
    const { weightGrams, lines } = box;
    const sides = ['lengthMm', 'widthMm', 'heightMm'].filter(
      (side) => typeof box[side] === 'number',
    );
    return {
      weightGrams,
      lines,
      dimensions: Object.fromEntries(sides.map((side) => [side, Number(box[side])])),
    };
  });
}
