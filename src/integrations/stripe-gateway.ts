import Stripe from 'stripe';

import { fromStripeAmount, toStripeAmount } from '../domain/stripe-amount';
import type {
  AuthorizeRequest,
  AuthorizeResult,
  DisputeAnswer,
  GatewayLookup,
  LookupHint,
  PaymentGateway,
  SettleRequest,
  SettleResult,
} from './payment-gateway';
import {
  chargeIdOf,
  markOf,
  readDecline,
  readRefusal,
  toAuthorization,
  toFault,
  toIntentLookup,
  toRefundLookup,
} from './stripe-replies';

const DEFAULT_TIMEOUT_MS = 25_000;
/** More refunds of one payment than this are not looked through. */
const REFUND_PAGE = 100;

export interface StripeGatewayOptions {
  readonly secretKey: string;
  /** Left out: Stripe itself; set for a double such as stripe-mock. */
  readonly apiUrl?: string | undefined;
  /** Per call; 25 s by default. */
  readonly timeoutMs?: number;
}

/**
 * Stripe: PaymentIntents that are captured by us. Every call carries our key as Stripe's idempotency key, and writes
 * it into the object's metadata, so that an unclear outcome can be looked up long after Stripe has forgotten the key.
 */
export class StripeGateway implements PaymentGateway {
  readonly provider = 'stripe';
  readonly #stripe: Stripe;

