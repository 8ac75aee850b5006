import { Context } from '@temporalio/activity';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import type { LaneResult } from '../contracts/lanes';
import { OrderAnnouncement } from '../contracts/outbox';
import { recordOrderFact } from '../db/crm/order-history';
import type { Delivery } from '../db/oms/outbox-deliveries';
import { findOrderFacts, type OrderFacts } from '../db/oms/order-facts';
import type { Pool } from '../db/pool';
import type { Logger } from '../platform/logger';

import { toOrderFact } from './crm-sync-facts';
import { askEngine, isEngineOutage } from '../platform/engine-call';
import { runLane } from './lane';
import { drainDeliveries, type DeliveryHandler } from './lane-deliveries';

export interface CrmSyncDeps {
  readonly oms: Pool;
  readonly crm: Pool;
  readonly temporal: Client;
  readonly taskQueuePrefix: string;
  readonly logger: Logger;
  /** The process's shutdown. */
  readonly stop?: AbortSignal | undefined;
}

const POLL_MS = 2_000;

/** Tells the CRM one batch of what happened to orders. Each announcement has its effect once, however often it comes. */
export async function syncDueAnnouncements(deps: CrmSyncDeps): Promise<number> {
  return await drainDeliveries({
    name: 'crm-sync',
    oms: deps.oms,
    logger: deps.logger,
    prepare: (batch) => prepare(deps, batch),
    isOutage: isEngineOutage,
  });
}

async function prepare(deps: CrmSyncDeps, batch: readonly Delivery[]): Promise<DeliveryHandler> {
  const orderIds = batch.flatMap((delivery) => {
    const parsed = OrderAnnouncement.safeParse(delivery.payload);
    return parsed.success ? [parsed.data.orderId] : [];
  });
  const orders = await findOrderFacts(deps.oms, orderIds);
  return (delivery) => syncOne(deps, orders, delivery);
}

async function syncOne(
  deps: CrmSyncDeps,
  orders: ReadonlyMap<string, OrderFacts>,
  delivery: Delivery,
): Promise<void> {
  const event = OrderAnnouncement.parse(delivery.payload);
  const order = orders.get(event.orderId);
  if (order?.customerId == null) throw new Error('the announced order has no row or no customer');
  const { customerId } = order;
  const fact = toOrderFact({ ...delivery, event, order, customerId });
  if (fact !== null) await recordOrderFact(deps.crm, fact);
  if (delivery.type === 'order.completed' && event.isHistory !== true)
    await startSurvey(deps, order, customerId);
}

/** Starts the order's survey; one that runs or ran already is left alone. */
async function startSurvey(
  deps: CrmSyncDeps,
  order: OrderFacts,
  customerId: string,
): Promise<void> {
  const { orderId, orderNo } = order;
  try {
    await askEngine(deps.temporal, () =>
      deps.temporal.workflow.start('surveyWorkflow', {
        workflowId: `survey/order/${orderId}`,
        taskQueue: `${deps.taskQueuePrefix}crm`,
        args: [{ orderId, customerId }],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `Survey of order ${orderNo}`,
      }),
    );
  } catch (err) {
    if (!(err instanceof WorkflowExecutionAlreadyStartedError)) throw err;
  }
}

export function createCrmSyncActivities(deps: CrmSyncDeps) {
  /** Drains the lane `crm-sync` until it is told to stop. Two at a time share the work; every effect stays single. */
  async function runCrmSyncLane(): Promise<LaneResult> {
    const done = await runLane(Context.current(), {
      listen: [{ pool: deps.oms, channel: 'oms_outbox' }],
      pollMs: POLL_MS,
      stop: deps.stop,
      drain: () => syncDueAnnouncements(deps),
    });
    return { done };
  }
  return { runCrmSyncLane };
}

export type CrmSyncActivities = ReturnType<typeof createCrmSyncActivities>;
