import { z } from 'zod';

import type { InboxEvent } from '../db/oms/inbox';
import { findCardPayment } from '../db/oms/payment-lookups';
import { insertReport, noteCharge } from '../db/oms/provider-reports';
import { insertWake } from '../db/oms/wakes';
import type { Queryable } from '../db/pool';
import { isCurrency } from '../domain/money';
import { isDisputeStatus } from '../domain/dispute';
import { fromStripeAmount } from '../domain/stripe-amount';
import type { IntentReport } from '../domain/stripe-intent';
import type { RefundReport } from '../domain/stripe-refund';
import type { Applied } from './inbox-applied';
import { keepDispute } from './inbox-disputes';

const PROVIDER = 'stripe';

/** Why an event waits; the audit knows it, and lets it wait for three days. */
const UNKNOWN_PAYMENT = 'the payment is not known yet';

const seconds = z.int().min(0).max(100_000_000_000);
const amount = z.int().min(0);
const text = z.string().max(500);
const Currency = z
  .string()
  .transform((code) => code.toUpperCase())
  .refine(isCurrency);

const Head = z.looseObject({ created: seconds, data: z.looseObject({ object: z.unknown() }) });

const Intent = z.looseObject({
  currency: Currency,
  amount_capturable: amount.default(0),
  amount_received: amount.default(0),
  latest_charge: text.nullish(),
  last_payment_error: z
    .looseObject({ code: text.nullish(), decline_code: text.nullish() })
    .nullish(),
});

const Charge = z.looseObject({ currency: Currency, amount_refunded: amount });

const Refund = z.looseObject({
  id: text,
  currency: Currency,
  amount,
  status: text,
  metadata: z.record(z.string(), text).nullish(),
});

const Dispute = z.looseObject({
  id: text,
  amount,
  currency: Currency,
  reason: text,
  status: text,
  created: seconds,
  charge: text.nullish(),
  evidence_details: z.looseObject({ due_by: seconds.nullish() }).nullish(),
  balance_transactions: z.array(z.looseObject({ fee: z.int().default(0) })).default([]),
});

interface Known {
  readonly orderId: string;
  readonly paymentId: string;
}

/**
 * Keeps what Stripe says of a payment with the payment, and wakes the order: its own step folds all of it. An event
 * that fits no payment waits for one.
 */
export async function applyStripeEvent(tx: Queryable, event: InboxEvent): Promise<Applied> {
  const head = Head.safeParse(event.body);
  if (!head.success || event.reference === null) return parked('not an event of a payment');
  const { created, data } = head.data;
  const payment = await findCardPayment(tx, {
    ...{ provider: PROVIDER, reference: event.reference, charge: event.reference },
  });
  if (payment === null) return { kind: 'postponed', reason: UNKNOWN_PAYMENT };
  const at = toIso(created);
  if (event.topic.startsWith('payment_intent.'))
    return keepIntent(tx, event, payment, { at, object: data.object });
  if (event.topic.startsWith('charge.dispute.'))
    return keepStripeDispute(tx, event, payment, { at, object: data.object });
  return keepRefund(tx, event, payment, { at, object: data.object });
}

interface Said {
  readonly at: string;
  readonly object: unknown;
}

function parked(reason: string): Applied {
  return { kind: 'settled', result: 'parked', reason };
}

function toIso(secondsSince1970: number): string {
  return new Date(secondsSince1970 * 1000).toISOString();
}

async function keepIntent(
  tx: Queryable,
  { eventId, topic }: InboxEvent,
  { orderId, paymentId }: Known,
  { at, object }: Said,
): Promise<Applied> {
  const parsed = Intent.safeParse(object);
  const kind = toKind(topic);
  if (!parsed.success || kind === null) return parked('not a payment intent');
  const { currency, latest_charge: charge, last_payment_error: error } = parsed.data;
  const capturableMinor = fromStripeAmount(parsed.data.amount_capturable, currency);
  const receivedMinor = fromStripeAmount(parsed.data.amount_received, currency);
  if (capturableMinor === null || receivedMinor === null) return parked('not an amount of ours');
  const code = error?.decline_code ?? error?.code ?? null;
  const report = { id: eventId, kind, at, capturableMinor, receivedMinor, code };
  await insertReport(tx, {
    ...{ paymentId, provider: PROVIDER, eventId, type: topic, at, report },
    amountMinor: receivedMinor,
  });
  if (typeof charge === 'string') await noteCharge(tx, paymentId, charge);
  await insertWake(tx, orderId, 'payment_event', eventId);
  return { kind: 'settled', result: 'applied' };
}

async function keepRefund(
  tx: Queryable,
  { eventId, topic }: InboxEvent,
  { orderId, paymentId }: Known,
  { at, object }: Said,
): Promise<Applied> {
  const report = topic === 'charge.refunded' ? toSum(object) : toRefund(object);
  if (report === null) return parked('not a refund');
  const amountMinor = report.kind === 'sum' ? report.refundedMinor : report.amountMinor;
  await insertReport(tx, {
    ...{ paymentId, provider: PROVIDER, eventId, type: topic, at, report, amountMinor },
  });
  await insertWake(tx, orderId, 'payment_event', eventId);
  return { kind: 'settled', result: 'applied' };
}

function toSum(object: unknown): RefundReport | null {
  const { success, data } = Charge.safeParse(object);
  const refundedMinor = success ? fromStripeAmount(data.amount_refunded, data.currency) : null;
  return refundedMinor === null ? null : { kind: 'sum', refundedMinor };
}

const REFUND_STATUSES: Readonly<Record<string, 'pending' | 'succeeded' | 'failed'>> = {
  pending: 'pending',
  requires_action: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

function toRefund(object: unknown): RefundReport | null {
  const { success, data } = Refund.safeParse(object);
  if (!success) return null;
  const amountMinor = fromStripeAmount(data.amount, data.currency);
  const status = REFUND_STATUSES[data.status];
  if (amountMinor === null || status === undefined) return null;
  const keys = Object.values(data.metadata ?? {});
  return { kind: 'refund', refundId: data.id, amountMinor, status, keys };
}

const KINDS = ['amount_capturable_updated', 'succeeded', 'payment_failed', 'canceled'] as const;

function toKind(topic: string): IntentReport['kind'] | null {
  return KINDS.find((kind) => topic === `payment_intent.${kind}`) ?? null;
}

async function keepStripeDispute(
  tx: Queryable,
  event: InboxEvent,
  payment: Known,
  { at, object }: Said,
): Promise<Applied> {
  const parsed = Dispute.safeParse(object);
  if (!parsed.success) return parked('not a dispute');
  const { id, currency, reason, status, created, evidence_details: evidence } = parsed.data;
  const amountMinor = fromStripeAmount(parsed.data.amount, currency);
  if (!isDisputeStatus(status) || amountMinor === null) return parked('not a dispute of ours');
  const fees = parsed.data.balance_transactions.reduce((sum, { fee }) => sum + Math.max(0, fee), 0);
  const dueBy = evidence?.due_by ?? null;
  return keepDispute(tx, event, {
    ...{ ...payment, provider: PROVIDER, reference: id, amountMinor, currency, reason, status, at },
    ...{ feeMinor: fromStripeAmount(fees, currency) ?? 0, openedAt: toIso(created) },
    ...{ evidenceDueBy: dueBy === null ? null : toIso(dueBy), requestId: event.requestId },
  });
}
