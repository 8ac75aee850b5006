import type { GatewayEntry, JournalRecord } from './records';

const AUTHORIZATION_TTL_MS = 7 * 24 * 3600 * 1000;

/** What one authorisation has become, in minor units. */
export interface Intent {
  readonly authorization: GatewayEntry;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly isVoided: boolean;
}

/** Whether its time is over with something left that was never captured or taken back. Pure. */
export function isExpired(
  { authorization, capturedMinor, isVoided }: Intent,
  now: string,
): boolean {
  const { status, expiresAt, amountMinor } = authorization;
  const isLeft = status === 'succeeded' && !isVoided && capturedMinor < amountMinor;
  return isLeft && expiresAt !== null && expiresAt <= now;
}

/** The gateway's entries, rebuilt from the journal; reads only, it changes by `apply` alone. */
export class GatewayBook {
  readonly #entries = new Map<string, GatewayEntry>();
  readonly #idByKey = new Map<string, string>();
  readonly #intents = new Map<string, Intent>();
  readonly #errors = new Map<string, number>();
  readonly #declines = new Map<string, number>();
  #authorizationTtlMs: number | null = null;

  apply(record: JournalRecord): void {
    if (record.type === 'gateway.opened') this.#open(record.entry);
    else if (record.type === 'gateway.set') this.#authorizationTtlMs = record.authorizationTtlMs;
    else if (record.type === 'gateway.errored')
      countUp(this.#errors, record.token, record.reference);
    else if (record.type === 'gateway.settled') {
      const entry = this.#entries.get(record.id);
      if (entry) this.#settle({ ...entry, ...pickSettlement(record) });
    }
  }

  /** How long an authorisation that is made now lasts. */
  authorizationTtlMs(): number {
    return this.#authorizationTtlMs ?? AUTHORIZATION_TTL_MS;
  }

  /** Oldest first. */
  entries(): GatewayEntry[] {
    return [...this.#entries.values()];
  }

  findById(id: string): GatewayEntry | null {
    return this.#entries.get(id) ?? null;
  }

  findByKey(idempotencyKey: string): GatewayEntry | null {
    return this.findById(this.#idByKey.get(idempotencyKey) ?? '');
  }

  findIntent(intentId: string): Intent | null {
    return this.#intents.get(intentId) ?? null;
  }

  /** How often this token was answered with an error for this reference. */
  countErrors(token: string, reference: string): number {
    return this.#errors.get(`${token} ${reference}`) ?? 0;
  }

  /** How often this token was declined for this reference. */
  countDeclines(token: string, reference: string): number {
    return this.#declines.get(`${token} ${reference}`) ?? 0;
  }

  #open(entry: GatewayEntry): void {
    this.#entries.set(entry.id, entry);
    this.#idByKey.set(entry.idempotencyKey, entry.id);
    if (entry.kind === 'authorization') {
      const intent = { capturedMinor: 0, refundedMinor: 0, isVoided: false };
      this.#intents.set(entry.intentId, { ...intent, authorization: entry });
    }
  }

  #settle(entry: GatewayEntry): void {
    this.#entries.set(entry.id, entry);
    if (entry.status === 'declined' && entry.token !== null) {
      countUp(this.#declines, entry.token, entry.reference);
    }
    const intent = this.#intents.get(entry.intentId);
    if (!intent) return;
    this.#intents.set(entry.intentId, afterEntry(intent, entry));
  }
}

function countUp(counts: Map<string, number>, token: string, reference: string): void {
  const key = `${token} ${reference}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

type Settled = Extract<JournalRecord, { type: 'gateway.settled' }>;

function pickSettlement({ status, code, amountMinor }: Settled) {
  return { status, code, amountMinor };
}

function afterEntry(intent: Intent, entry: GatewayEntry): Intent {
  if (entry.kind === 'authorization') return { ...intent, authorization: entry };
  if (entry.status === 'reversed')
    return { ...intent, refundedMinor: intent.refundedMinor - entry.amountMinor };
  if (entry.status !== 'succeeded') return intent;
  switch (entry.kind) {
    case 'capture':
      return { ...intent, capturedMinor: intent.capturedMinor + entry.amountMinor };
    case 'refund':
      return { ...intent, refundedMinor: intent.refundedMinor + entry.amountMinor };
    case 'void':
      return { ...intent, isVoided: true };
    case 'dispute':
      return intent;
  }
}
