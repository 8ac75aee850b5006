import type { FulfillmentOrder, PackBody, PickBody } from '../contracts/fulfillment';
import {
  findFulfillmentOrder,
  type FulfillmentStep,
  moveStatus,
  pickFulfillment,
  type WarehouseWork,
  type WorkOutcome,
} from '../db/oms/fulfillment-work';
import { DomainError, type FieldError } from '../domain/errors';
import type { FulfillmentAction } from '../domain/fulfillment-actions';

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

/** Begins the work, puts it on hold, or releases it. The same key again changes nothing. */
export async function changeWork(
  ctx: CommandContext,
  id: string,
  step: FulfillmentStep,
  reason: string | null = null,
): Promise<FulfillmentOrder> {
  const outcome = await moveStatus(ctx.deps.oms, step, toWork(ctx, id, step), reason);
  return answerTo(ctx, id, outcome, (found) => refuseWork(step, found));
}

/** Adds picked units to the lines, never beyond what was asked. The same key again changes nothing. */
export async function pickUnits(
  ctx: CommandContext,
  id: string,
  { lines }: PickBody,
): Promise<FulfillmentOrder> {
  const outcome = await pickFulfillment(ctx.deps.oms, toWork(ctx, id, 'pick'), lines);
  return answerTo(ctx, id, outcome, (found) => refusePick(found, lines));
}

function toWork(ctx: CommandContext, id: string, action: FulfillmentAction): WarehouseWork {
  return {
    fulfillmentOrderId: id,
    commandId: commandIdOf(ctx, action, id),
    actor: { type: ctx.actor.type, id: ctx.actor.id },
    requestId: ctx.requestId,
  };
}

async function answerTo(
  ctx: CommandContext,
  id: string,
  outcome: WorkOutcome,
  refuse: (found: FulfillmentOrder) => DomainError,
): Promise<FulfillmentOrder> {
  if (outcome === 'missing') throw missing();
  const found = await requireFulfillmentOrder(ctx.deps, id);
  if (outcome === 'refused') throw refuse(found);
  return found;
}

function refusePick(found: FulfillmentOrder, lines: PickBody['lines']): DomainError {
  if (!found.allowedActions.includes('pick')) return refuseWork('pick', found);
  return new DomainError('validation_failed', 'What was picked does not fit what was asked.', {
    errors: findOverPicks(found, lines),
  });
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
