import { createHash } from 'node:crypto';

import Stripe from 'stripe';

import { fromStripeAmount } from '../domain/stripe-amount';
import { OutsideFault } from './http-json';
import type { AuthorizeResult, GatewayLookup, GatewayOperation } from './payment-gateway';

const SERVICE = 'stripe';

/** The metadata name under which an object carries one of our keys; Stripe allows 40 characters. */
export function markOf(idempotencyKey: string): string {
  return `tl_${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
}

/** The card's no, by the bank's own word; null: it was something else. */
export function readDecline(err: unknown): string | null {
  if (!(err instanceof Stripe.errors.StripeCardError)) return null;
  // The bank's own word is left out where it was not asked, whatever the package's types say.
  const words: readonly (string | undefined)[] = [err.decline_code, err.code];
  return words.find((word) => word !== undefined) ?? 'card_declined';
}

/** Stripe understood the request and will never do it; null: it was something else. */
export function readRefusal(err: unknown): string | null {
  if (!(err instanceof Stripe.errors.StripeInvalidRequestError)) return null;
  if (err.statusCode !== 400 && err.statusCode !== 404) return null;
  return err.code ?? 'invalid_request';
}

/** What leaves the outcome unknown. Stripe's own message is left out: it may name a person. */
export function toFault(err: unknown): OutsideFault {
  if (err instanceof OutsideFault) return err;
  if (typeof err === 'string') return new OutsideFault(SERVICE, err);
  if (!(err instanceof Stripe.errors.StripeError))
    return new OutsideFault(SERVICE, 'unreachable', { cause: err });
  const problem = err.code ?? err.type;
  const { statusCode } = err;
  return new OutsideFault(SERVICE, problem, statusCode === undefined ? {} : { status: statusCode });
}

function chargeOf(intent: Stripe.PaymentIntent): Stripe.Charge | null {
  const charge = intent.latest_charge;
  return charge === null || typeof charge === 'string' ? null : charge;
}

export function chargeIdOf(intent: Stripe.PaymentIntent): string | null {
  const charge = intent.latest_charge;
  return typeof charge === 'string' ? charge : (charge?.id ?? null);
}

/** When the authorisation ends, where Stripe says so. */
function expiryOf(intent: Stripe.PaymentIntent): string | null {
  const seconds = chargeOf(intent)?.payment_method_details?.card?.capture_before;
  return seconds === undefined ? null : new Date(seconds * 1000).toISOString();
}

function minorOf(amount: number, intent: Stripe.PaymentIntent): number {
  const minor = fromStripeAmount(amount, intent.currency.toUpperCase());
  if (minor === null) throw new OutsideFault(SERVICE, 'an amount that is not ours');
  return minor;
}

export function toAuthorization(intent: Stripe.PaymentIntent): AuthorizeResult {
  const { id, status } = intent;
  switch (status) {
    case 'requires_capture':
    case 'succeeded':
      return {
        kind: 'authorized',
        intentId: id,
        amountMinor: minorOf(intent.amount_capturable + intent.amount_received, intent),
        expiresAt: expiryOf(intent),
      };
    case 'requires_action':
      return { kind: 'action_required', intentId: id };
    case 'requires_payment_method':
    case 'canceled':
      return { kind: 'declined', code: failureOf(intent) ?? status };
    default:
      throw new OutsideFault(SERVICE, 'has not decided yet');
  }
}

function failureOf({ last_payment_error: failure }: Stripe.PaymentIntent): string | null {
  return failure?.decline_code ?? failure?.code ?? null;
}

/** What became of one call about an intent, as the intent itself shows it. */
export function toIntentLookup(
  intent: Stripe.PaymentIntent,
  operation: GatewayOperation,
  idempotencyKey: string,
): GatewayLookup {
  const found = { operation, entryId: chargeIdOf(intent) ?? intent.id, intentId: intent.id };
  if (operation === 'void') {
    if (intent.status !== 'canceled') return { kind: 'not_found' };
    return { kind: 'found', ...found, status: 'succeeded', amountMinor: 0, code: null };
  }
  if (operation === 'capture') {
    if (intent.metadata[markOf(idempotencyKey)] === undefined) return { kind: 'not_found' };
    const amountMinor = minorOf(intent.amount_received, intent);
    return { kind: 'found', ...found, status: 'succeeded', amountMinor, code: null };
  }
  switch (intent.status) {
    case 'requires_capture':
    case 'succeeded': {
      const amountMinor = minorOf(intent.amount_capturable + intent.amount_received, intent);
      const expiresAt = expiryOf(intent);
      return { kind: 'found', ...found, status: 'succeeded', amountMinor, expiresAt, code: null };
    }
    case 'requires_payment_method':
    case 'canceled': {
      const code = failureOf(intent) ?? intent.status;
      return { kind: 'found', ...found, status: 'declined', amountMinor: 0, code };
    }
    default:
      return { kind: 'pending' };
  }
}

export function toRefundLookup(
  refund: Stripe.Refund,
  intentId: string,
  amountMinor: number,
): GatewayLookup {
  const found = { operation: 'refund', entryId: refund.id, intentId, amountMinor } as const;
  switch (refund.status) {
    case 'succeeded':
      return { kind: 'found', ...found, status: 'succeeded', code: null };
    case 'failed':
    case 'canceled':
      return {
        kind: 'found',
        ...found,
        status: 'failed',
        code: refund.failure_reason ?? refund.status,
      };
    default:
      return { kind: 'pending' };
  }
}
