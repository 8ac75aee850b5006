import { WithStartWorkflowOperation } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import type { OrderRef } from '../contracts/order-process';
import type { orderWorkflow } from '../workflows/order';
import { place } from '../workflows/messages';

import type { ApiDeps } from './deps';
import { callEngine } from './engine';

const ORDER_STAGE = defineSearchAttributeKey('OrderStage', SearchAttributeType.KEYWORD);
const ORDER_NO = defineSearchAttributeKey('OrderNo', SearchAttributeType.KEYWORD);
const CHANNEL = defineSearchAttributeKey('Channel', SearchAttributeType.KEYWORD);

export interface IntakeToPlace extends OrderRef {
  readonly orderNo: string;
  readonly channel: string;
}

export function workflowIdOf(orderId: string): string {
  return `order/${orderId}`;
}

/**
 * Starts the order's workflow (or joins it) and waits until it has placed the order, at most until `deadline`. May run
 * any number of times. False: not placed yet; the `wake` lane goes on trying, so the caller answers 202.
 */
export async function tryToPlace(
  deps: ApiDeps,
  intake: IntakeToPlace,
  deadline: number,
): Promise<boolean> {
  const { orderId, orderNo, channel } = intake;
  const start = new WithStartWorkflowOperation<typeof orderWorkflow>('orderWorkflow', {
    workflowId: workflowIdOf(orderId),
    taskQueue: `${deps.config.THROUGHLINE_TASK_QUEUE_PREFIX}orders`,
    args: [{ orderId }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    typedSearchAttributes: [
      { key: ORDER_STAGE, value: 'intake' },
      { key: ORDER_NO, value: orderNo },
      { key: CHANNEL, value: channel },
    ],
    staticSummary: `Order ${orderNo} · ${channel}`,
  });
  try {
    await callEngine(deps.temporal, deadline, () =>
      deps.temporal.workflow.executeUpdateWithStart(place, {
        updateId: 'place',
        startWorkflowOperation: start,
      }),
    );
    return true;
  } catch (err) {
    // Whatever it was, the intake is durable: the order row says whether it was placed after all.
    deps.logger.warn({ err, orderId }, 'order is not placed yet');
    return false;
  }
}