  constructor({ secretKey, apiUrl, timeoutMs = DEFAULT_TIMEOUT_MS }: StripeGatewayOptions) {
    this.#stripe = new Stripe(secretKey, {
      timeout: timeoutMs,
      // The caller repeats, with the same key: a retry hidden here would outlast its heartbeat.
      maxNetworkRetries: 0,
      telemetry: false,
      ...(apiUrl === undefined ? {} : toAddress(apiUrl)),
    });
  }

  /** `token` is the id of a payment method. */
  async authorize(request: AuthorizeRequest): Promise<AuthorizeResult> {
    const { idempotencyKey, amountMinor, currency, token, reference } = request;
    const amount = toStripeAmount(amountMinor, currency);
    if (amount === null) return { kind: 'declined', code: 'amount_not_supported' };
    try {
      const intent = await this.#stripe.paymentIntents.create(
        {
          amount,
          currency: currency.toLowerCase(),
          payment_method: token,
          confirm: true,
          capture_method: 'manual',
          automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
          payment_method_options: { card: { request_multicapture: 'if_available' } },
          metadata: { order_id: reference, [markOf(idempotencyKey)]: idempotencyKey },
          expand: ['latest_charge'],
        },
        { idempotencyKey },
      );
      return toAuthorization(intent);
    } catch (err) {
      const code = readDecline(err) ?? readRefusal(err);
      if (code !== null) return { kind: 'declined', code };
      throw toFault(err);
    }
  }

  async capture(request: SettleRequest): Promise<SettleResult> {
    const { idempotencyKey, intentId, amountMinor, currency, isFinal = true } = request;
    const amount = toStripeAmount(amountMinor, currency);
    if (amount === null) return { kind: 'refused', code: 'amount_not_supported' };
    return settling(async () => {
      const intent = await this.#stripe.paymentIntents.capture(
        intentId,
        {
          amount_to_capture: amount,
          // Only where several captures are allowed may Stripe be told that more will come.
          ...(isFinal ? {} : { final_capture: false }),
          metadata: { [markOf(idempotencyKey)]: idempotencyKey },
        },
        { idempotencyKey },
      );
      return { kind: 'done', entryId: chargeIdOf(intent) ?? intent.id };
    });
  }

  /** Cancels the intent: what is authorised and not captured is released. One that is canceled already is done. */
  async void(request: Omit<SettleRequest, 'amountMinor'>): Promise<SettleResult> {
    const { idempotencyKey, intentId } = request;
    return settling(async () => {
      try {
        const intent = await this.#stripe.paymentIntents.cancel(intentId, {}, { idempotencyKey });
        return { kind: 'done', entryId: intent.id };
      } catch (err) {
        if (isReleasedAlready(err)) return { kind: 'done', entryId: intentId };
        throw err;
      }
    });
  }

  async refund(request: SettleRequest): Promise<SettleResult> {
    const { idempotencyKey, intentId, amountMinor, currency } = request;
    const amount = toStripeAmount(amountMinor, currency);
    if (amount === null) return { kind: 'refused', code: 'amount_not_supported' };
    return settling(async () => {
      const refund = await this.#stripe.refunds.create(
        {
          payment_intent: intentId,
          amount,
          metadata: { [markOf(idempotencyKey)]: idempotencyKey },
        },
        { idempotencyKey },
      );
      const lookup = toRefundLookup(refund, intentId, amountMinor);
      if (lookup.kind !== 'found') throw toFault('a refund that is not decided yet');
      if (lookup.status === 'succeeded') return { kind: 'done', entryId: refund.id };
      return { kind: 'refused', code: lookup.code ?? 'refund_failed' };
    });
  }

  /** Hands in what we have to say about a dispute: final, the bank decides then. */
  async respondToDispute(reference: string, answer: DisputeAnswer): Promise<void> {
    const { idempotencyKey, text } = answer;
    await this.#answering(() =>
      this.#stripe.disputes.update(
        reference,
        { evidence: { uncategorized_text: text }, submit: true },
        { idempotencyKey },
      ),
    );
  }

  /** Gives a dispute up: it is lost. */
  async acceptDispute(reference: string, { idempotencyKey }: DisputeAnswer): Promise<void> {
    await this.#answering(() => this.#stripe.disputes.close(reference, {}, { idempotencyKey }));
  }

  /** Stripe's final no is no fault: the dispute has moved on there, and its webhook says where to. */
  async #answering(call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (err) {
      if (readRefusal(err) === null) throw toFault(err);
    }
  }

  /**
   * With a hint the object itself is read; without one Stripe's search is asked, which lags by up to a minute: then
   * `not_found` only means that the call may be repeated with its key, which Stripe keeps for longer than that.
   */
  async find(idempotencyKey: string, hint?: LookupHint): Promise<GatewayLookup> {
    try {
      if (hint?.operation === 'refund') return await this.#findRefund(idempotencyKey, hint);
      const intent = await this.#findIntent(idempotencyKey, hint);
      if (intent === null) return { kind: 'not_found' };
      return toIntentLookup(intent, hint?.operation ?? 'authorization', idempotencyKey);
    } catch (err) {
      if (readRefusal(err) === 'resource_missing') return { kind: 'not_found' };
      throw toFault(err);
    }
  }

  async #findIntent(
    idempotencyKey: string,
    hint: LookupHint | undefined,
  ): Promise<Stripe.PaymentIntent | null> {
    const expand = ['latest_charge'];
    if (hint !== undefined) return this.#stripe.paymentIntents.retrieve(hint.intentId, { expand });
    const query = `metadata['${markOf(idempotencyKey)}']:'${idempotencyKey.replaceAll("'", '')}'`;
    const { data } = await this.#stripe.paymentIntents.search({ query, limit: 1 });
    return data[0] ?? null;
  }

  async #findRefund(idempotencyKey: string, { intentId }: LookupHint): Promise<GatewayLookup> {
    const { data } = await this.#stripe.refunds.list({
      payment_intent: intentId,
      limit: REFUND_PAGE,
    });
    const refund = data.find(({ metadata }) => metadata?.[markOf(idempotencyKey)] !== undefined);
    if (refund === undefined) return { kind: 'not_found' };
    const amountMinor = fromStripeAmount(refund.amount, refund.currency.toUpperCase());
    return toRefundLookup(refund, intentId, amountMinor ?? 0);
  }
}

/** A card's no and a final no of Stripe are values; anything else leaves the outcome unknown and is thrown. */
async function settling(settle: () => Promise<SettleResult>): Promise<SettleResult> {
  try {
    return await settle();
  } catch (err) {
    const code = readDecline(err) ?? readRefusal(err);
    if (code !== null) return { kind: 'refused', code };
    throw toFault(err);
  }
}

/** The intent was canceled before, or its last capture has released the rest. */
function isReleasedAlready(err: unknown): boolean {
  if (!(err instanceof Stripe.errors.StripeInvalidRequestError)) return false;
  const { code, payment_intent: intent } = err;
  if (code !== 'payment_intent_unexpected_state' || intent === undefined) return false;
  if (intent.status === 'canceled') return true;
  return intent.status === 'succeeded' && intent.amount_received < intent.amount;
}

function toAddress(apiUrl: string): { host: string; port: number; protocol: 'http' | 'https' } {
  const { hostname, port, protocol } = new URL(apiUrl);
  const isPlain = protocol === 'http:';
  return {
    host: hostname,
    port: port === '' ? (isPlain ? 80 : 443) : Number(port),
    protocol: isPlain ? 'http' : 'https',
  };
}
