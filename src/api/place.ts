import { placeOrder, type OrderToPlace } from '../platform/order-engine';

import type { ApiDeps } from './deps';

/**
 * Starts the order's workflow (or joins it) and waits until it has placed the order, at most until `deadline` (epoch
 * ms). May run any number of times. When it does not come off the `wake` lane goes on trying: the intake is durable,
 * and the order's row says whether it was placed after all.
 */
export async function tryToPlace(
  deps: ApiDeps,
  order: OrderToPlace,
  deadline: number,
): Promise<void> {
  const engine = {
    client: deps.temporal,
    taskQueuePrefix: deps.config.THROUGHLINE_TASK_QUEUE_PREFIX,
  };
  try {
    await placeOrder(engine, order, deadline - Date.now());
  } catch (err) {
    deps.logger.warn({ err, orderId: order.orderId }, 'order is not placed yet');
  }
}
