import { compareEntry, compareRefund, readRefundShares } from './refunds';
import { allOf } from './sql-check';
import type { Check, GatewayBookEntry } from './types';

interface PaymentRow {
  readonly key: string;
  readonly orderNo: string;
  readonly orderId: string;
  readonly seq: number;
  readonly status: string;
  readonly reference: string | null;
  readonly idempotencyKey: string;
  readonly failureCode: string | null;
  readonly isAttempted: boolean;
  /** The renewal was declined: the order waits for another card, and what was authorised may end. */
  readonly isUnpaid: boolean;
  readonly authorizedMinor: number;
  readonly voidedMinor: number;
}

const PAYMENTS = `
  select p.id as key, o.order_no as "orderNo", p.order_id as "orderId", p.seq, p.status, p.reference,
    p.idempotency_key as "idempotencyKey", p.failure_code as "failureCode", p.attempted_at is not null as "isAttempted",
    p.renew_at is null and o.wait_code = 'payment' as "isUnpaid",
    p.authorized_minor as "authorizedMinor", p.voided_minor as "voidedMinor"
  from oms.payments p join oms.orders o on o.id = p.order_id
  where p.id > $1::uuid and p.method = 'card' and p.provider = 'sandbox' order by p.id limit $2::int`;

interface CaptureRow {
  readonly key: string;
  readonly orderNo: string;
  readonly status: string;
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly intentId: string | null;
}

const CAPTURES = `
  select c.id as key, o.order_no as "orderNo", c.status, c.idempotency_key as "idempotencyKey",
    c.amount_minor as "amountMinor", p.reference as "intentId"
  from oms.captures c join oms.orders o on o.id = c.order_id join oms.payments p on p.id = c.payment_id
  where c.id > $1::uuid and p.provider = 'sandbox' order by c.id limit $2::int`;

/** The gateway's books and ours, row by row by idempotency key, from both sides. */
export const GATEWAY_BOOKS_CHECK: Check = {
  needs: ['sandbox'],
  isRechecked: true,
  run: async ({ deps, books }) => {
    // Ours first: what the gateway did meanwhile is then merely ahead, and gone at the second look.
    const unmatched = new Map<string, GatewayBookEntry>();
    const payments = await allOf<PaymentRow>(deps.oms, PAYMENTS);
    const captures = await allOf<CaptureRow>(deps.oms, CAPTURES);
    const refunds = await readRefundShares(deps.oms);
    const { gateway } = await books();
    for (const entry of gateway) unmatched.set(entry.idempotencyKey, entry);
    const breaches = [
      ...payments.flatMap((payment) => comparePayment(payment, unmatched)),
      ...captures.flatMap((capture) => compareCapture(capture, unmatched)),
      ...refunds.flatMap((share) =>
        compareRefund(share, take(unmatched, share.idempotencyKey, 'refund')),
      ),
      ...[...unmatched.values()].flatMap(describeForeign),
    ];
    return { rows: payments.length + captures.length + refunds.length + gateway.length, breaches };
  },
};

function take(
  entries: Map<string, GatewayBookEntry>,
  idempotencyKey: string,
  kind: string,
): GatewayBookEntry | null {
  const entry = entries.get(idempotencyKey);
  if (entry?.kind !== kind) return null;
  entries.delete(idempotencyKey);
  return entry;
}

function comparePayment(payment: PaymentRow, entries: Map<string, GatewayBookEntry>): string[] {
  const { orderNo, seq, status } = payment;
  const name = `order ${orderNo} payment ${String(seq)} (${status})`;
  const entry = take(entries, payment.idempotencyKey, 'authorization');
  const voiding = take(entries, `void:${payment.key}`, 'void');
  return [
    ...compareAuthorization(name, payment, entry),
    ...compareVoid(name, payment, voiding?.status === 'succeeded' ? voiding : null),
  ];
}

/** What the gateway says of an authorisation while a payment of ours stands at this status. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  pending: ['pending', 'succeeded', 'declined'],
  action_required: ['pending', 'succeeded', 'declined'],
  authorized: ['succeeded'],
  partially_captured: ['succeeded'],
  captured: ['succeeded'],
  voided: ['succeeded', 'failed', 'declined'],
  declined: ['declined', 'failed'],
  expired: ['succeeded', 'expired'],
};

function compareAuthorization(
  name: string,
  payment: PaymentRow,
  entry: GatewayBookEntry | null,
): string[] {
  if (entry === null) {
    const mayBeMissing =
      !payment.isAttempted ||
      ['pending', 'failed'].includes(payment.status) ||
      payment.failureCode === 'token_used' ||
      (payment.status === 'voided' && payment.authorizedMinor === 0);
    return mayBeMissing ? [] : [`${name}: the gateway's books have no such authorisation`];
  }
  const breaches: string[] = [];
  const mayBeOver = payment.isUnpaid && entry.status === 'expired';
  if (!mayBeOver && !(EXPECTED[payment.status] ?? []).includes(entry.status))
    breaches.push(`${name}: the gateway's entry ${entry.id} is ${entry.status}`);
  if (entry.reference !== payment.orderId)
    breaches.push(`${name}: the gateway's entry ${entry.id} names another order`);
  const isHeld = payment.authorizedMinor > 0;
  if (isHeld && entry.amountMinor !== payment.authorizedMinor)
    breaches.push(
      `${name}: ${String(payment.authorizedMinor)} authorised, at the gateway ${String(entry.amountMinor)}`,
    );
  if (isHeld && entry.intentId !== payment.reference)
    breaches.push(`${name}: the gateway calls it ${entry.intentId}`);
  return breaches;
}

function compareVoid(
  name: string,
  payment: PaymentRow,
  voiding: GatewayBookEntry | null,
): string[] {
  const { voidedMinor } = payment;
  if (voiding === null)
    return voidedMinor === 0
      ? []
      : [`${name}: ${String(voidedMinor)} voided, at the gateway nothing`];
  // Between the call and its record nothing is voided here yet.
  if (payment.status !== 'voided' && voidedMinor === 0) return [];
  return voiding.amountMinor === voidedMinor || voiding.amountMinor === 0
    ? []
    : [
        `${name}: ${String(voidedMinor)} voided, at the gateway ${String(voiding.amountMinor)} (${voiding.id})`,
      ];
}

function compareCapture(capture: CaptureRow, entries: Map<string, GatewayBookEntry>): string[] {
  const name = `order ${capture.orderNo} capture ${capture.key} (${capture.status})`;
  const entry = take(entries, capture.idempotencyKey, 'capture');
  if (entry?.status !== 'succeeded')
    return capture.status === 'done' ? [`${name}: the gateway's books have no such capture`] : [];
  return compareEntry(name, capture, entry);
}

/** What is only in the gateway's books. Disputes are compared by a check of their own. */
function describeForeign(entry: GatewayBookEntry): string[] {
  if (entry.kind === 'dispute' || (entry.kind !== 'authorization' && entry.status !== 'succeeded'))
    return [];
  const { id, kind, status, amountMinor, currency, reference } = entry;
  return [
    `gateway entry ${id} (${kind}, ${status}, ${String(amountMinor)} ${currency}, order ${reference}) has no row of ours`,
  ];
}
