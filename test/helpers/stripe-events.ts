import { randomUUID } from 'node:crypto';

import { signStripeEvent } from '../../src/platform/stripe-signature';
import { type Answer, STRIPE_SECRET, type System } from './system';

let counter = 0;

/** An id as Stripe makes them. */
export function stripeId(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`;
}

export interface StripeEventBody {
  readonly id: string;
  readonly type: string;
  readonly created: number;
  readonly data: { readonly object: Record<string, unknown> };
}

/** An event in Stripe's shape; each is a second younger than the one before it. */
export function stripeEvent(type: string, object: Record<string, unknown>): StripeEventBody {
  counter += 1;
  const created = Math.floor(Date.now() / 1000) + counter;
  const rest = { object: 'event', api_version: '2026-10-28.endive', livemode: false };
  return { id: stripeId('evt'), type, created, ...rest, data: { object } };
}

/** A payment intent at one moment. */
export function intentEvent(
  kind: 'amount_capturable_updated' | 'succeeded' | 'payment_failed' | 'canceled',
  intent: {
    readonly id: string;
    readonly amount: number;
    readonly capturable?: number;
    readonly received?: number;
    readonly charge?: string;
    readonly declineCode?: string;
  },
): StripeEventBody {
  const { id, amount, capturable = 0, received = 0, charge = null, declineCode } = intent;
  return stripeEvent(`payment_intent.${kind}`, {
    ...{ id, object: 'payment_intent', amount, currency: 'usd', latest_charge: charge },
    ...{ amount_capturable: capturable, amount_received: received, capture_method: 'manual' },
    last_payment_error:
      declineCode === undefined ? null : { code: 'card_declined', decline_code: declineCode },
  });
}

/** A refund at one moment. */
export function refundEvent(
  kind: 'refund.created' | 'refund.updated' | 'refund.failed' | 'charge.refund.updated',
  refund: {
    readonly id: string;
    readonly intent: string;
    readonly amount: number;
    readonly status: string;
  },
): StripeEventBody {
  const { id, intent, amount, status } = refund;
  return stripeEvent(kind, {
    ...{ id, object: 'refund', amount, currency: 'usd', payment_intent: intent, status },
    metadata: {},
  });
}

/** How much of a charge is refunded so far. */
export function refundedEvent(charge: {
  readonly id: string;
  readonly intent: string;
  readonly amount: number;
  readonly refunded: number;
}): StripeEventBody {
  const { id, intent, amount, refunded } = charge;
  return stripeEvent('charge.refunded', {
    ...{ id, object: 'charge', amount, currency: 'usd', payment_intent: intent },
    amount_refunded: refunded,
  });
}

/** A dispute at one moment. */
export function disputeEvent(
  kind: 'created' | 'updated' | 'closed' | 'funds_withdrawn' | 'funds_reinstated',
  dispute: {
    readonly id: string;
    readonly intent: string | null;
    readonly charge: string;
    readonly amount: number;
    readonly status: string;
    readonly fee?: number;
  },
): StripeEventBody {
  const { id, intent, charge, amount, status, fee } = dispute;
  return stripeEvent(`charge.dispute.${kind}`, {
    ...{ id, object: 'dispute', amount, currency: 'usd', charge, payment_intent: intent, status },
    ...{ reason: 'fraudulent', created: Math.floor(Date.now() / 1000) },
    balance_transactions: fee === undefined ? [] : [{ fee, net: -amount - fee }],
    evidence_details: { due_by: Math.floor(Date.now() / 1000) + 7 * 86_400 },
  });
}

export interface StripeSending {
  readonly secrets?: readonly string[];
  readonly ageSeconds?: number;
  /** What is sent instead of what was signed. */
  readonly tampered?: string;
}

/** Sends an event as Stripe does. */
export async function sendStripe(
  system: Pick<System, 'api'>,
  event: unknown,
  sending: StripeSending = {},
): Promise<Answer> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const { secrets = [STRIPE_SECRET], ageSeconds = 0, tampered = body } = sending;
  const at = Math.floor(Date.now() / 1000) - ageSeconds;
  const headers = { 'stripe-signature': signStripeEvent(secrets, body, at), authorization: '' };
  return system.api('POST', '/v1/webhooks/stripe', undefined, { rawBody: tampered, headers });
}
