import { z } from 'zod';

export const WebhookAnswer = z
  .object({ status: z.enum(['accepted', 'duplicate', 'ignored']) })
  .meta({ id: 'WebhookAnswer' });
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;

/** What our own sandbox sends, as far as it must be known to store it. */
export const CarrierWebhook = z.looseObject({
  type: z.string(),
  data: z.looseObject({ trackingNo: z.string() }),
});

export const PaymentWebhook = z.looseObject({
  type: z.string(),
  data: z.looseObject({ intentId: z.string() }),
});

/** What a signed message is, and which document of its sender it is about. */
export interface SignedMessage {
  readonly topic: string;
  readonly reference: string;
}

/** Stripe's events that change something here. */
export const HANDLED_STRIPE_EVENTS: ReadonlySet<string> = new Set([
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.refund.updated',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
]);

const StripeId = z.string().min(1).max(200);

/** An event of Stripe, as far as it must be known to store it. */
export const StripeEvent = z.looseObject({
  id: StripeId,
  type: z.string().min(1).max(200),
  data: z.looseObject({
    object: z.looseObject({
      id: StripeId.nullish(),
      payment_intent: StripeId.nullish(),
      charge: StripeId.nullish(),
    }),
  }),
});
export type StripeEvent = z.infer<typeof StripeEvent>;
