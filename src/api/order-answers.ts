import type { AcceptedOperation } from '../contracts/operations';
import type { Order } from '../contracts/orders';
import { findOrder, type LinkTo } from '../db/oms/order-views';
import { DomainError } from '../domain/errors';
import { workflowLinksTo } from '../platform/workflow-links';

import type { CommandOutcome } from './commands';
import type { ApiDeps } from './deps';

/** Where operators see a workflow. */
export function workflowLinks({ config }: Pick<ApiDeps, 'config'>): LinkTo {
  return workflowLinksTo(config);
}

/** The complete order. Throws `not_found`. */
export async function requireOrder(deps: ApiDeps, orderId: string): Promise<Order> {
  const order = await findOrder(deps.oms, orderId, workflowLinks(deps));
  if (order === null) throw new DomainError('not_found', 'There is no such order.');
  return order;
}

type OrderCommandAnswer =
  | { readonly status: 200; readonly body: { readonly order: Order } }
  | { readonly status: 202; readonly body: AcceptedOperation };

/** A command's answer: the order it changed, or where to see how it goes on. */
export async function answerWithOrder(
  deps: ApiDeps,
  orderId: string,
  outcome: CommandOutcome,
): Promise<OrderCommandAnswer> {
  if (outcome.kind === 'accepted') return { status: 202, body: outcome.operation };
  return { status: 200, body: { order: await requireOrder(deps, orderId) } };
}
