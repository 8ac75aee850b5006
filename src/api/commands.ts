import { createHash, randomUUID } from 'node:crypto';

import type { UpdateDefinition } from '@temporalio/common';

import type { AcceptedOperation } from '../contracts/operations';
import type { CommandInput, CommandResult } from '../contracts/order-process';
import { failCommand } from '../db/oms/command-end';
import { endCommand, findOrderStatus, insertCommand } from '../db/oms/commands';
import { recordChange } from '../db/oms/record-change';
import { insertWake } from '../db/oms/wakes';
import { withTransaction } from '../db/pool';
import { DomainError } from '../domain/errors';
import type { OrderStatus } from '../domain/order-state';
import { orderWorkflowId } from '../platform/order-engine';

import { toErrorCode, toUpdateFailure } from './command-errors';
import { callEngine, whenReady } from '../platform/engine-call';
import { runLate } from './late-commands';
import { requireOrder } from './order-answers';

import type { RouteRequest } from './route';

/** A caller waits this long for a command that goes on by itself. */
export const ANSWER_MS = 8000;

export type CommandContext = Pick<RouteRequest, 'deps' | 'actor' | 'requestId' | 'idempotencyKey'>;

export interface OrderCommandRequest {
  readonly orderId: string;
  readonly kind: string;
  /** Kept in the store; the engine sees the command's id alone. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
  readonly fulfillmentOrderId?: string;
  /** Made by the caller (`commandIdOf`), who looks for the command's effect afterwards. */
  readonly commandId?: string;
  /** What the command is about, where one key may be used for several of them; default: the order. */
  readonly target?: string;
  /** Legal on an order that is over, too: its step is run by the `wake` lane then. */
  readonly isLate?: boolean;
  /** The refusal where the order is over; default: the order's own. */
  readonly refusal?: () => Promise<DomainError>;
}

export type CommandOutcome =
  { readonly kind: 'done' } | { readonly kind: 'accepted'; readonly operation: AcceptedOperation };

