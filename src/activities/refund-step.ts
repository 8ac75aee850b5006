import type { CommandInput } from '../contracts/order-process';
import type { RefundRef, RefundState } from '../contracts/refund-process';
import { keepOperatorCommand } from '../db/oms/command-end';
import {
  findOrderOfRefund,
  openRefund,
  type OpenRefund,
  type OpenRefundShare,
  toRefundState,
} from '../db/oms/open-refund';
import { type ChangeRecord, type EventRecord } from '../db/oms/record-change';
import { changeRefund, type RefundChange, type ShareChange } from '../db/oms/refund-changes';
import { type Queryable, withTransaction } from '../db/pool';
import { DomainError } from '../domain/errors';
import { refundActions, standOf } from '../domain/refund-state';
import type { StepCause, StepDeps } from './order-step';
import { BY_ITSELF, toCause } from './order-step';
import { isDone, refusingCommand } from './refusing-command';

export type RefundStepInput = RefundRef & CommandInput;

type RefundStep = (tx: Queryable, refund: OpenRefund, cause: StepCause) => Promise<void>;

/**
 * Runs one step of a refund in one transaction, its order's row locked. A command that was done changes nothing, so a
 * step may run any number of times. Answers with the refund as the step left it; a refusal ends the command as failed.
 */
export async function refundStep(
  deps: Pick<StepDeps, 'oms'>,
  { refundId, ...input }: RefundStepInput,
  step: RefundStep,
): Promise<RefundState> {
  const commandId = await commandOf(deps, refundId, input);
  return refusingCommand(deps.oms, commandId, () =>
    withTransaction(deps.oms, async (tx) => {
      const refund = await requireRefund(tx, refundId, commandId);
      const { command } = refund;
      if (isDone(command, (detail) => illegalForRefund(refund, detail)))
        return toRefundState(refund);
      await step(tx, refund, command === null ? BY_ITSELF : toCause(command));
      return toRefundState(await requireRefund(tx, refundId, null));
    }),
  );
}

async function commandOf(
  { oms }: Pick<StepDeps, 'oms'>,
  refundId: string,
  input: CommandInput,
): Promise<string | null> {
  if (input.commandId !== undefined) return input.commandId;
  if (input.updateId === undefined) return null;
  const orderId = await findOrderOfRefund(oms, refundId);
  return orderId === null ? null : keepOperatorCommand(oms, { orderId, ...input });
}

async function requireRefund(
  tx: Queryable,
  refundId: string,
  commandId: string | null,
): Promise<OpenRefund> {
  const refund = await openRefund(tx, refundId, commandId);
  if (refund === null) throw new DomainError('not_found', 'no such refund');
  if (commandId !== null && refund.command === null)
    throw new DomainError('not_found', 'no such command');
  return refund;
}

/** The refusal of a command that the refund's state does not allow. */
export function illegalForRefund(refund: OpenRefund, detail: string): DomainError {
  return new DomainError('illegal_transition', detail, {
    extra: { currentStatus: refund.status, allowedActions: refundActions(refund) },
  });
}

/** The order's side of a refund's change. */
export function changeOfRefund(
  refund: OpenRefund,
  cause: StepCause,
  events: readonly EventRecord[],
): ChangeRecord {
  const { id: refundId, amountMinor } = refund;
  return {
    orderId: refund.orderId,
    actor: cause.actor,
    requestId: cause.requestId,
    commandId: cause.commandId,
    events: events.map((event) => ({
      reason: cause.reason,
      ...event,
      data: { refundId, amountMinor, ...event.data },
    })),
  };
}

/** A part that ends well: what was asked of its payment is refunded. */
export function toSucceeded(share: OpenRefundShare, reference: string | null): ShareChange {
  const { id, amountMinor } = share;
  const money = { pendingMinor: -amountMinor, refundedMinor: amountMinor };
  return { id, status: 'succeeded', reference, ...money };
}

/**
 * Ends parts of a submitted refund and, with the last of them, the refund: it succeeds, fails and gives its cap back, or
 * waits for a person where its parts ended apart.
 */
export async function settleShares(
  tx: Queryable,
  refund: OpenRefund,
  cause: StepCause,
  ended: readonly ShareChange[],
): Promise<void> {
  const changes = new Map(ended.map((share) => [share.id, share]));
  const after = refund.shares.map((share) => ({ ...share, ...changes.get(share.id) }));
  const stand = standOf(after);
  const refundedMinor = ended.reduce((sum, share) => sum + share.refundedMinor, 0);
  const failureCode = ended.find((share) => share.failureCode)?.failureCode ?? null;
  const change: RefundChange = {
    refundId: refund.id,
    status: stand.status,
    wait: waitOf(stand),
    failureCode: stand.status === 'succeeded' ? null : failureCode,
    shares: ended,
    announce: movesOf(refundedMinor),
  };
  if (stand.status === 'submitted' && !stand.isApart) {
    await changeRefund(tx, changeOfRefund(refund, cause, []), change);
    return;
  }
  await endRefund(tx, refund, cause, { change, isApart: stand.isApart });
}

/** Money that moved is told apart from how the refund ends: its parts may end apart. */
function movesOf(refundedMinor: number) {
  if (refundedMinor === 0) return [];
  const type = refundedMinor > 0 ? 'payment.refunded' : 'payment.refund_reversed';
  return [{ type, amountMinor: Math.abs(refundedMinor) }];
}

async function endRefund(
  tx: Queryable,
  refund: OpenRefund,
  cause: StepCause,
  { change, isApart }: { readonly change: RefundChange; readonly isApart: boolean },
): Promise<void> {
  const { amountMinor } = refund;
  const announce = change.announce ?? [];
  if (change.status === 'succeeded') {
    const event = { type: 'refund_succeeded' };
    const told = [...announce, { type: 'refund.succeeded', amountMinor }];
    const done = { ...change, units: 1, isSolved: true, announce: told } as const;
    await changeRefund(tx, changeOfRefund(refund, cause, [event]), done);
    return;
  }
  const code = change.failureCode ?? 'refused';
  const event = { type: 'refund_failed', data: { code, isApart } };
  const detail = `${isApart ? 'a part of the refund' : 'the refund'} was refused: ${code}`;
  const incident = { kind: 'refund_failed', detail };
  if (isApart) {
    await changeRefund(tx, changeOfRefund(refund, cause, [event]), { ...change, incident });
    return;
  }
  // The cap is given back: every part of it failed.
  const shares = refund.shares.map((share): ShareChange => {
    const ended = change.shares.find(({ id }) => id === share.id);
    const base = ended ?? { id: share.id, status: 'failed', pendingMinor: 0, refundedMinor: 0 };
    return { ...base, pendingMinor: base.pendingMinor - share.amountMinor };
  });
  const told = [...announce, { type: 'refund.failed', amountMinor }];
  const failed = { ...change, shares, incident, announce: told };
  await changeRefund(tx, changeOfRefund(refund, cause, [event]), failed);
}

/** What a refund waits for, in a sentence. */
export function waitOf(stand: ReturnType<typeof standOf>): RefundChange['wait'] {
  if (stand.isApart)
    return { code: 'gateway', detail: 'a part was refused: retry it or make it store credit' };
  if (stand.waitCode === null) return null;
  const detail =
    stand.waitCode === 'gateway'
      ? 'the gateway has not confirmed the refund yet'
      : 'the money came outside: somebody must give it back and record it';
  return { code: stand.waitCode, detail };
}
