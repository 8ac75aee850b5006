import type { CommandInput, OrderChange, OrderRef } from '../contracts/order-process';
import { type CommandRecord, openOrder, type OpenOrder, toOrderState } from '../db/oms/open-order';
import { keepOperatorCommand } from '../db/oms/command-end';
import { type Actor, type ChangeRecord, type EventRecord, SYSTEM } from '../db/oms/record-change';
import { type Pool, type Queryable, withTransaction } from '../db/pool';
import { DomainError } from '../domain/errors';
import { allowedActions, handOverFacts, type OrderAction, paidByOf } from '../domain/order-actions';
import { isDone, refusingCommand } from './refusing-command';

export interface StepDeps {
  readonly oms: Pool;
  readonly crm: Pool;
  /** Name of the gateway that takes cards. */
  readonly cardProvider: string;
}

export interface StepInput extends CommandInput {
  readonly orderId: string;
}

/** Who asked for a step, and why. */
export interface StepCause {
  readonly actor: Actor;
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly commandId: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The cause of a step that nobody asked for. */
export const BY_ITSELF: StepCause = {
  actor: SYSTEM,
  reason: null,
  requestId: null,
  commandId: null,
  body: {},
};

/**
 * Runs one step in one transaction with the order's row locked. A command that is done already changes nothing and
 * answers with the order as it is, one that was refused is refused again, so a step may run any number of times.
 */
export async function commandStep(
  deps: Pick<StepDeps, 'oms'>,
  input: StepInput,
  step: (tx: Queryable, order: OpenOrder, cause: StepCause) => Promise<OrderChange>,
): Promise<OrderChange> {
  const commandId = input.commandId ?? (await keepOperatorCommand(deps.oms, input));
  return refusingCommand(deps.oms, commandId, () =>
    withTransaction(deps.oms, async (tx) => {
      const order = await requireOrder(tx, input.orderId, commandId);
      if (isDone(order.command, (detail) => illegalTransition(order, detail)))
        return toOrderState(order);
      return newer(order, await step(tx, order, toCause(order.command)));
    }),
  );
}

/** Runs one step of the story itself, in one transaction with the order's row locked. */
export async function storyStep(
  deps: Pick<StepDeps, 'oms'>,
  orderId: string,
  step: (tx: Queryable, order: OpenOrder) => Promise<OrderChange>,
): Promise<OrderChange> {
  return withTransaction(deps.oms, async (tx) => {
    const order = await requireOrder(tx, orderId, null);
    return newer(order, await step(tx, order));
  });
}

/** The order as the tables have it, for a workflow that may have missed what one of its steps did. */
export async function readOrder(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, (_tx, order) => Promise.resolve(toOrderState(order)));
}

/** A change is newer than what its step found; an answer that only read says its own revision. */
function newer(order: OpenOrder, change: OrderChange): OrderChange {
  return { rev: order.revision + 1, ...change };
}

export async function requireOrder(
  tx: Queryable,
  orderId: string,
  commandId: string | null,
): Promise<OpenOrder> {
  const order = await openOrder(tx, orderId, commandId);
  if (order === null) throw new DomainError('not_found', 'no such order');
  if (commandId !== null && order.command === null)
    throw new DomainError('not_found', 'no such command');
  return order;
}

/** The cause that a command is; without one: nobody asked. */
export function toCause(command: CommandRecord | null): StepCause {
  if (command === null) return BY_ITSELF;
  const { reason } = command.body;
  return {
    actor: { type: command.actorType, id: command.actorId },
    reason: typeof reason === 'string' ? reason : null,
    requestId: command.requestId,
    commandId: command.id,
    body: command.body,
  };
}

/** The shared part of a change that a cause brings about. */
export function changeOf(
  order: OpenOrder,
  cause: StepCause,
  events: readonly EventRecord[],
): ChangeRecord {
  return {
    orderId: order.id,
    actor: cause.actor,
    requestId: cause.requestId,
    commandId: cause.commandId,
    events: events.map((event) => ({ reason: cause.reason, ...event })),
  };
}

/** The refusal of a command that the order's state does not allow. */
export function illegalTransition(
  order: OpenOrder,
  detail: string,
  extra: object = {},
): DomainError {
  return new DomainError('illegal_transition', detail, {
    extra: { currentStatus: order.status, allowedActions: actionsOf(order), ...extra },
  });
}

/** The commands that are legal for the order now. */
export function actionsOf(order: OpenOrder): OrderAction[] {
  return allowedActions({
    ...handOverFacts(order.fulfillments.map(({ status }) => status)),
    status: order.status,
    paidBy: paidByOf(order.paymentMethod),
    waitCode: order.waitCode,
    activeHolds: order.activeHolds,
    canceling: order.phase === 'cancel',
  });
}

/** The workflow's clock and ours may differ a little. */
const CLOCK_TOLERANCE_MS = 1000;

/** Is the deadline of the order's wait over? A wait without one never is. */
export function isOverdue({ until }: OpenOrder): boolean {
  return until !== null && Date.parse(until) <= Date.now() + CLOCK_TOLERANCE_MS;
}

export function toIso(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
