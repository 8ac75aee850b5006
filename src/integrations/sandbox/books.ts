import { CarrierBook } from './carrier-book';
import { FaultBook } from './fault-book';
import { GatewayBook } from './gateway-book';
import { Journal } from './journal';
import type { JournalRecord, Mail, Sms, Webhook } from './records';
import { WebhookBook } from './webhook-book';

export interface StorefrontDocument {
  readonly id: number;
  readonly document: string;
  readonly at: string;
}

/**
 * All that the sandbox knows, in memory, rebuilt from the journal at the start. `write` is the only way to change it.
 */
export class Books {
  readonly gateway = new GatewayBook();
  readonly carrier = new CarrierBook();
  readonly faults = new FaultBook();
  readonly webhooks = new WebhookBook();
  readonly mails: Mail[] = [];
  readonly sms: Sms[] = [];
  /** The latest document of each order the storefront has sent. */
  readonly storefront = new Map<number, StorefrontDocument>();
  /** Called with each new webhook once it is written. */
  onWebhook: (webhook: Webhook) => void = () => undefined;
  readonly #journal: Journal;

  private constructor(journal: Journal) {
    this.#journal = journal;
  }

  static async open(directory: string): Promise<Books> {
    const { journal, records } = await Journal.open(directory);
    const books = new Books(journal);
    for (const record of records) books.#apply(record);
    return books;
  }

  /** Changes the books at once and resolves when the change outlives the process; the records stand or fall together. */
  async write(...records: JournalRecord[]): Promise<void> {
    for (const record of records) this.#apply(record);
    await this.#journal.append(records);
    for (const record of records) {
      if (record.type === 'webhook.queued') this.onWebhook(record.webhook);
    }
  }

  /** To be awaited before books are shown: nobody is told what a kill could still take back. */
  async settled(): Promise<void> {
    await this.#journal.flushed();
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  #apply(record: JournalRecord): void {
    this.gateway.apply(record);
    this.carrier.apply(record);
    this.faults.apply(record);
    this.webhooks.apply(record);
    if (record.type === 'mail.received') this.mails.push(record.mail);
    else if (record.type === 'sms.received') this.sms.push(record.sms);
    else if (record.type === 'storefront.sent') {
      const { id, document, at } = record;
      this.storefront.set(id, { id, document, at });
    }
  }
}
