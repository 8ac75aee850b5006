import type { Client } from '@temporalio/client';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';

import { createCarrierActivities } from '../activities/carrier-activities';
import { createCrmSyncActivities } from '../activities/crm-sync-activities';
import { createDisputeActivities } from '../activities/dispute-activities';
import { createDocumentActivities } from '../activities/document-activities';
import { failureInterceptor } from '../activities/failures';
import { createManifestActivities } from '../activities/manifest-activities';
import { createMessageActivities } from '../activities/message-activities';
import { createOrderActivities } from '../activities/order-activities';
import { createPaymentActivities } from '../activities/payment-activities';
import { createRefundActivities } from '../activities/refund-activities';
import { createRefundPaymentActivities } from '../activities/refund-payments';
import { createReturnActivities } from '../activities/return-activities';
import { createSurveyActivities } from '../activities/survey-activities';
import { createWakeActivities } from '../activities/wake-activities';
import { createWebhookActivities } from '../activities/webhook-activities';
import type { Pool } from '../db/pool';
import type { Seller } from '../domain/document-heading';
import type { Carrier } from '../integrations/carrier';
import type { Mailer } from '../integrations/mailer';
import type { PaymentGateway } from '../integrations/payment-gateway';
import { createGateways } from '../integrations/payment-gateways';
import type { WebhookSender } from '../integrations/webhook-sender';
import { askEngine } from '../platform/engine-call';
import type { Logger } from '../platform/logger';

export interface WorkerDeps {
  readonly oms: Pool;
  readonly crm: Pool;
  readonly gateway: PaymentGateway;
  /** Gateways beside the one that takes cards; default none. */
  readonly otherGateways?: readonly PaymentGateway[];
  readonly carrier: Carrier;
  readonly mailer: Mailer;
  readonly mailFrom: string;
  readonly publicUrl: string;
  readonly linkSecret: string;
  readonly seller: Seller;
  readonly sendWebhook: WebhookSender;
  /** Gives the page of a workflow in the operators' console. */
  readonly linkTo: (workflowId: string) => string;
  readonly temporal: Client;
  readonly taskQueuePrefix: string;
  readonly logger: Logger;
  /** Ends the lanes' long activities early, at shutdown. */
  readonly stop: AbortSignal;
}

export interface WorkerPlace {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
}

/** Longer than a call to the outside usually takes; what is cut is done again. */
const GRACE = '20s';

/** When a worker is gone another one takes its workflows in less time than callers wait for a command (8 s). */
const STICKY = '4s';

/**
 * A process that was stopped in the middle of a workflow's code must not take the pause for an endless loop (the SDK's
 * 5 s would fail the task). Known to the SDK, but not to its type of the options.
 */
const LONGER_THAN_A_PAUSE = { isolateExecutionTimeout: '30s' };

/** One worker per task queue, all in this process: own database, CRM, and the three kinds of remote calls. */
export async function createWorkers(deps: WorkerDeps, place: WorkerPlace): Promise<Worker[]> {
  const { oms, crm, gateway, carrier, seller, logger, stop } = deps;
  const gateways = createGateways(gateway, deps.otherGateways);
  const stepDeps = { oms, crm, cardProvider: gateway.provider };
  const engine = { client: deps.temporal, taskQueuePrefix: deps.taskQueuePrefix };
  const activities = {
    orders: {
      ...createOrderActivities(stepDeps),
      ...createRefundActivities(stepDeps),
      ...createReturnActivities(stepDeps),
      ...createWakeActivities({ oms, crm, engine, logger, stop }),
      ...createDocumentActivities({ oms, seller, logger, stop }),
    },
    crm: { ...createSurveyActivities(deps), ...createCrmSyncActivities(deps) },
    payments: {
      ...createPaymentActivities({ ...stepDeps, gateways }),
      ...createRefundPaymentActivities({ ...stepDeps, gateways }),
      ...createDisputeActivities({ oms, gateways, logger, stop }),
    },
    carriers: {
      ...createCarrierActivities({ ...stepDeps, carrier }),
      ...createManifestActivities({ oms, carrier, logger, stop }),
    },
    messages: { ...createMessageActivities(deps), ...createWebhookActivities(deps) },
  };
  const { connection, namespace, workflowBundle } = place;
  const create = (
    queue: keyof typeof activities,
    options: Partial<WorkerOptions>,
  ): Promise<Worker> =>
    Worker.create({
      connection,
      namespace,
      taskQueue: `${deps.taskQueuePrefix}${queue}`,
      activities: activities[queue],
      shutdownGraceTime: GRACE,
      interceptors: { activity: [failureInterceptor] },
      ...LONGER_THAN_A_PAUSE,
      ...options,
    });
  return Promise.all([
    create('orders', {
      workflowBundle,
      maxCachedWorkflows: 500,
      stickyQueueScheduleToStartTimeout: STICKY,
      maxConcurrentLocalActivityExecutions: 16,
    }),
    create('crm', {
      workflowBundle,
      maxCachedWorkflows: 100,
      stickyQueueScheduleToStartTimeout: STICKY,
      maxConcurrentLocalActivityExecutions: 8,
    }),
    create('payments', { maxConcurrentActivityTaskExecutions: 50 }),
    create('carriers', { maxConcurrentActivityTaskExecutions: 50 }),
    create('messages', { maxConcurrentActivityTaskExecutions: 4 }),
  ]);
}

const LANES = {
  wakeLane: 'wake',
  messagesLane: 'messages',
  crmSyncLane: 'crm-sync',
  manifestLane: 'manifest',
  disputesLane: 'disputes',
  documentsLane: 'documents',
  webhooksLane: 'webhooks',
};

/** Starts every lane that does not run. Each worker does it when it starts; together they start one of each. */
export async function startLanes(client: Client, taskQueuePrefix: string): Promise<void> {
  await Promise.all(
    Object.entries(LANES).map(([type, name]) =>
      askEngine(client, () =>
        client.workflow.start(type, {
          workflowId: `${taskQueuePrefix}lane/${name}/0`,
          taskQueue: `${taskQueuePrefix}orders`,
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: `Lane ${name}`,
        }),
      ),
    ),
  );
}
