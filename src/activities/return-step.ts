import type { CommandInput } from '../contracts/order-process';
import type { ReturnRef, ReturnState } from '../contracts/return-process';
import { keepOperatorCommand } from '../db/oms/command-end';
import { endCommand } from '../db/oms/commands';
import type { Actor } from '../db/oms/record-change';
import {
  openReturn,
  type OpenReturn,
  returnActionsOf,
  type ReturnChange,
  toReturnState,
} from '../db/oms/returns';
import { findReturnOrder } from '../db/oms/return-lookups';
import { type Queryable, withTransaction } from '../db/pool';
import { DomainError } from '../domain/errors';
import type { ReturnAction } from '../domain/return-state';
import { BY_ITSELF, type StepCause, type StepDeps, toCause } from './order-step';
import { isDone, refusingCommand } from './refusing-command';

export interface ReturnStepInput extends CommandInput {
  readonly returnId: string;
}

/** The actor of what nobody asked for. */
const RETURN_WORKFLOW: Actor = { type: 'system', id: 'return-workflow' };
export const RETURN_BY_ITSELF: StepCause = { ...BY_ITSELF, actor: RETURN_WORKFLOW };

type Step = (tx: Queryable, open: OpenReturn, cause: StepCause) => Promise<void>;

/**
 * Runs a command's step in one transaction with the rows of order and return locked. A command that is done already
 * changes nothing and answers with the return as it is. A refusal ends the command as failed.
 */
export async function returnCommandStep(
  deps: StepDeps,
  input: ReturnStepInput,
  action: ReturnAction,
  step: Step,
): Promise<ReturnState> {
  const commandId = input.commandId ?? (await keepOperator(deps, input));
  return refusingCommand(deps.oms, commandId, () =>
    withTransaction(deps.oms, async (tx) => {
      const open = await requireReturn(tx, input.returnId, commandId);
      const state = toReturnState(open);
      if (isDone(open.command, () => illegalReturn(state, action))) return state;
      // Canceling twice is a no-op.
      if (action === 'cancel' && open.status === 'canceled') {
        if (commandId !== null) await endCommand(tx, commandId);
        return state;
      }
      if (!returnActionsOf(state).includes(action)) throw illegalReturn(state, action);
      await step(tx, open, open.command === null ? RETURN_BY_ITSELF : toCause(open.command));
      return toReturnState(await requireReturn(tx, open.id, null));
    }),
  );
}

/** Runs a step of the return itself, in one transaction with the rows of order and return locked. */
export async function returnStoryStep(
  deps: StepDeps,
  { returnId }: ReturnRef,
  step: (tx: Queryable, open: OpenReturn) => Promise<void>,
): Promise<ReturnState> {
  return withTransaction(deps.oms, async (tx) => {
    const open = await requireReturn(tx, returnId, null);
    await step(tx, open);
    return toReturnState(await requireReturn(tx, returnId, null));
  });
}

export async function requireReturn(
  tx: Queryable,
  returnId: string,
  commandId: string | null,
): Promise<OpenReturn> {
  const open = await openReturn(tx, returnId, commandId);
  if (open === null) throw new DomainError('not_found', 'no such return');
  if (commandId !== null && open.command === null)
    throw new DomainError('not_found', 'no such command');
  return open;
}

async function keepOperator(
  deps: StepDeps,
  { returnId, updateId, ...input }: ReturnStepInput,
): Promise<string | null> {
  if (updateId === undefined) return null;
  const orderId = await findReturnOrder(deps.oms, returnId);
  if (orderId === null) throw new DomainError('not_found', 'no such return');
  return keepOperatorCommand(deps.oms, { orderId, updateId: `${returnId}/${updateId}`, ...input });
}

function illegalReturn(state: ReturnState, action: ReturnAction): DomainError {
  return new DomainError(
    'illegal_transition',
    `${action} is not legal for a return that is ${state.status}`,
    { extra: { currentStatus: state.status, allowedActions: returnActionsOf(state) } },
  );
}

/** The shared part of a change that a cause brings about. */
export function returnChangeOf(
  cause: StepCause,
): Pick<ReturnChange, 'actor' | 'reason' | 'requestId' | 'commandId'> {
  const { actor, reason, requestId, commandId } = cause;
  return { actor, reason, requestId, commandId };
}

/** True once the deadline of a wait has passed; a second of difference between clocks does not matter. */
export function isOverdue({ until }: OpenReturn): boolean {
  return until !== null && Date.parse(until) <= Date.now() + 1000;
}
