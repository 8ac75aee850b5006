import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../platform/logger';
import { signShopifyBody } from '../../platform/shopify-signature';
import { signWebhook } from '../../platform/standard-webhooks';
import { timeoutSignal } from '../../platform/timeout-signal';
import type { Books } from './books';
import { nowIso } from './ids';
import type { Webhook } from './records';

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;
const MAX_IN_FLIGHT = 16;

export interface WebhookSenderOptions {
  /** Where the webhooks go, without a slash at the end. */
  readonly apiUrl: string;
  /** All live secrets of each scheme; Shopify's knows only one signature, made with the first. */
  readonly secrets: Readonly<Record<Webhook['scheme'], readonly string[]>>;
}

/**
 * Sends queued webhooks until they are taken (2xx): one lane in order, lanes side by side, with growing pauses while the
 * receiver is away. A 4xx other than 408 and 429 is final. The queue is in the books, so a new process goes on where
 * the last one was killed; a webhook may then arrive twice, with the same id.
 */
export class WebhookSender {
  readonly #books: Books;
  readonly #options: WebhookSenderOptions;
  readonly #logger: Logger;
  readonly #lanes = new Map<string, Webhook[]>();
  readonly #stopping = new AbortController();
  readonly #waitingForSlot: (() => void)[] = [];
  #inFlight = 0;

  constructor(books: Books, options: WebhookSenderOptions, logger: Logger) {
    this.#books = books;
    this.#options = options;
    this.#logger = logger;
  }

  /** Takes up what is still queued, and everything that comes. */
  start(): void {
    this.#books.onWebhook = (webhook) => this.#enqueue(webhook);
    for (const webhook of this.#books.webhooks.pending()) this.#enqueue(webhook);
  }

  /** Ends pauses and calls under way; what was not taken stays queued. */
  stop(): void {
    this.#stopping.abort();
  }

  #enqueue(webhook: Webhook): void {
    const lane = this.#lanes.get(webhook.lane);
    if (lane) {
      lane.push(webhook);
      return;
    }
    const created = [webhook];
    this.#lanes.set(webhook.lane, created);
    this.#runLane(webhook.lane, created).catch((err: unknown) => {
      if (!this.#stopping.signal.aborted) this.#logger.error({ err }, 'webhook lane failed');
    });
  }

  async #runLane(name: string, lane: Webhook[]): Promise<void> {
    for (let next = lane[0]; next; next = lane[0]) {
      await this.#sendUntilTaken(next);
      lane.shift();
    }
    this.#lanes.delete(name);
  }

  async #sendUntilTaken(webhook: Webhook): Promise<void> {
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_RETRY_MS)) {
      const httpStatus = await this.#sendOnce(webhook);
      if (httpStatus >= 200 && httpStatus < 300) {
        await this.#settle(webhook, httpStatus);
        return;
      }
      if (isFinal(httpStatus)) {
        this.#logger.warn({ webhookId: webhook.id, httpStatus }, 'webhook refused, dropped');
        await this.#settle(webhook, httpStatus);
        return;
      }
      await delay(pauseMs, undefined, { signal: this.#stopping.signal, ref: false });
    }
  }

  async #settle(webhook: Webhook, httpStatus: number): Promise<void> {
    const status = httpStatus < 300 ? 'delivered' : 'dropped';
    const { id } = webhook;
    await this.#books.write({ type: 'webhook.settled', id, status, httpStatus, at: nowIso() });
  }

  /** The receiver's status, or 0 when there was no answer. */
  async #sendOnce(webhook: Webhook): Promise<number> {
    await this.#takeSlot();
    try {
      const response = await fetch(`${this.#options.apiUrl}${webhook.path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...webhook.headers, ...this.#sign(webhook) },
        body: webhook.body,
        redirect: 'manual',
        signal: AbortSignal.any([timeoutSignal(ANSWER_TIMEOUT_MS), this.#stopping.signal]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      this.#stopping.signal.throwIfAborted();
      return 0;
    } finally {
      this.#freeSlot();
    }
  }

  /** Signed anew for each try: the timestamp must not grow stale in the queue. */
  #sign(webhook: Webhook): Record<string, string> {
    const secrets = this.#options.secrets[webhook.scheme];
    if (webhook.scheme === 'shopify') {
      return { 'x-shopify-hmac-sha256': signShopifyBody(secrets[0] ?? '', webhook.body) };
    }
    const timestampSeconds = Math.floor(Date.now() / 1000);
    return { ...signWebhook(secrets, { id: webhook.id, timestampSeconds, body: webhook.body }) };
  }

  async #takeSlot(): Promise<void> {
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      await new Promise<void>((resolve) => this.#waitingForSlot.push(resolve));
    } else this.#inFlight += 1;
  }

  #freeSlot(): void {
    const next = this.#waitingForSlot.shift();
    if (next) next();
    else this.#inFlight -= 1;
  }
}

function isFinal(httpStatus: number): boolean {
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429;
}
