import { ActivityCancellationType, continueAsNew, proxyActivities } from '@temporalio/workflow';
import type { LaneActivities } from '../activities/lane-activities';
import { siblingQueue } from './activities';

/**
 * A lane is one workflow around one long activity that claims batches until some minutes are over. A dead worker's
 * lane is taken over when its heartbeat stops; a failing one is retried for ever.
 */
function lane(queue: string, summary: string) {
  return proxyActivities<LaneActivities>({
    taskQueue: siblingQueue(queue),
    summary,
    startToCloseTimeout: '15m',
    heartbeatTimeout: '10s',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '5s' },
  });
}

/** Late intake, facts that concern a workflow, stock for waiting orders: the only sender of signals. */
export async function wakeLane(): Promise<void> {
  await lane('orders', 'place, apply, serve, signal').runWakeLane();
  await continueAsNew<typeof wakeLane>();
}

/** E-mails, once per event and person. */
export async function messagesLane(): Promise<void> {
  await lane('messages', 'send messages').runMessagesLane();
  await continueAsNew<typeof messagesLane>();
}

/** The customer's timeline and totals; starts surveys. */
export async function crmSyncLane(): Promise<void> {
  await lane('crm', 'tell the CRM').runCrmSyncLane();
  await continueAsNew<typeof crmSyncLane>();
}

/** Invoices and credit notes, each once and numbered without gaps. */
export async function documentsLane(): Promise<void> {
  await lane('orders', 'issue invoices and credit notes').runDocumentsLane();
  await continueAsNew<typeof documentsLane>();
}

/** Tells providers how a dispute is answered. */
export async function disputesLane(): Promise<void> {
  await lane('payments', 'answer disputes').runDisputesLane();
  await continueAsNew<typeof disputesLane>();
}

/** Tells carriers which parcels were handed over. */
export async function manifestLane(): Promise<void> {
  await lane('carriers', 'tell the carrier').runManifestLane();
  await continueAsNew<typeof manifestLane>();
}

/** Tells the endpoints of others what happened, signed and in order. */
export async function webhooksLane(): Promise<void> {
  await lane('messages', 'send webhooks').runWebhooksLane();
  await continueAsNew<typeof webhooksLane>();
}
