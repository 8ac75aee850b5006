import type { OrderChange } from '../contracts/order-process';
import { insertHold, releaseHoldRow } from '../db/oms/holds';
import { type OpenOrder, toFulfillmentStates } from '../db/oms/open-order';
import { planFulfillment } from '../db/oms/terms';
import { type ChangeRecord, recordChange } from '../db/oms/record-change';
import type { Queryable } from '../db/pool';
import { DomainError } from '../domain/errors';
import { withPlanned } from './order-stock';
import {
  actionsOf,
  changeOf,
  commandStep,
  illegalTransition,
  type StepDeps,
  type StepInput,
} from './order-step';

/** Keeps the order from the warehouse until the hold is released; what runs before goes on. */
export async function holdOrder(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    if (!actionsOf(order).includes('hold')) throw illegalTransition(order, 'the order is not open');
    const type = typeof cause.body['type'] === 'string' ? cause.body['type'] : 'manual';
    const holdId = await insertHold(tx, order.id, {
      type,
      reason: cause.reason ?? type,
      placedBy: cause.actor.id,
    });
    await recordChange(tx, changeOf(order, cause, [{ type: 'held', data: { holdId, type } }]));
    return { activeHolds: order.activeHolds + 1 };
  });
}

/** Releases one hold (from the Web UI: the only one). With the last one a paid order goes to the warehouse. */
export async function releaseHold(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    if (!actionsOf(order).includes('release'))
      throw illegalTransition(order, 'the order has no active hold');
    const holdId = typeof cause.body['holdId'] === 'string' ? cause.body['holdId'] : null;
    const released = await releaseHoldRow(tx, order.id, holdId, {
      releasedBy: cause.actor.id,
      reason: cause.reason,
    });
    if (released === null)
      throw new DomainError('not_found', 'no such active hold', {
        errors: [{ path: 'holdId', message: 'no active hold of this order' }],
      });
    const change = changeOf(order, cause, [{ type: 'released', data: { holdId: released } }]);
    return afterRelease(tx, order, change);
  });
}

/** Records that one hold is gone, with its events: with the last one a paid order goes to the warehouse. */
export async function afterRelease(
  tx: Queryable,
  order: OpenOrder,
  change: ChangeRecord,
): Promise<OrderChange> {
  const isLast = order.activeHolds === 1;
  const isBackorderUnplanned =
    order.isBackordered && order.fulfillments.every(({ status }) => status !== 'scheduled');
  if (!isLast || order.phase !== 'fulfill' || !(order.isUnplanned || isBackorderUnplanned)) {
    await recordChange(tx, change);
    return { activeHolds: order.activeHolds - 1 };
  }
  const planned = await planFulfillment(tx, order, change);
  const fulfillments = withPlanned(toFulfillmentStates(order.fulfillments), planned);
  return { activeHolds: 0, status: 'processing', fulfillments };
}

/** A note on the order's history; its text never leaves the database. */
export async function addNote(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const text = cause.body['text'] ?? cause.reason;
    await recordChange(tx, changeOf(order, cause, [{ type: 'note', data: { text } }]));
    return {};
  });
}
