import { type Client, WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { askEngine, callEngine } from './engine-call';

export interface OrderEngine {
  readonly client: Client;
  readonly taskQueuePrefix: string;
}

export interface OrderToPlace {
  readonly orderId: string;
  readonly orderNo: string;
  readonly channel: string;
}

const STAGE = defineSearchAttributeKey('OrderStage', SearchAttributeType.KEYWORD);
const NUMBER = defineSearchAttributeKey('OrderNo', SearchAttributeType.KEYWORD);
const CHANNEL = defineSearchAttributeKey('Channel', SearchAttributeType.KEYWORD);

export function orderWorkflowId(orderId: string): string {
  return `order/${orderId}`;
}

function startOptions(engine: OrderEngine, order: OrderToPlace) {
  return {
    workflowId: orderWorkflowId(order.orderId),
    taskQueue: `${engine.taskQueuePrefix}orders`,
    args: [{ orderId: order.orderId }],
    staticSummary: `Order ${order.orderNo} · ${order.channel}`,
    typedSearchAttributes: [
      { key: STAGE, value: 'intake' },
      { key: NUMBER, value: order.orderNo },
      // Keyword values end at 255 characters.
      { key: CHANNEL, value: order.channel.slice(0, 200) },
    ],
  };
}

/**
 * Starts the order's workflow if it does not run and asks it to place the order; resolves when it is placed, within
 * `timeoutMs`. May be called any number of times, by any number of callers.
 */
export async function placeOrder(
  engine: OrderEngine,
  order: OrderToPlace,
  timeoutMs: number,
): Promise<void> {
  const startWorkflowOperation = new WithStartWorkflowOperation('orderWorkflow', {
    ...startOptions(engine, order),
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
  });
  await callEngine(engine.client, Date.now() + timeoutMs, () =>
    engine.client.workflow.executeUpdateWithStart('place', {
      args: [],
      updateId: 'place',
      startWorkflowOperation,
    }),
  );
}

/** Starts the workflow of an open order again after it was lost; it resumes from the tables. */
export async function resumeOrder(engine: OrderEngine, order: OrderToPlace): Promise<void> {
  const { client } = engine;
  await askEngine(client, () =>
    client.workflow.start('orderWorkflow', {
      ...startOptions(engine, order),
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    }),
  );
}

/** Signals a recorded fact; false when no such workflow runs. */
export async function signalFact(
  client: Client,
  workflowId: string,
  fact: { readonly id: string; readonly kind: string; readonly ref: string },
): Promise<boolean> {
  try {
    await askEngine(client, () =>
      client.workflow.getHandle(workflowId).signal('factRecorded', fact),
    );
    return true;
  } catch (err) {
    if (err instanceof WorkflowNotFoundError) return false;
    throw err;
  }
}

/** How many workflows the query finds. */
export async function countWorkflows(client: Client, query: string): Promise<number> {
  return (await askEngine(client, () => client.workflow.count(query))).count;
}

/** Whether the workflow is running. */
export async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await askEngine(client, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return status.name === 'RUNNING';
  } catch (err) {
    if (err instanceof WorkflowNotFoundError) return false;
    throw err;
  }
}
