import type { OrderChange, OrderRef } from '../contracts/order-process';
import { freeDisputed, reserveDisputed } from '../db/oms/dispute-reserves';
import { lockUnrecordedDispute, markRecorded, type UnrecordedDispute } from '../db/oms/disputes';
import { insertHold, releaseHoldRow } from '../db/oms/holds';
import { openDisputeIncident, resolveDisputeIncident } from '../db/oms/incidents';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { findPolicyValues } from '../db/oms/policy-values';
import { type Actor, type EventRecord, recordChange } from '../db/oms/record-change';
import type { Queryable } from '../db/pool';
import { type DisputeEffect, disputeEffect, type DisputeEvent } from '../domain/dispute';
import { afterRelease } from './order-notes';
import { BY_ITSELF, changeOf, requireOrder, type StepDeps, storyStep } from './order-step';

/**
 * Makes what was reported of the order's disputes the order's own: the amount is kept from refunds or freed, what is
 * not shipped is held or released, a person is called, the history says so. A second time it changes nothing. By the
 * order's workflow, or for an order that is over by the `wake` lane.
 */
export async function settleDisputes(
  deps: Pick<StepDeps, 'oms'>,
  { orderId }: OrderRef,
): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    let current = order;
    for (;;) {
      const dispute = await lockUnrecordedDispute(tx, orderId);
      if (dispute === null) return toOrderState(current);
      await settleDispute(tx, current, dispute);
      current = await requireOrder(tx, orderId, null);
    }
  });
}

async function settleDispute(
  tx: Queryable,
  order: OpenOrder,
  dispute: UnrecordedDispute,
): Promise<void> {
  const { id, status, recordedStatus } = dispute;
  const effect = disputeEffect(recordedStatus, status);
  if (effect.reserve === 'take') await reserveDisputed(tx, id);
  if (effect.reserve === 'free') await freeDisputed(tx, id);
  await settleIncident(tx, order, dispute, effect);
  const cause = { ...BY_ITSELF, actor: actorOf(dispute), requestId: dispute.requestId };
  const holdId = effect.hold === 'place' ? await placeHold(tx, order, dispute) : null;
  const isReleased = effect.hold === 'release' && (await releaseHold(tx, order, dispute));
  const events = [
    ...effect.events.map((type) => toEvent(type, dispute)),
    ...(holdId === null ? [] : [held(holdId)]),
    ...(isReleased ? [released(dispute.holdId)] : []),
  ];
  const change = changeOf(order, cause, events);
  if (isReleased) await afterRelease(tx, order, change);
  else await recordChange(tx, change);
  await markRecorded(tx, id, { status, holdId });
}

/** Who brought the dispute where it is: a person of ours, or the provider. */
function actorOf({ provider, actedByType, actedBy }: UnrecordedDispute): Actor {
  return actedByType !== null && actedBy !== null
    ? { type: actedByType, id: actedBy }
    : { type: 'webhook', id: provider };
}

const WON = 'the dispute is won';

const ANNOUNCED: Partial<Record<DisputeEvent, string>> = {
  dispute_opened: 'dispute.opened',
  dispute_answered: 'dispute.answered',
  dispute_won: 'dispute.closed',
  dispute_closed: 'dispute.closed',
  charge_back: 'dispute.closed',
};

function toEvent(type: DisputeEvent, dispute: UnrecordedDispute): EventRecord {
  const { id, status, amountMinor, reason } = dispute;
  const announce = ANNOUNCED[type];
  const data = { disputeId: id, amountMinor, status };
  return { type, reason, data, ...(announce === undefined ? {} : { announce, payload: data }) };
}

function held(holdId: string): EventRecord {
  return { type: 'held', reason: 'the payment is disputed', data: { holdId, type: 'dispute' } };
}

function released(holdId: string | null): EventRecord {
  return { type: 'released', reason: WON, data: { holdId } };
}

async function settleIncident(
  tx: Queryable,
  order: OpenOrder,
  { id, status, reason }: UnrecordedDispute,
  effect: DisputeEffect,
): Promise<void> {
  if (effect.incident === 'open')
    await openDisputeIncident(tx, {
      orderId: order.id,
      disputeId: id,
      detail: `${status.replaceAll('_', ' ')}: ${reason}`,
    });
  if (effect.incident === 'resolve') await resolveDisputeIncident(tx, id);
}

/** Holds what has not left the house yet; null: there is nothing, or the policy is off. */
async function placeHold(
  tx: Queryable,
  order: OpenOrder,
  { id, provider }: UnrecordedDispute,
): Promise<string | null> {
  const isOpen = order.phase !== 'over' && order.phase !== 'cancel';
  const isUnshipped = order.lines.some(
    ({ requiresShipping, shipped, wanted }) => requiresShipping && shipped < wanted,
  );
  if (!isOpen || !isUnshipped) return null;
  const policies = await findPolicyValues(tx, ['disputeHold']);
  if (policies.has('disputeHold') && policies.get('disputeHold') !== true) return null;
  const reason = `the payment is disputed (${id})`;
  return insertHold(tx, order.id, {
    type: 'dispute',
    reason,
    placedBy: provider,
    source: 'system',
  });
}

async function releaseHold(
  tx: Queryable,
  order: OpenOrder,
  { holdId, provider }: UnrecordedDispute,
): Promise<boolean> {
  if (holdId === null || order.phase === 'over') return false;
  const release = { releasedBy: provider, reason: WON };
  return (await releaseHoldRow(tx, order.id, holdId, release)) !== null;
}
