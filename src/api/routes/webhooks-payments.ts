import { PaymentWebhook, WebhookAnswer } from '../../contracts/webhooks';
import { insertInboxEvent } from '../../db/oms/inbox';
import { defineRoute } from '../route';
import { receiveStandard } from '../webhooks';

const receivePayments = defineRoute({
  method: 'post',
  path: '/v1/webhooks/sandbox-payments',
  scope: 'public',
  tag: 'webhooks',
  rawBody: true,
  summary: "The sandbox gateway's reports (Standard Webhooks)",
  responses: { 200: WebhookAnswer },
  errors: ['unauthorized', 'malformed_json'],
  handler: async (ctx) => {
    const { deps, requestId } = ctx;
    const received = receiveStandard(ctx, deps.config.SANDBOX_PAYMENTS_WEBHOOK_SECRET);
    const message = PaymentWebhook.safeParse(received.body);
    const isHandled = message.success && message.data.type.startsWith('payment.');
    const isNew = await insertInboxEvent(deps.oms, {
      source: 'sandbox-payments',
      eventId: received.id,
      topic: message.success ? message.data.type : 'unknown',
      body: received.body,
      rawHash: received.rawHash,
      reference: message.success ? message.data.data.intentId : null,
      requestId,
      result: isHandled ? null : 'ignored',
      reason: isHandled ? null : 'not about a payment',
    });
    const status = !isNew ? 'duplicate' : isHandled ? 'accepted' : 'ignored';
    return { status: 200, body: { status } };
  },
});

export const paymentWebhookRoutes = [receivePayments];