/** The same for the same key, caller and target, so that a repeat finds the first command; else a new one. */
export function commandIdOf(ctx: CommandContext, kind: string, target: string): string {
  if (ctx.idempotencyKey === null) return randomUUID();
  const text = [ctx.actor.id, kind, target, ctx.idempotencyKey].join('\n');
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/**
 * Sends a command to the order's workflow and waits for its effect. Done: it is durable. Accepted: a worker has it and
 * it goes on by itself. Throws the workflow's refusal; 503 when no worker took it, and the same key may try again.
 */
export async function sendCommand(
  ctx: CommandContext,
  request: OrderCommandRequest,
): Promise<CommandOutcome> {
  const deadline = Date.now() + ANSWER_MS;
  const target = request.target ?? request.fulfillmentOrderId ?? request.orderId;
  const commandId = request.commandId ?? commandIdOf(ctx, request.kind, target);
  const stored = await insertCommand(ctx.deps.oms, {
    id: commandId,
    orderId: request.orderId,
    kind: request.kind,
    body: request.body,
    actorType: ctx.actor.type,
    actorId: ctx.actor.id,
    requestId: ctx.requestId,
  });
  if (stored === null) throw new DomainError('not_found', 'There is no such order.');
  if (stored.status === 'done') {
    // Its effect is durable, but the answer was lost: so may have been what the workflow knows of it.
    await insertWake(ctx.deps.oms, request.orderId, 'state_changed', commandId);
    return { kind: 'done' };
  }
  if (stored.status === 'failed')
    throw new DomainError(
      toErrorCode(stored.code) ?? 'illegal_transition',
      'The command was refused before.',
    );
  if (isFinal(stored.orderStatus)) return decideFinal(ctx, request, commandId, stored.orderStatus);
  return updateWorkflow(ctx, request, commandId, deadline);
}

async function updateWorkflow(
  ctx: CommandContext,
  request: OrderCommandRequest,
  commandId: string,
  deadline: number,
): Promise<CommandOutcome> {
  const { temporal } = ctx.deps;
  const { orderId, fulfillmentOrderId } = request;
  const input = { commandId, ...(fulfillmentOrderId === undefined ? {} : { fulfillmentOrderId }) };
  const outcome = await awaitUpdate(ctx, { id: commandId, kind: request.kind }, deadline, () =>
    temporal.workflow.getHandle(orderWorkflowId(orderId)).startUpdate(request.update, {
      args: [input],
      updateId: commandId,
      waitForStage: 'ACCEPTED',
    }),
  );
  return outcome.kind === 'over' ? afterWorkflow(ctx, request, commandId) : outcome;
}

/**
 * Starts a command's update and waits for its result. Over: there is no such workflow, or it ended before it took the
 * update. Throws the workflow's refusal; 503 when no worker took it.
 */
export async function awaitUpdate(
  ctx: CommandContext,
  command: { readonly id: string; readonly kind: string },
  deadline: number,
  start: () => Promise<{ result: () => Promise<unknown> }>,
): Promise<CommandOutcome | { readonly kind: 'over' }> {
  const { temporal, logger, oms } = ctx.deps;
  let isAccepted = false;
  try {
    const handle = await callEngine(temporal, deadline, () => whenReady(start));
    isAccepted = true;
    await callEngine(temporal, deadline, () => handle.result());
    return { kind: 'done' };
  } catch (err) {
    const failure = toUpdateFailure(err);
    if (failure.kind === 'refused') {
      await failCommand(oms, command.id, failure.error.code);
      throw failure.error;
    }
    if (failure.kind === 'over') return failure;
    if (isAccepted) return { kind: 'accepted', operation: toOperation(command.id) };
    logger.warn(
      { err, commandId: command.id, command: command.kind },
      'no worker took the command',
    );
    throw new DomainError(
      'engine_unavailable',
      'No worker took the command in time. Try again with the same key.',
      { cause: err },
    );
  }
}

/** The workflow is gone: the row decides, if it is final. An open one is started again by the `wake` lane, at once. */
async function afterWorkflow(
  ctx: CommandContext,
  request: OrderCommandRequest,
  commandId: string,
): Promise<CommandOutcome> {
  const status = await findOrderStatus(ctx.deps.oms, request.orderId);
  if (status !== null && isFinal(status)) return decideFinal(ctx, request, commandId, status);
  await insertWake(ctx.deps.oms, request.orderId, 'resume', commandId);
  throw new DomainError(
    'engine_unavailable',
    'The order is being resumed. Try again with the same key.',
  );
}

function isFinal(status: OrderStatus): boolean {
  return status === 'completed' || status === 'canceled' || status === 'expired';
}

/** On an order that is over a cancel may have nothing to do and a note is a plain event; nothing else is legal. */
async function decideFinal(
  ctx: CommandContext,
  request: OrderCommandRequest,
  commandId: string,
  status: OrderStatus,
): Promise<CommandOutcome> {
  const { oms } = ctx.deps;
  if (request.kind === 'cancel' && status === 'canceled') {
    await endCommand(oms, commandId);
    return { kind: 'done' };
  }
  if (request.kind === 'notes') {
    await withTransaction(oms, (tx) =>
      recordChange(tx, {
        orderId: request.orderId,
        actor: { type: ctx.actor.type, id: ctx.actor.id },
        requestId: ctx.requestId,
        commandId,
        events: [{ type: 'note', data: { text: request.body['text'] } }],
      }),
    );
    return { kind: 'done' };
  }
  if (request.isLate === true && status === 'completed') {
    const late = await runLate(oms, request.orderId, commandId);
    if (late.kind === 'done') return late;
    if (late.kind === 'running') return { kind: 'accepted', operation: toOperation(commandId) };
    if (late.code !== 'illegal_transition')
      throw new DomainError(late.code, `${request.kind} was refused.`);
  } else await failCommand(oms, commandId, 'illegal_transition');
  throw await (request.refusal ?? (() => refuseFinal(ctx, request)))();
}

async function refuseFinal(
  { deps }: CommandContext,
  { orderId, kind }: OrderCommandRequest,
): Promise<DomainError> {
  const { status: currentStatus, allowedActions } = await requireOrder(deps, orderId);
  const detail = `${kind} is not legal for an order that is ${currentStatus}.`;
  const offers = kind === 'cancel' ? { offers: ['return', 'intercept'] } : {};
  return new DomainError('illegal_transition', detail, {
    extra: { currentStatus, allowedActions, ...offers },
  });
}

function toOperation(commandId: string): AcceptedOperation {
  return { operationId: commandId, statusUrl: `/v1/operations/${commandId}` };
}
