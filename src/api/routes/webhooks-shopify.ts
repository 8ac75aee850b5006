import { WebhookAnswer } from '../../contracts/webhooks';
import { isShopifySignatureValid } from '../../platform/shopify-signature';
import { defineRoute } from '../route';
import { keepShopifyEvent } from '../shopify-inbox';
import { hashOf, headerOf, parseRaw, refuseSignature } from '../webhooks';

const receiveShopify = defineRoute({
  method: 'post',
  path: '/v1/webhooks/shopify',
  scope: 'public',
  tag: 'webhooks',
  rawBody: true,
  summary: "Shopify's events (HMAC over the raw body)",
  description:
    'Handled: orders/create, orders/paid, orders/cancelled. Others are stored and answered `ignored`.',
  responses: { 200: WebhookAnswer },
  errors: ['unauthorized', 'malformed_json'],
  handler: async ({ rawBody, headers, deps, requestId }) => {
    const signature = headerOf(headers, 'x-shopify-hmac-sha256') ?? undefined;
    if (!isShopifySignatureValid(rawBody, signature, deps.config.SHOPIFY_WEBHOOK_SECRET))
      throw refuseSignature('bad signature');
    const eventId =
      headerOf(headers, 'x-shopify-event-id') ??
      headerOf(headers, 'x-shopify-webhook-id') ??
      hashOf(rawBody);
    const topic = headerOf(headers, 'x-shopify-topic') ?? 'unknown';
    const status = await keepShopifyEvent(deps, {
      ...parseRaw(rawBody),
      eventId: eventId.slice(0, 200),
      topic: topic.slice(0, 200),
      requestId,
    });
    return { status: 200, body: { status } };
  },
});

export const shopifyWebhookRoutes = [receiveShopify];
