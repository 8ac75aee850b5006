import type { JournalRecord, Webhook } from './records';

/** What is kept of every webhook: enough to compare with the receiver's inbox. */
export interface WebhookSummary {
  readonly id: string;
  readonly lane: string;
  readonly path: string;
  readonly status: 'pending' | 'delivered' | 'dropped';
  readonly httpStatus: number | null;
  readonly at: string;
}

/** The outgoing webhooks; reads only, it changes by `apply` alone. */
export class WebhookBook {
  readonly #pending = new Map<string, Webhook>();
  readonly #summaries = new Map<string, WebhookSummary>();

  apply(record: JournalRecord): void {
    if (record.type === 'webhook.queued') {
      const { id, lane, path, at } = record.webhook;
      this.#pending.set(id, record.webhook);
      this.#summaries.set(id, { id, lane, path, status: 'pending', httpStatus: null, at });
    } else if (record.type === 'webhook.settled') {
      const summary = this.#summaries.get(record.id);
      this.#pending.delete(record.id);
      if (!summary) return;
      const { status, httpStatus } = record;
      this.#summaries.set(record.id, { ...summary, status, httpStatus });
    }
  }

  /** Those that nobody has taken yet, oldest first. */
  pending(): Webhook[] {
    return [...this.#pending.values()];
  }

  summaries(): WebhookSummary[] {
    return [...this.#summaries.values()];
  }
}
