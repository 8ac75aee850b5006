import type { UpdateDefinition } from '@temporalio/common';

import type { AmendBody, OrderChangeDocument } from '../contracts/amend';
import type { AcceptedOperation } from '../contracts/operations';
import type { CommandInput, CommandResult } from '../contracts/order-process';
import type { Order } from '../contracts/orders';
import { loadAmendFacts } from '../db/oms/amend-facts';
import { findChange } from '../db/oms/amend-write';
import { openOrder } from '../db/oms/open-order';
import { withTransaction } from '../db/pool';
import { type AmendPlan, planAmend } from '../domain/amend';
import { DomainError } from '../domain/errors';

import { type CommandContext, commandIdOf, sendCommand } from './commands';
import type { ApiDeps } from './deps';
import { requireOrder } from './order-answers';

interface Amended {
  readonly order: Order;
  readonly change: OrderChangeDocument;
}

/** What the changes would do. Stores nothing, and moves neither stock nor version. */
export async function previewAmend(
  deps: ApiDeps,
  orderId: string,
  { baseVersion, changes }: AmendBody,
): Promise<Amended> {
  const order = await requireOrder(deps, orderId);
  if (!order.allowedActions.includes('amend'))
    throw new DomainError(
      'illegal_transition',
      `amend is not legal for an order that is ${order.status}.`,
      {
        extra: { currentStatus: order.status, allowedActions: order.allowedActions },
      },
    );
  const plan = await withTransaction(deps.oms, async (tx) => {
    const view = await openOrder(tx, orderId, null);
    if (view === null) throw new DomainError('not_found', 'There is no such order.');
    const facts = await loadAmendFacts(tx, orderId, changes);
    return planAmend(view, facts, { baseVersion, changes });
  });
  return { order, change: toPreview(plan, baseVersion) };
}

function toPreview(plan: AmendPlan, baseVersion: number): OrderChangeDocument {
  const { before, after, stock, payment } = plan;
  return {
    id: null,
    status: 'preview',
    baseVersion,
    before,
    after,
    priceDeltaMinor: after.totalMinor - before.totalMinor,
    lines: plan.order.lines.map((line) => ({
      lineId: line.lineId,
      sku: line.sku,
      quantity: line.quantity,
      unitPriceMinor: line.unitPriceMinor,
      discountMinor: line.discountMinor,
      taxMinor: line.taxMinor,
      totalMinor: line.totalMinor,
    })),
    stock: [...stock],
    payment: { action: payment.action, amountMinor: payment.amountMinor },
  };
}

type Answer =
  | { readonly status: 200; readonly body: Amended }
  | { readonly status: 202; readonly body: AcceptedOperation };

/** Has the order's workflow change it, and answers with the order and the change as it was written. */
export async function confirmAmend(
  ctx: CommandContext,
  orderId: string,
  given: {
    readonly body: AmendBody;
    readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
  },
): Promise<Answer> {
  const { payment, ...body } = given.body;
  const commandId = commandIdOf(ctx, 'amend', orderId);
  const outcome = await sendCommand(ctx, {
    orderId,
    kind: 'amend',
    commandId,
    // A token at the top is what is erased when the command ends.
    body: { ...body, ...payment },
    update: given.update,
  });
  if (outcome.kind === 'accepted') return { status: 202, body: outcome.operation };
  const change = await findChange<OrderChangeDocument>(ctx.deps.oms, commandId);
  if (change === null) throw new Error('the change of a command that is done was not found');
  return { status: 200, body: { order: await requireOrder(ctx.deps, orderId), change } };
}
