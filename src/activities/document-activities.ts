import { Context } from '@temporalio/activity';

import type { LaneResult } from '../contracts/lanes';
import { OrderAnnouncement } from '../contracts/outbox';
import { settleInvoices } from '../db/oms/document-issue';
import type { Delivery } from '../db/oms/outbox-deliveries';
import { findPolicyValues } from '../db/oms/policy-values';
import type { Logger } from '../platform/logger';
import { creditRefund, invoiceHandOver, invoiceRest, type IssuingDeps } from './document-issuing';
import { runLane } from './lane';
import { drainDeliveries, type DeliveryHandler } from './lane-deliveries';

export interface DocumentDeps extends IssuingDeps {
  readonly logger: Logger;
  /** The process's shutdown. */
  readonly stop?: AbortSignal | undefined;
}

const POLL_MS = 2_000;

export type DocumentActivities = ReturnType<typeof createDocumentActivities>;

export function createDocumentActivities(deps: DocumentDeps) {
  /** Issues the documents that are due, until it is told to stop. Two at a time share the work; none is issued twice. */
  async function runDocumentsLane(): Promise<LaneResult> {
    const done = await runLane(Context.current(), {
      listen: [{ pool: deps.oms, channel: 'oms_outbox' }],
      pollMs: POLL_MS,
      stop: deps.stop,
      drain: () => issueDueDocuments(deps),
    });
    return { done };
  }
  return { runDocumentsLane };
}

/** One batch of the lane `documents`. */
export async function issueDueDocuments(deps: DocumentDeps): Promise<number> {
  return drainDeliveries({
    name: 'documents',
    oms: deps.oms,
    logger: deps.logger,
    prepare: () => prepare(deps),
  });
}

async function prepare(deps: DocumentDeps): Promise<DeliveryHandler> {
  const policies = await findPolicyValues(deps.oms, ['invoiceOn']);
  const isPerHandOver = policies.get('invoiceOn') === 'hand_over';
  return (delivery) => issueFor(deps, delivery, isPerHandOver);
}

async function issueFor(
  deps: DocumentDeps,
  { type, payload }: Delivery,
  isPerHandOver: boolean,
): Promise<void> {
  const { orderId, fulfillmentOrderId, refundId } = OrderAnnouncement.parse(payload);
  if (type === 'order.completed') await invoiceRest(deps, orderId);
  if (type === 'fulfillment.handed_over' && isPerHandOver && fulfillmentOrderId != null)
    await invoiceHandOver(deps, orderId, fulfillmentOrderId);
  if (type === 'payment.captured') await settleInvoices(deps.oms, orderId);
  if (type === 'refund.succeeded' && refundId != null) await creditRefund(deps, refundId);
}
