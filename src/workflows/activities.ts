import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { CarrierActivities } from '../activities/carrier-activities';
import type { OrderActivities } from '../activities/order-activities';
import type { PaymentActivities } from '../activities/payment-activities';
import type { RefundActivities } from '../activities/refund-activities';
import type { RefundPaymentActivities } from '../activities/refund-payments';
import type { ReturnActivities } from '../activities/return-activities';

/** `orders` of every installation, with the prefix that this workflow's own queue has. */
export function siblingQueue(name: string): string {
  return workflowInfo().taskQueue.replace(/[a-z]+$/, name);
}

const local = {
  startToCloseTimeout: '5s',
  localRetryThreshold: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
} as const;

/**
 * Never canceled: a step is short, and a cancel that meets its answer in one activation is an invalid transition to the
 * engine, which fails the workflow task. Whoever was canceled meanwhile finds out with what it awaits next.
 */
function uncanceled<A extends object>(calls: A): A {
  return new Proxy(calls, {
    get: (target, name) => {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== 'function') return call;
      return (...args: unknown[]) =>
        CancellationScope.nonCancellable(
          async () => (await Reflect.apply(call, target, args)) as unknown,
        );
    },
  });
}

/** Steps in our own database: short, idempotent, in the same workflow task. An outage becomes durable timers. */
export const steps = uncanceled(proxyLocalActivities<OrderActivities>(local));
export const refundSteps = proxyLocalActivities<RefundActivities>(local);
export const returnSteps = proxyLocalActivities<ReturnActivities>(local);

const remote = {
  startToCloseTimeout: '60s',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
} as const;

/** Calls to the payment gateway, retried until it answers. */
export function paymentsOf(summary: string) {
  return proxyActivities<PaymentActivities & RefundPaymentActivities>({
    ...remote,
    taskQueue: siblingQueue('payments'),
    summary,
  });
}

/** Calls to the carrier, retried until it answers. */
export function carriersOf(summary: string) {
  return proxyActivities<CarrierActivities>({
    ...remote,
    taskQueue: siblingQueue('carriers'),
    summary,
  });
}
