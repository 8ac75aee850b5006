import { CarrierWebhook } from '../../contracts/webhooks';
import { defineStandardWebhook } from '../standard-webhook';

const receiveScans = defineStandardWebhook({
  path: '/v1/webhooks/carriers/sandbox',
  summary: "The sandbox carrier's scans (Standard Webhooks)",
  source: 'carrier:sandbox',
  secrets: (config) => config.CARRIER_SANDBOX_WEBHOOK_SECRET,
  read: (body) => {
    const { success, data } = CarrierWebhook.safeParse(body);
    if (!success || data.type !== 'shipment.scanned') return null;
    return { topic: data.type, reference: data.data.trackingNo };
  },
});

export const carrierWebhookRoutes = [receiveScans];
