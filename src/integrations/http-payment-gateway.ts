import { z } from 'zod';
import { OutsideFault, readReply, requestJson, type OutsideReply } from './http-json';
import type {
  AuthorizeRequest,
  AuthorizeResult,
  GatewayLookup,
  PaymentGateway,
  SettleRequest,
  SettleResult,
} from './payment-gateway';

const SERVICE = 'gateway';
const DEFAULT_TIMEOUT_MS = 35_000;
const LOOKUP_TIMEOUT_MS = 5_000;
const EXPIRED = 'authorization_expired';

const id = z.string().min(1).max(200);

const OperationReply = z.object({
  id,
  intentId: id,
  kind: z.enum(['authorization', 'capture', 'void', 'refund']),
  /** `expired`: an authorisation whose time is over. */
  status: z.enum([
    'succeeded',
    'declined',
    'failed',
    'pending',
    'action_required',
    'reversed',
    'expired',
  ]),
  amountMinor: z.number().int().nonnegative(),
  code: z.string().max(100).nullish(),
  expiresAt: z.iso.datetime({ offset: true }).nullish(),
});
type OperationReply = z.infer<typeof OperationReply>;

const RefusalReply = z.object({ code: z.string().min(1).max(100) });

export interface HttpPaymentGatewayOptions {
  /** Without a slash at the end, e.g. `http://127.0.0.1:4010/gateway`. */
  readonly baseUrl: string;
  /** Default `sandbox`. */
  readonly provider?: string;
  /** Per call that moves money; 35 s by default, over what the slowest answer takes. */
  readonly timeoutMs?: number;
}

/** The gateway has no such intent (404) or refuses the request as such (422): a final no. */
function readRefusal(reply: OutsideReply): { kind: 'refused'; code: string } | null {
  if (reply.status !== 404 && reply.status !== 422) return null;
  const parsed = RefusalReply.safeParse(reply.body);
  return parsed.success ? { kind: 'refused', code: parsed.data.code } : null;
}

function toAuthorizeResult(operation: OperationReply): AuthorizeResult {
  switch (operation.status) {
    case 'succeeded':
      return {
        kind: 'authorized',
        intentId: operation.intentId,
        amountMinor: operation.amountMinor,
        expiresAt: operation.expiresAt ?? null,
      };
    case 'action_required':
      return { kind: 'action_required', intentId: operation.intentId };
    case 'declined':
    case 'failed':
      return { kind: 'declined', code: operation.code ?? 'declined' };
    case 'expired':
      return { kind: 'declined', code: EXPIRED };
    case 'pending':
    case 'reversed':
      throw new OutsideFault(SERVICE, 'has not decided yet');
  }
}

function toSettleResult(operation: OperationReply): SettleResult {
  switch (operation.status) {
    // One that came back later was made: the rest is told by webhook.
    case 'succeeded':
    case 'reversed':
      return { kind: 'done', entryId: operation.id };
    case 'declined':
    case 'failed':
      return { kind: 'refused', code: operation.code ?? 'refused' };
    case 'expired':
      return { kind: 'refused', code: EXPIRED };
    case 'pending':
    case 'action_required':
      throw new OutsideFault(SERVICE, 'has not decided yet');
  }
}

/** What came back later was made; what ran out holds nothing any more. */
function toFoundStatus(status: Exclude<OperationReply['status'], 'pending' | 'action_required'>) {
  if (status === 'reversed') return 'succeeded';
  return status === 'expired' ? 'failed' : status;
}

/** Payment gateway over HTTP, in the sandbox gateway's spelling. */
export class HttpPaymentGateway implements PaymentGateway {
  readonly provider: string;
  readonly #baseUrl: string;
  readonly #timeoutMs: number;

  constructor(options: HttpPaymentGatewayOptions) {
    this.provider = options.provider ?? 'sandbox';
    this.#baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  async authorize(request: AuthorizeRequest): Promise<AuthorizeResult> {
    const { idempotencyKey, ...body } = request;
    const reply = await this.#post('/authorizations', idempotencyKey, body);
    const refusal = readRefusal(reply);
    if (refusal) return { kind: 'declined', code: refusal.code };
    return toAuthorizeResult(readReply(SERVICE, OperationReply, reply));
  }

  async capture(request: SettleRequest): Promise<SettleResult> {
    return await this.#settle('captures', request);
  }

  async void(request: Omit<SettleRequest, 'amountMinor'>): Promise<SettleResult> {
    return await this.#settle('void', request);
  }

  async refund(request: SettleRequest): Promise<SettleResult> {
    return await this.#settle('refunds', request);
  }

  async find(idempotencyKey: string): Promise<GatewayLookup> {
    const reply = await requestJson({
      service: SERVICE,
      method: 'GET',
      url: `${this.#baseUrl}/operations?idempotencyKey=${encodeURIComponent(idempotencyKey)}`,
      timeoutMs: Math.min(LOOKUP_TIMEOUT_MS, this.#timeoutMs),
    });
    if (reply.status === 404) return { kind: 'not_found' };
    const operation = readReply(SERVICE, OperationReply, reply);
    if (operation.status === 'pending' || operation.status === 'action_required') {
      return { kind: 'pending' };
    }
    return {
      kind: 'found',
      operation: operation.kind,
      status: toFoundStatus(operation.status),
      entryId: operation.id,
      intentId: operation.intentId,
      amountMinor: operation.amountMinor,
      expiresAt: operation.expiresAt ?? null,
      code: operation.status === 'expired' ? EXPIRED : (operation.code ?? null),
    };
  }

  async #settle(
    action: 'captures' | 'void' | 'refunds',
    request: Omit<SettleRequest, 'amountMinor'>,
  ): Promise<SettleResult> {
    // The sandbox's authorisations stay open until they are voided.
    const { idempotencyKey, intentId, isFinal: _isFinal, ...body } = request;
    const path = `/intents/${encodeURIComponent(intentId)}/${action}`;
    const reply = await this.#post(path, idempotencyKey, body);
    return readRefusal(reply) ?? toSettleResult(readReply(SERVICE, OperationReply, reply));
  }

  async #post(path: string, idempotencyKey: string, body: object): Promise<OutsideReply> {
    return await requestJson({
      service: SERVICE,
      method: 'POST',
      url: `${this.#baseUrl}${path}`,
      idempotencyKey,
      body,
      timeoutMs: this.#timeoutMs,
    });
  }
}
