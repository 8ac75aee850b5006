import { CarrierWebhook, WebhookAnswer } from '../../contracts/webhooks';
import { insertInboxEvent } from '../../db/oms/inbox';
import { defineRoute } from '../route';
import { receiveStandard } from '../webhooks';

const SCANS = 'shipment.scanned';

const receiveScans = defineRoute({
  method: 'post',
  path: '/v1/webhooks/carriers/sandbox',
  scope: 'public',
  tag: 'webhooks',
  rawBody: true,
  summary: "The sandbox carrier's scans (Standard Webhooks)",
  responses: { 200: WebhookAnswer },
  errors: ['unauthorized', 'malformed_json'],
  handler: async (ctx) => {
    const { deps, requestId } = ctx;
    const received = receiveStandard(ctx, deps.config.CARRIER_SANDBOX_WEBHOOK_SECRET);
    const message = CarrierWebhook.safeParse(received.body);
    const isHandled = message.success && message.data.type === SCANS;
    const isNew = await insertInboxEvent(deps.oms, {
      source: 'carrier:sandbox',
      eventId: received.id,
      topic: message.success ? message.data.type : 'unknown',
      body: received.body,
      rawHash: received.rawHash,
      reference: message.success ? message.data.data.trackingNo : null,
      requestId,
      result: isHandled ? null : 'ignored',
      reason: isHandled ? null : 'not a scan',
    });
    const status = !isNew ? 'duplicate' : isHandled ? 'accepted' : 'ignored';
    return { status: 200, body: { status } };
  },
});

export const carrierWebhookRoutes = [receiveScans];
