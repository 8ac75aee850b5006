import type { UpdateDefinition } from '@temporalio/common';

import type { CommandInput, CommandResult } from '../contracts/order-process';
import { failCommand } from '../db/oms/command-end';
import { insertCommand } from '../db/oms/commands';
import { insertWorkflowWake } from '../db/oms/wakes';
import { DomainError } from '../domain/errors';
import {
  type DocumentToRun,
  documentWorkflowId,
  withDocumentStart,
} from '../platform/document-engine';

import { toErrorCode } from './command-errors';
import {
  ANSWER_MS,
  awaitUpdate,
  type CommandContext,
  commandIdOf,
  type CommandOutcome,
} from './commands';

export interface DocumentCommandRequest {
  readonly document: DocumentToRun;
  readonly orderId: string;
  readonly kind: string;
  /** Kept in the store; the engine sees the command's id alone. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
  /** The refusal where the document does not allow it now; null: it may be tried. */
  readonly refuse: () => DomainError | null;
}

/**
 * Sends a command to a document's workflow, which is started if it does not run, and waits for its effect. Outcomes as
 * those of an order's command; the same key finds its first self.
 */
export async function sendDocumentCommand(
  ctx: CommandContext,
  request: DocumentCommandRequest,
): Promise<CommandOutcome> {
  const deadline = Date.now() + ANSWER_MS;
  const { oms, temporal, config } = ctx.deps;
  const { document, orderId, kind, body, update } = request;
  const id = commandIdOf(ctx, kind, document.id);
  const actor = { actorType: ctx.actor.type, actorId: ctx.actor.id, requestId: ctx.requestId };
  const stored = await insertCommand(oms, { id, orderId, kind, body, ...actor });
  if (stored?.status === 'done') {
    // Its effect is durable, but the answer was lost: so may have been what the workflow knows of it.
    await insertWorkflowWake(oms, documentWorkflowId(document), 'state_changed', id);
    return { kind: 'done' };
  }
  if (stored?.status === 'failed')
    throw new DomainError(
      toErrorCode(stored.code) ?? 'illegal_transition',
      'The command was refused before.',
    );
  const refusal = request.refuse();
  if (refusal !== null) {
    await failCommand(oms, id, refusal.code);
    throw refusal;
  }
  const engine = { taskQueuePrefix: config.THROUGHLINE_TASK_QUEUE_PREFIX };
  const outcome = await awaitUpdate(ctx, { id, kind }, deadline, () =>
    temporal.workflow.startUpdateWithStart(update, {
      args: [{ commandId: id }],
      updateId: id,
      waitForStage: 'ACCEPTED',
      startWorkflowOperation: withDocumentStart(engine, document),
    }),
  );
  if (outcome.kind !== 'over') return outcome;
  throw new DomainError(
    'engine_unavailable',
    'The workflow ended meanwhile. Try again with the same key.',
  );
}
