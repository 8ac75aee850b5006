import { newId, nowIso } from './ids';
import type { GatewayEntry, Scan, Webhook } from './records';

function toWebhook(
  scheme: 'carrier' | 'payments',
  lane: string,
  message: { type: string; data: object },
): Webhook {
  const at = nowIso();
  const path =
    scheme === 'carrier' ? '/v1/webhooks/carriers/sandbox' : '/v1/webhooks/sandbox-payments';
  const body = JSON.stringify({ type: message.type, timestamp: at, data: message.data });
  return { id: newId('msg'), lane, path, scheme, headers: {}, body, at };
}

/** What the gateway tells of an entry that changed by itself: `payment.completed`, `payment.failed`, `dispute.opened`. */
export function paymentWebhook(type: string, entry: GatewayEntry): Webhook {
  const { intentId, reference, amountMinor, currency, idempotencyKey, code, expiresAt } = entry;
  const data = { intentId, reference, amountMinor, currency, idempotencyKey, code, expiresAt };
  return toWebhook('payments', `intent ${intentId}`, {
    type,
    data: { entryId: entry.id, ...data },
  });
}

/** One carrier webhook per scan. */
export function scanWebhook(trackingNo: string, scan: Scan): Webhook {
  const { id, code, occurredAt, location } = scan;
  const shown = { id, code, occurredAt, ...(location === null ? {} : { location }) };
  return toWebhook('carrier', `shipment ${trackingNo}`, {
    type: 'shipment.scanned',
    data: { trackingNo, scans: [shown] },
  });
}
