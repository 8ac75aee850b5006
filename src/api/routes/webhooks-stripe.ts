import { HANDLED_STRIPE_EVENTS, StripeEvent, WebhookAnswer } from '../../contracts/webhooks';
import { insertInboxEvent, isInboxEventOtherwise, type NewInboxEvent } from '../../db/oms/inbox';
import { openUnmatched } from '../../db/oms/incidents';
import { withTransaction } from '../../db/pool';
import { verifyStripeEvent } from '../../platform/stripe-signature';
import type { ApiDeps } from '../deps';
import { defineRoute } from '../route';
import { headerOf, parseRaw, type Received, refuseSignature } from '../webhooks';

const SOURCE = 'stripe';

const receiveStripe = defineRoute({
  method: 'post',
  path: '/v1/webhooks/stripe',
  scope: 'public',
  tag: 'webhooks',
  rawBody: true,
  summary: "Stripe's events (`Stripe-Signature` over the raw body, 300 s)",
  description: `Handled: ${[...HANDLED_STRIPE_EVENTS].join(', ')}. Others are stored and answered \`ignored\`.`,
  responses: { 200: WebhookAnswer },
  errors: ['unauthorized', 'malformed_json'],
  handler: async ({ rawBody, headers, deps, requestId }) => {
    const verdict = verifyStripeEvent({
      header: headerOf(headers, 'stripe-signature') ?? undefined,
      rawBody,
      secrets: deps.config.STRIPE_WEBHOOK_SECRET,
      nowMs: Date.now(),
    });
    if (verdict !== 'valid') throw refuseSignature(verdict.replaceAll('_', ' '));
    return { status: 200, body: { status: await keep(deps, parseRaw(rawBody), requestId) } };
  },
});

/** Keeps an event once; the `wake` lane applies it. The same id with another body is kept out and a person is called. */
async function keep(
  { oms }: ApiDeps,
  received: Received,
  requestId: string,
): Promise<WebhookAnswer['status']> {
  const event = toInboxEvent(received, requestId);
  return withTransaction(oms, async (tx) => {
    if (await insertInboxEvent(tx, event)) return event.result === null ? 'accepted' : 'ignored';
    if (await isInboxEventOtherwise(tx, event)) {
      const detail = `${event.topic}: an event of this id came before with another body`;
      await openUnmatched(tx, { orderId: null, docId: event.eventId, detail });
    }
    return 'duplicate';
  });
}

function toInboxEvent({ body, rawHash }: Received, requestId: string): NewInboxEvent {
  const { success, data } = StripeEvent.safeParse(body);
  const isHandled = success && HANDLED_STRIPE_EVENTS.has(data.type);
  return {
    source: SOURCE,
    eventId: success ? data.id : rawHash,
    topic: success ? data.type : 'unknown',
    body,
    rawHash,
    reference: success ? referenceOf(data) : null,
    requestId,
    result: isHandled ? null : 'ignored',
    reason: isHandled ? null : 'not handled',
  };
}

/** The payment intent that an event is about, or else the charge. */
function referenceOf({ type, data: { object } }: StripeEvent): string | null {
  const own = type.startsWith('payment_intent.') ? object.id : object.payment_intent;
  return own ?? object.charge ?? object.id ?? null;
}

export const stripeWebhookRoutes = [receiveStripe];
