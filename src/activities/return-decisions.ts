import type { ReturnRef, ReturnState } from '../contracts/return-process';
import { findPolicyValues } from '../db/oms/policy-values';
import { type OpenReturn, recordReturn, writeReturnLines } from '../db/oms/returns';
import type { Queryable } from '../db/pool';
import { share } from '../domain/money';
import { isAutoApproved } from '../domain/return';
import type { StepCause, StepDeps } from './order-step';
import { closeRefunded, settleReturn } from './return-settlement';
import {
  isOverdue,
  RETURN_BY_ITSELF,
  returnChangeOf,
  returnCommandStep,
  type ReturnStepInput,
  returnStoryStep,
} from './return-step';

/**
 * The first step of a run. Of a new return: below the limit it is approved at once, else a person is awaited until the
 * deadline. Of one that a lost run left: what that run was not told is done.
 */
export async function openReturn(deps: StepDeps, ref: ReturnRef): Promise<ReturnState> {
  return returnStoryStep(deps, ref, async (tx, open) => {
    await closeRefunded(tx, open);
    if (open.status !== 'requested' || open.waitCode !== null) return;
    if (await isBelowLimit(tx, open)) {
      const cause = { ...RETURN_BY_ITSELF, reason: 'below_limit' };
      await approve(tx, open, cause, { keepItem: false, label: true, note: null });
      return;
    }
    await recordReturn(tx, open, {
      ...returnChangeOf(RETURN_BY_ITSELF),
      wait: { code: 'return_approval', policy: 'returnApprovalDeadline' },
      event: 'return_approval_awaited',
    });
  });
}

async function isBelowLimit(tx: Queryable, open: OpenReturn): Promise<boolean> {
  const key = 'returnAutoApproveBelowMinor';
  const limits = (await findPolicyValues(tx, [key])).get(key);
  return isAutoApproved(valueOf(open), open.currency, readLimits(limits));
}

/** What the units asked for are worth at most: of several shares the first is taken. */
function valueOf({ lines, taxIncluded }: OpenReturn): number {
  return lines.reduce((sum, { itemMinor, taxMinor, quantity, ordered }) => {
    const whole = itemMinor + (taxIncluded ? 0 : taxMinor);
    return sum + share(whole, Math.min(quantity, ordered), ordered);
  }, 0);
}

function readLimits(value: unknown): Readonly<Record<string, number>> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return Object.fromEntries(entries);
}

/** A person lets the goods come back, or lets the customer keep them and have the money. */
export async function approveReturn(deps: StepDeps, input: ReturnStepInput): Promise<ReturnState> {
  return returnCommandStep(deps, input, 'approve', async (tx, open, cause) => {
    const { keepItem, label, note } = cause.body;
    await approve(tx, open, cause, {
      keepItem: keepItem === true,
      label: label !== false,
      note: typeof note === 'string' ? note : null,
    });
  });
}

interface Approval {
  readonly keepItem: boolean;
  /** The carrier is to be booked. */
  readonly label: boolean;
  readonly note: string | null;
}

async function approve(
  tx: Queryable,
  open: OpenReturn,
  cause: StepCause,
  { keepItem, label, note }: Approval,
): Promise<void> {
  const change = { ...returnChangeOf(cause), status: 'approved', note } as const;
  const announced = { event: 'return_approved', announce: ['return.approved'] };
  if (!keepItem) {
    await recordReturn(tx, open, {
      ...change,
      ...announced,
      wait: { code: 'return_goods', policy: 'returnReceiveDeadline' },
      labelStatus: label ? 'wanted' : 'none',
    });
    return;
  }
  const kept = open.lines.map((line) => ({
    ...line,
    accepted: line.quantity,
    reception: 'kept_by_customer' as const,
  }));
  await writeReturnLines(tx, open.id, kept);
  await recordReturn(tx, open, {
    ...change,
    ...announced,
    wait: null,
    keepItem: true,
    isReceiptComplete: true,
    data: { keepItem: true },
  });
  await settleReturn(tx, open.id, cause);
}

/** A person refuses the return. */
export async function declineReturn(deps: StepDeps, input: ReturnStepInput): Promise<ReturnState> {
  return returnCommandStep(deps, input, 'decline', decline);
}

/** Nobody decided in time: declined. A decision that came first stays. */
export async function declineLateReturn(deps: StepDeps, ref: ReturnRef): Promise<ReturnState> {
  return returnStoryStep(deps, ref, async (tx, open) => {
    if (open.status !== 'requested' || !isOverdue(open)) return;
    await decline(tx, open, { ...RETURN_BY_ITSELF, reason: 'approval_deadline' });
  });
}

async function decline(tx: Queryable, open: OpenReturn, cause: StepCause): Promise<void> {
  await recordReturn(tx, open, {
    ...returnChangeOf(cause),
    status: 'declined',
    wait: null,
    event: 'return_declined',
    announce: ['return.declined'],
  });
}

/** Nothing comes back after all: legal until something was received. A second time it changes nothing. */
export async function cancelReturn(deps: StepDeps, input: ReturnStepInput): Promise<ReturnState> {
  return returnCommandStep(deps, input, 'cancel', async (tx, open, cause) => {
    await recordReturn(tx, open, {
      ...returnChangeOf(cause),
      status: 'canceled',
      wait: null,
      event: 'return_canceled',
      announce: ['return.canceled'],
    });
  });
}
