import { PaymentWebhook } from '../../contracts/webhooks';
import { defineStandardWebhook } from '../standard-webhook';

const receivePayments = defineStandardWebhook({
  path: '/v1/webhooks/sandbox-payments',
  summary: "The sandbox gateway's reports (Standard Webhooks)",
  source: 'sandbox-payments',
  secrets: (config) => config.SANDBOX_PAYMENTS_WEBHOOK_SECRET,
  read: (body) => {
    const { success, data } = PaymentWebhook.safeParse(body);
    if (!success || !/^(?:payment|refund|dispute)\./.test(data.type)) return null;
    return { topic: data.type, reference: data.data.intentId };
  },
});

export const paymentWebhookRoutes = [receivePayments];
