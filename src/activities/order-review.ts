import type { OrderChange, OrderRef } from '../contracts/order-process';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { acceptFindings, adoptKnownSkus } from '../db/oms/review';
import { type ChangeRecord, recordChange } from '../db/oms/record-change';
import type { Queryable } from '../db/pool';
import { DomainError } from '../domain/errors';
import { findingsToDecide, reviewWait } from '../domain/review';
import { giveUp } from './order-cancel';
import {
  BY_ITSELF,
  changeOf,
  commandStep,
  illegalTransition,
  isOverdue,
  type StepDeps,
  type StepInput,
  storyStep,
  toIso,
} from './order-step';

/**
 * Accepts open findings (all of this review, or those named). When only finance has yet to decide the second review
 * begins, with a deadline of its own; with none left the order is confirmed. One of `unknown_sku` can only be accepted
 * once the catalogue knows every line.
 */
export async function approveReview(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    if (order.status !== 'in_review') throw illegalTransition(order, 'the order is not in review');
    const codes = namedFindings(cause.body, order.openFindings);
    if (codes.includes('unknown_sku') && (await adoptKnownSkus(tx, order.id)) > 0)
      throw new DomainError('unknown_sku', 'a line names no product of the catalogue');
    await acceptFindings(tx, order.id, codes, cause.actor.id);
    const approved = { type: 'review_approved', data: { findings: codes } };
    const openFindings = order.openFindings.filter((code) => !codes.includes(code));
    if (openFindings.length > 0)
      return stayInReview(tx, order, openFindings, changeOf(order, cause, [approved]));
    const confirmed = {
      type: 'confirmed',
      data: { from: 'in_review', to: 'confirmed' },
      announce: 'order.confirmed',
    };
    const change = changeOf(order, cause, [approved, confirmed]);
    await recordChange(tx, { ...change, status: 'confirmed', phase: 'reserve', wait: null });
    return { status: 'confirmed', phase: 'reserve', waitCode: null, until: null, openFindings: [] };
  });
}

/** Some findings are still open: the wait goes on, or the second review begins. */
async function stayInReview(
  tx: Queryable,
  order: OpenOrder,
  openFindings: readonly string[],
  change: ChangeRecord,
): Promise<OrderChange> {
  const code = reviewWait(openFindings);
  if (code === null || code === order.waitCode) {
    await recordChange(tx, change);
    return { openFindings };
  }
  const wait = { code, detail: null, policy: 'reviewDeadline' };
  const { until } = await recordChange(tx, { ...change, wait });
  return { openFindings, waitCode: code, until: toIso(until) };
}

/** Ends a held order; what it holds is given back as by a cancel. */
export async function rejectReview(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    if (order.status !== 'in_review') throw illegalTransition(order, 'the order is not in review');
    return giveUp(tx, order, cause, [
      { type: 'review_rejected', data: { findings: order.openFindings } },
    ]);
  });
}

/** The review deadline passed: flags the order once and lets it wait on. */
export async function escalateReview(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.phase !== 'review' || !isOverdue(order)) return toOrderState(order);
    const wait = {
      code: order.waitCode,
      detail: 'escalated: the review deadline passed',
      policy: null,
    } as const;
    const change = changeOf(order, BY_ITSELF, [{ type: 'review_escalated' }]);
    await recordChange(tx, { ...change, wait });
    return { until: null };
  });
}

function namedFindings(body: Readonly<Record<string, unknown>>, open: readonly string[]): string[] {
  const { findingCodes } = body;
  if (!Array.isArray(findingCodes)) return findingsToDecide(open);
  const named = findingCodes.filter((code): code is string => typeof code === 'string');
  const decidable = findingsToDecide(open);
  const unknown = named.findIndex((code) => !decidable.includes(code));
  if (unknown >= 0)
    throw new DomainError('validation_failed', 'a named finding is not open', {
      errors: [{ path: `findingCodes.${unknown}`, message: 'is not for this review to decide' }],
    });
  return named;
}
