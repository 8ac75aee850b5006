import type { FulfillmentOrder, PackBody, PickBody } from '../contracts/fulfillment';
import { commandWasDone, insertDoneCommand } from '../db/oms/commands';
import {
  addPicked,
  findFulfillmentOrder,
  findFulfillmentParent,
  lockFulfillmentOrder,
  setStarted,
} from '../db/oms/fulfillment-work';
import { recordChange, type EventRecord } from '../db/oms/record-change';
import { withTransaction, type Queryable } from '../db/pool';
import { DomainError, type FieldError } from '../domain/errors';
import type { FulfillmentAction } from '../domain/order-state';

import { commandIdOf, type CommandContext } from './commands';
import type { ApiDeps } from './deps';

/** One fulfilment order. Throws `not_found`. */
export async function requireFulfillmentOrder(
  deps: Pick<ApiDeps, 'oms'>,
  id: string,
): Promise<FulfillmentOrder> {
  const found = await findFulfillmentOrder(deps.oms, id);
  if (found === null) throw missing();
  return found;
}

function missing(): DomainError {
  return new DomainError('not_found', 'There is no such fulfilment order.');
}

/** Begins the work: `open` → `in_progress`. The same key again changes nothing. */
export async function startWork(ctx: CommandContext, id: string): Promise<FulfillmentOrder> {
  return workOn(ctx, id, 'start', async (tx, before) => {
    await setStarted(tx, before.id);
    return {
      type: 'fulfillment_started',
      data: { fulfillmentOrderId: id, from: before.status, to: 'in_progress' },
      announce: 'fulfillment.started',
      payload: { fulfillmentOrderId: id },
    };
  });
}

/** Adds picked units to the lines, never beyond what was asked. The same key again changes nothing. */
export async function pickUnits(
  ctx: CommandContext,
  id: string,
  { lines }: PickBody,
): Promise<FulfillmentOrder> {
  return workOn(ctx, id, 'pick', async (tx, before) => {
    const errors = findOverPicks(before, lines);
    if (errors.length > 0)
      throw new DomainError('validation_failed', 'What was picked does not fit what was asked.', {
        errors,
      });
    await addPicked(tx, id, lines);
    const units = lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
    return { type: 'picked', data: { fulfillmentOrderId: id, lines: units } };
  });
}

/** Warehouse work that needs no workflow: one transaction, order row first, then the fulfilment order's. */
async function workOn(
  ctx: CommandContext,
  id: string,
  action: FulfillmentAction,
  work: (tx: Queryable, before: FulfillmentOrder) => Promise<EventRecord>,
): Promise<FulfillmentOrder> {
  const orderId = await findFulfillmentParent(ctx.deps.oms, id);
  if (orderId === null) throw missing();
  const commandId = commandIdOf(ctx, action, id);
  const actor = { type: ctx.actor.type, id: ctx.actor.id };
  await withTransaction(ctx.deps.oms, async (tx) => {
    const before = await lockFulfillmentOrder(tx, orderId, id);
    if (before === null) throw missing();
    if (await commandWasDone(tx, commandId)) return;
    if (!before.allowedActions.includes(action)) throw refuseWork(action, before);
    const event = await work(tx, before);
    const { requestId } = ctx;
    await insertDoneCommand(tx, { id: commandId, orderId, kind: action, actor, requestId });
    await recordChange(tx, { orderId, actor, requestId, events: [event] });
  });
  return requireFulfillmentOrder(ctx.deps, id);
}

/** The refusal of work that the fulfilment order's status does not allow. */
export function refuseWork(action: FulfillmentAction, found: FulfillmentOrder): DomainError {
  return new DomainError(
    'illegal_transition',
    `${action} is not legal for a fulfilment order that is ${found.status}.`,
    {
      extra: { currentStatus: found.status, allowedActions: found.allowedActions },
    },
  );
}

function findOverPicks(before: FulfillmentOrder, lines: PickBody['lines']): FieldError[] {
  const left = new Map(before.lines.map((line) => [line.lineId, line.quantity - line.picked]));
  return lines.flatMap(({ lineId, quantity }, n): FieldError[] => {
    const open = left.get(lineId);
    if (open === undefined)
      return [{ path: `lines.${n}.lineId`, message: 'is not a line of this fulfilment order' }];
    left.set(lineId, open - quantity);
    if (quantity <= open) return [];
    return [
      {
        path: `lines.${n}.quantity`,
        message: `more than the ${Math.max(0, open)} still to be picked`,
      },
    ];
  });
}

/** Packages with their lines: one package alone may leave them out and holds all that was picked. */
export function completePackages(
  body: PackBody,
  { lines }: FulfillmentOrder,
): PackBody['packages'] {
  const errors = body.packages.flatMap((box, n) =>
    box.lines === undefined && body.packages.length > 1
      ? [{ path: `packages.${n}.lines`, message: 'is needed where there are several packages' }]
      : [],
  );
  if (errors.length > 0)
    throw new DomainError('validation_failed', 'It is not said what is in which package.', {
      errors,
    });
  const picked = lines
    .filter((line) => line.picked > 0)
    .map((line) => ({ lineId: line.lineId, quantity: line.picked }));
  return body.packages.map((box) => ({ ...box, lines: box.lines ?? picked }));
}
