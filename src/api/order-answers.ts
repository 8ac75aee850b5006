import type { Order } from '../contracts/orders';
import { findOrder, type LinkTo } from '../db/oms/order-views';
import { DomainError } from '../domain/errors';
import { workflowLinksTo } from '../platform/workflow-links';

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
