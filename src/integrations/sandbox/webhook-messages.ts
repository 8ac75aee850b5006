import { newId, nowIso } from './ids';
import type { GatewayEntry, Scan, Webhook } from './records';

const EVIDENCE_WITHIN_MS = 7 * 24 * 3600 * 1000;

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

/** What the gateway tells of an entry that changed by itself: `payment.completed`, `refund.reversed`. */
export function paymentWebhook(type: string, entry: GatewayEntry): Webhook {
  const { intentId, reference, amountMinor, currency, idempotencyKey, code, expiresAt } = entry;
  const data = { intentId, reference, amountMinor, currency, idempotencyKey, code, expiresAt };
  return toWebhook('payments', `intent ${intentId}`, {
    type,
    data: { entryId: entry.id, ...data },
  });
}

/** What the gateway tells of a dispute: `dispute.opened`, `dispute.closed`. */
export function disputeWebhook(type: string, entry: GatewayEntry, status: string): Webhook {
  const { id, intentId, reference, amountMinor, currency, code, at } = entry;
  const evidenceDueBy = new Date(Date.parse(at) + EVIDENCE_WITHIN_MS).toISOString();
  return toWebhook('payments', `intent ${intentId}`, {
    type,
    data: {
      ...{ disputeId: id, intentId, reference, amountMinor, feeMinor: 0, currency, reason: code },
      ...{ status, evidenceDueBy, openedAt: at, occurredAt: nowIso() },
    },
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
