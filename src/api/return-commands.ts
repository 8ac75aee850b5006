import type { UpdateDefinition } from '@temporalio/common';

import type { CommandInput, CommandResult } from '../contracts/order-process';
import type { Return } from '../contracts/returns';
import { findReturn } from '../db/oms/return-views';
import { DomainError } from '../domain/errors';
import { isReturnOver, type ReturnAction } from '../domain/return-state';

import type { CommandContext, CommandOutcome } from './commands';
import type { ApiDeps } from './deps';
import { sendDocumentCommand } from './document-commands';
import { workflowLinks } from './order-answers';

/** One return as callers see it. Throws `not_found`. */
export async function requireReturn(deps: ApiDeps, id: string): Promise<Return> {
  const found = await findReturn(deps.oms, id, workflowLinks(deps));
  if (found === null) throw new DomainError('not_found', 'There is no such return.');
  return found;
}

export interface ReturnCommandRequest {
  readonly returnId: string;
  readonly action: ReturnAction;
  readonly body: Readonly<Record<string, unknown>>;
  readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
}

/** Sends a command to the return's workflow. One that is over takes none; canceling a canceled one changes nothing. */
export async function sendReturnCommand(
  ctx: CommandContext,
  { returnId, action, body, update }: ReturnCommandRequest,
): Promise<CommandOutcome> {
  const found = await requireReturn(ctx.deps, returnId);
  const { status, orderId, allowedActions } = found;
  if (action === 'cancel' && status === 'canceled') return { kind: 'done' };
  return sendDocumentCommand(ctx, {
    document: { kind: 'return', id: returnId, label: `Return ${found.returnNo}` },
    orderId,
    kind: `return-${action}`,
    body,
    update,
    refuse: () =>
      isReturnOver(status)
        ? new DomainError(
            'illegal_transition',
            `${action} is not legal for a return that is ${status}.`,
            { extra: { currentStatus: status, allowedActions } },
          )
        : null,
  });
}
