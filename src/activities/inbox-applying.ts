import {
  claimInboxEvents,
  type InboxEvent,
  postponeInboxEvent,
  settleInboxEvent,
} from '../db/oms/inbox';
import { openUnmatched } from '../db/oms/incidents';
import { errorCode, isStoreOutage } from '../db/outage';
import { type Pool, type Queryable, withTransaction } from '../db/pool';
import type { Logger } from '../platform/logger';
import type { Applied } from './inbox-applied';
import { applySandboxDispute } from './inbox-disputes';
import { applyCarrierScans, applyPaymentReport } from './inbox-facts';
import { applyRefundReversed } from './inbox-refunds';
import { applyShopifyEvent } from './inbox-shopify';
import { applyStripeEvent } from './inbox-stripe';

const BATCH = 50;

/**
 * Applies waiting webhooks, each in a savepoint of one transaction: what it changes, the wake it causes and its own
 * end commit together. One that cannot be applied yet is tried again later and parked after 72 hours.
 */
export async function applyInbox(oms: Pool, logger: Logger): Promise<number> {
  return withTransaction(oms, async (tx) => {
    const events = await claimInboxEvents(tx, BATCH);
    for (const event of events) await applyOne(tx, event, logger);
    return events.length;
  });
}

async function applyOne(tx: Queryable, event: InboxEvent, logger: Logger): Promise<void> {
  await tx.query('savepoint event');
  const applied = await tryApply(tx, event, logger);
  if (applied.kind === 'postponed') await postpone(tx, event, applied.reason);
  else await settleInboxEvent(tx, event, applied.result, applied.reason ?? null);
  await tx.query('release savepoint event');
}

/** What nobody could apply for 72 hours needs a person. */
async function postpone(tx: Queryable, event: InboxEvent, reason: string): Promise<void> {
  if (!(await postponeInboxEvent(tx, event, reason))) return;
  const detail = `${event.source} ${event.topic}: ${reason}`;
  await openUnmatched(tx, { orderId: null, docId: event.eventId, detail });
}

async function tryApply(tx: Queryable, event: InboxEvent, logger: Logger): Promise<Applied> {
  try {
    return await applierOf(event)(tx, event);
  } catch (err) {
    if (isStoreOutage(err)) throw err;
    await tx.query('rollback to savepoint event');
    const { source, topic, attempts } = event;
    logger.error({ err, source, topic, attempts }, 'inbox event put off');
    return {
      kind: 'postponed',
      reason: err instanceof Error ? (errorCode(err) ?? err.name) : 'error',
    };
  }
}

type Applier = (tx: Queryable, event: InboxEvent) => Promise<Applied>;

function applierOf({ source, topic }: InboxEvent): Applier {
  if (source.startsWith('carrier:')) return applyCarrierScans;
  if (source === 'sandbox-payments') return applierOfPayments(topic);
  if (source === 'shopify') return applyShopifyEvent;
  if (source === 'stripe') return applyStripeEvent;
  return () => Promise.resolve({ kind: 'settled', result: 'parked', reason: 'unknown source' });
}

function applierOfPayments(topic: string): Applier {
  if (topic.startsWith('dispute.')) return applySandboxDispute;
  return topic === 'refund.reversed' ? applyRefundReversed : applyPaymentReport;
}
