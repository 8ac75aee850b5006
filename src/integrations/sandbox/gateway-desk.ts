import { setTimeout as delay } from 'node:timers/promises';
import type { Books } from './books';
import { delayIfSlow } from './faults';
import { decideAgain, decideAuthorization, decideSettlement, type Decision } from './gateway-rules';
import { newId, nowIso, toFingerprint } from './ids';
import { Problem } from './problem';
import type { Fault, GatewayEntry } from './records';

const ERRORS_BEFORE_OK = 2;

export interface AuthorizationOrder {
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly token: string;
  readonly reference: string;
}

export interface SettlementOrder {
  readonly idempotencyKey: string;
  readonly kind: 'capture' | 'void' | 'refund';
  readonly intentId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** A request with a key seen before: the entry it made, or a 409 while that is still undecided or when it asked for something else. */
function replay(entry: GatewayEntry, fingerprint: string): GatewayEntry {
  if (entry.fingerprint !== fingerprint) {
    throw new Problem(409, 'idempotency_key_reused', 'The key belongs to another request');
  }
  if (entry.status === 'pending' && !entry.needsAction) {
    throw new Problem(409, 'idempotency_in_progress', 'The first request is still running');
  }
  return entry;
}

/** Decides requests and keeps the books of it: each is entered as pending on arrival and settled once. */
export class GatewayDesk {
  readonly #books: Books;
  readonly #slowMs: number;

  constructor(books: Books, slowMs: number) {
    this.#books = books;
    this.#slowMs = slowMs;
  }

  /** Settles what an earlier process left undecided; to be called before requests are taken. */
  async resume(): Promise<void> {
    for (const entry of this.#books.gateway.entries()) {
      if (entry.kind === 'dispute' || entry.status !== 'pending' || entry.needsAction) continue;
      await this.#settle(entry, this.#decide(entry, null));
    }
  }

  async authorize(asked: AuthorizationOrder, fault: Fault | null): Promise<GatewayEntry> {
    const order = { ...asked, token: this.#cardOf(asked.token) };
    const { idempotencyKey, amountMinor, currency, token, reference } = order;
    const fingerprint = toFingerprint('authorization', amountMinor, currency, token, reference);
    const known = this.#books.gateway.findByKey(idempotencyKey);
    if (known) return replay(known, fingerprint);
    await this.#failIfToken(token, reference);
    const entry: GatewayEntry = {
      ...newEntry(),
      ...order,
      fingerprint,
      kind: 'authorization',
      intentId: newId('int'),
      needsAction: token === 'tok_action_required' && fault?.mode !== 'decline',
      expiresAt: new Date(Date.now() + this.#books.gateway.authorizationTtlMs()).toISOString(),
    };
    return await this.#process(entry, fault);
  }

  async settle(order: SettlementOrder, fault: Fault | null): Promise<GatewayEntry> {
    const { idempotencyKey, kind, intentId, amountMinor, currency } = order;
    const fingerprint = toFingerprint(kind, intentId, amountMinor, currency);
    const known = this.#books.gateway.findByKey(idempotencyKey);
    if (known) return replay(known, fingerprint);
    const intent = this.#books.gateway.findIntent(intentId);
    if (!intent) throw new Problem(404, 'unknown_intent', 'There is no such intent');
    const { reference } = intent.authorization;
    const entry = { ...newEntry(), ...order, fingerprint, reference };
    return await this.#process(entry, fault);
  }

  async #process(entry: GatewayEntry, fault: Fault | null): Promise<GatewayEntry> {
    await this.#books.write({ type: 'gateway.opened', entry });
    await delayIfSlow(fault);
    if (entry.token === 'tok_slow') await delay(this.#slowMs, undefined, { ref: false });
    return await this.#settle(entry, this.#decide(entry, fault));
  }

  #decide(entry: GatewayEntry, fault: Fault | null): Decision {
    const { gateway } = this.#books;
    if (fault?.mode === 'decline') {
      const status = entry.kind === 'authorization' ? 'declined' : 'failed';
      return { kind: 'refused', status, code: 'injected_decline' };
    }
    if (entry.kind === 'authorization') {
      // An intent in a token's place: the card behind it pays again.
      const earlier = gateway.findIntent(entry.token ?? '')?.authorization;
      if (earlier !== undefined) return decideAgain(entry, earlier);
      const earlierDeclines = gateway.countDeclines(entry.token ?? '', entry.reference);
      return decideAuthorization(entry, earlierDeclines);
    }
    const intent = gateway.findIntent(entry.intentId);
    if (!intent) return { kind: 'refused', status: 'failed', code: 'unknown_intent' };
    return decideSettlement(entry, intent);
  }

  async #settle(entry: GatewayEntry, decision: Decision): Promise<GatewayEntry> {
    if (decision.kind === 'needs_action') return entry;
    const { id, amountMinor } = entry;
    const outcome =
      decision.kind === 'succeeded'
        ? { status: 'succeeded' as const, code: null, amountMinor: decision.amountMinor }
        : { status: decision.status, code: decision.code, amountMinor };
    const records = [{ type: 'gateway.settled' as const, id, ...outcome }];
    const authorization = this.#books.gateway.findIntent(entry.intentId)?.authorization;
    if (entry.kind === 'void' && outcome.status === 'succeeded' && authorization?.needsAction) {
      records.push(...cancelWaiting(authorization));
    }
    await this.#books.write(...records);
    return { ...entry, ...outcome };
  }

  /** `intent:…` is the card that an earlier intent was authorised with. */
  #cardOf(token: string): string {
    if (!token.startsWith('intent:')) return token;
    const intent = this.#books.gateway.findIntent(token.slice('intent:'.length));
    return intent?.authorization.token ?? token;
  }

  /** `tok_error_then_ok`: an error has no effect, so the books do not show it; only the count is kept. */
  async #failIfToken(token: string, reference: string): Promise<void> {
    if (token !== 'tok_error_then_ok') return;
    if (this.#books.gateway.countErrors(token, reference) >= ERRORS_BEFORE_OK) return;
    await this.#books.write({ type: 'gateway.errored', token, reference });
    throw new Problem(500, 'internal', 'The gateway failed');
  }
}

function newEntry() {
  return {
    id: newId('ent'),
    status: 'pending' as const,
    at: nowIso(),
    code: null,
    expiresAt: null,
    needsAction: false,
    token: null,
  };
}

/** A void takes back an authorisation that still waits for the customer. */
function cancelWaiting(authorization: GatewayEntry) {
  if (authorization.status !== 'pending') return [];
  const { id, amountMinor } = authorization;
  return [
    {
      type: 'gateway.settled' as const,
      id,
      status: 'failed' as const,
      code: 'canceled',
      amountMinor,
    },
  ];
}
