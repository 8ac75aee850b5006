import { disableGoneEndpoint } from '../db/oms/webhook-endpoints';
import { endDeliveriesOf } from '../db/oms/webhook-deliveries';
import { findWebhookData } from '../db/oms/webhook-documents';
import {
  claimWebhooks,
  type DueWebhook,
  findWebhookTimes,
  markWebhookDelivered,
  markWebhookFailed,
} from '../db/oms/webhook-queue';
import { isStoreOutage } from '../db/outage';
import { type Pool, withTransaction } from '../db/pool';
import { backOffMs } from '../domain/back-off';
import type { WebhookOutcome, WebhookSender } from '../integrations/webhook-sender';
import type { Logger } from '../platform/logger';
import { signWebhook } from '../platform/standard-webhooks';

export interface WebhookDeps {
  readonly oms: Pool;
  readonly sendWebhook: WebhookSender;
  /** Gives the page of a workflow in the operators' console, for the documents that name it. */
  readonly linkTo: (workflowId: string) => string;
  readonly logger: Logger;
}

/** Longer than a send takes with its marks; what a dead process had in hand is sent again after it. */
const LEASE_MS = 10_000;
const PER_ENDPOINT = 8;
const MAX_IN_FLIGHT = 200;
const GONE = 410;

export interface WebhookSending {
  /** Begins to send what is due and says how much that is; `onEnd` is called as each one ends. */
  begin(onEnd: () => void): Promise<number>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

/**
 * Sends due webhooks side by side, never waiting for one before the next: each endpoint has a few places of its own, so
 * a slow or dead one delays no other. A delivery is marked after the answer; a process that dies in between leaves it
 * to be sent again, under the same id.
 */
export function createWebhookSending(deps: WebhookDeps): WebhookSending {
  const inFlight = new Set<Promise<void>>();
  return {
    async begin(onEnd) {
      const limit = MAX_IN_FLIGHT - inFlight.size;
      if (limit <= 0) return 0;
      const limits = { limit, perEndpoint: PER_ENDPOINT, leaseMs: LEASE_MS };
      const claimed = await claimWebhooks(deps.oms, limits);
      for (const due of claimed) {
        const sending = deliver(deps, due).finally(() => {
          inFlight.delete(sending);
          onEnd();
        });
        inFlight.add(sending);
      }
      return claimed.length;
    },
    async settled() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}

/** Sends one and records what became of it. Never throws: what cannot even be recorded is sent again after its lease. */
async function deliver(deps: WebhookDeps, due: DueWebhook): Promise<void> {
  const { id, endpointId, type, attempts } = due;
  try {
    if (due.isActive) await record(deps, due, await attempt(deps, due));
    else await endDeliveriesOf(deps.oms, endpointId);
  } catch (err) {
    deps.logger.warn({ err, deliveryId: id, endpointId, type, attempts }, 'webhook not recorded');
  }
}

async function attempt(deps: WebhookDeps, due: DueWebhook): Promise<WebhookOutcome> {
  try {
    const body = JSON.stringify(await toMessage(deps, due));
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const signature = signWebhook(due.secrets, { id: due.eventId, timestampSeconds, body });
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Throughline-Webhooks/1',
      ...signature,
    };
    return await deps.sendWebhook({ url: due.url, headers, body });
  } catch (err) {
    if (isStoreOutage(err)) throw err;
    deps.logger.error({ err, deliveryId: due.id, type: due.type }, 'webhook not sent');
    return { kind: 'unanswered', code: 'internal_error' };
  }
}

/** What the receiver gets. The document is read now: a late one tells what is so, not what was. */
async function toMessage({ oms, linkTo }: WebhookDeps, due: DueWebhook): Promise<object> {
  const { eventId, type, aggregate, aggregateId, seq, announcedAt } = due;
  const payload = isRecord(due.payload) ? due.payload : {};
  return {
    id: eventId,
    type,
    timestamp: announcedAt.toISOString(),
    aggregate: { type: aggregate, id: aggregateId, seq },
    data: await findWebhookData(oms, { type, aggregate, aggregateId, payload }, linkTo),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function record(deps: WebhookDeps, due: DueWebhook, outcome: WebhookOutcome): Promise<void> {
  const { oms } = deps;
  const status = outcome.kind === 'answered' ? outcome.status : null;
  if (status !== null && status >= 200 && status < 300) {
    await markWebhookDelivered(oms, due.id, status);
    return;
  }
  const { id, attempts, endpointId } = due;
  const failed = { id, attempts, httpStatus: status, error: errorOf(outcome) };
  if (status === GONE) {
    const end = { retryInMs: null, retryForMs: null, blockForMs: null };
    await withTransaction(oms, async (tx) => {
      await disableGoneEndpoint(tx, endpointId);
      await markWebhookFailed(tx, { ...failed, ...end });
      await endDeliveriesOf(tx, endpointId);
    });
    return;
  }
  const { retryInitialMs, retryMaxMs, retryForMs, blockForMs } = await findWebhookTimes(oms);
  const policy = { initialMs: retryInitialMs ?? 0, maxMs: retryMaxMs };
  const retryInMs =
    retryInitialMs === null ? null : backOffMs(due.failures + 1, policy, Math.random());
  await markWebhookFailed(oms, { ...failed, retryInMs, retryForMs, blockForMs });
}

/** A code for people who look for what is wrong. */
function errorOf(outcome: WebhookOutcome): string {
  if (outcome.kind === 'unanswered') return outcome.code;
  const { status } = outcome;
  if (status === GONE) return 'gone';
  return status >= 300 && status < 400 ? 'redirect' : `http_${String(status)}`;
}
