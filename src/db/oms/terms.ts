import type { FulfillmentState } from '../../contracts/order-process';
import type { Queryable } from '../pool';
import { PLAN_FULFILLMENT, PLANNED, type PlannedFulfillment } from './fulfillment-plan';
import type { OpenOrder } from './open-order';
import {
  type ChangeRecord,
  type EventRecord,
  type Recorded,
  recordingWith,
  runRecording,
} from './record-change';

interface Planned extends Recorded {
  readonly planned: readonly PlannedFulfillment[];
}

const PLAN = recordingWith(`next as (select true as planned), ${PLAN_FULFILLMENT}`, {
  result: PLANNED,
});

const CAPTURE_IN_FULL = `
  paid as (
    update oms.payments p set status = 'captured', authorized_minor = p.amount_minor, captured_minor = p.amount_minor,
      updated_at = now()
    where p.id = $11::uuid and p.status in ('pending', 'authorized') and p.method <> 'card'
    returning p.id, p.provider, p.reference, p.amount_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor)
    select id, provider, id || ':charge', 'charge_success', amount_minor from paid
  ),`;

const CAPTURE = recordingWith(CAPTURE_IN_FULL);

/** The order's way into the warehouse as a status change. */
export const PROCESSING: EventRecord = {
  type: 'processing',
  data: { from: 'confirmed', to: 'processing' },
};

/** Plans the work that nobody does yet (`PLAN_FULFILLMENT`), and sets the order to `processing`. */
export async function planFulfillment(
  tx: Queryable,
  order: OpenOrder,
  change: ChangeRecord,
): Promise<FulfillmentState[]> {
  const isFirst = order.status === 'confirmed';
  const { planned } = await runRecording<Planned>(
    tx,
    PLAN,
    {
      ...change,
      ...(isFirst ? { status: 'processing' } : {}),
      events: [...change.events, ...(isFirst ? [PROCESSING] : [])],
    },
    [],
  );
  return toPlannedStates(planned);
}

/** Fulfilment orders that were just planned, as the workflow knows them. */
export function toPlannedStates(planned: readonly PlannedFulfillment[]): FulfillmentState[] {
  return planned.map(({ id, isScheduled }) => ({
    id,
    closed: false,
    packed: false,
    ...(isScheduled ? { scheduled: true } : {}),
  }));
}

/** Books a payment that reached us, or the shop, in full without a gateway, with the change it brings. */
export async function capturePrepaid(
  tx: Queryable,
  paymentId: string,
  change: ChangeRecord,
): Promise<void> {
  await runRecording(tx, CAPTURE, change, [paymentId]);
}

const REFUND_AT_SOURCE = recordingWith(
  `refunded as (
    update oms.payments p set refunded_minor = p.captured_minor, updated_at = now()
    from ord where p.order_id = ord.id and p.method <> 'card' and p.refunded_minor < p.captured_minor
    returning p.id, p.seq, p.provider, new.refunded_minor - old.refunded_minor as amount_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor)
    select id, provider, id || ':refund', 'refund_success', amount_minor from refunded
  ), refund as (
    insert into oms.refunds (order_id, cause_key, status, currency, amount_minor, adjustment_minor, is_of_canceled, reason,
      requested_by_type, requested_by, request_id, submitted_at, succeeded_at)
    select o.id, 'source:' || o.id, 'succeeded', o.currency, t.minor, t.minor, true, 'refunded at the source', 'provider',
      'provider', $8::text, now(), now()
    from ord join oms.orders o on o.id = ord.id, (select sum(amount_minor) as minor from refunded) t where t.minor > 0
    returning id, order_id, currency, amount_minor
  ), shares as (
    insert into oms.refund_payments (refund_id, payment_id, amount_minor, way, status, idempotency_key, ended_at)
    select r.id, p.id, p.amount_minor, 'outside', 'succeeded', 'refund:' || r.id || ':' || p.seq, now()
    from refund r, refunded p
  ),`,
  {
    result: `(select oms.announce('refund', r.id, 'refund.succeeded', jsonb_build_object('orderId', r.order_id,
      'refundId', r.id, 'customerId', m.customer_id, 'currency', r.currency, 'amountMinor', r.amount_minor))::text
      from refund r) as told`,
  },
);

/** Books that the shop has given back what it had taken, as a refund that has succeeded, with the change that says so. */
export async function refundAtSource(tx: Queryable, change: ChangeRecord): Promise<void> {
  await runRecording(tx, REFUND_AT_SOURCE, change, []);
}

const OUTSIDE_PAYMENT = recordingWith(
  `paid as (
    insert into oms.payments (order_id, seq, method, provider, status, reference, idempotency_key, currency, amount_minor,
      authorized_minor, captured_minor)
    select ord.id, (select coalesce(max(seq), 0) + 1 from oms.payments where order_id = ord.id), $13::text, $14::text,
      'captured', $11::text, $15::text, o.currency, $12::bigint, $12::bigint, $12::bigint
    from ord join oms.orders o on o.id = ord.id
    returning id, provider, amount_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, occurred_at)
    select id, provider, id || ':charge', 'charge_success', amount_minor, coalesce($16::timestamptz, now()) from paid
  ), asked as (
    update oms.payments p set updated_at = now(), amount_minor = greatest(0, p.amount_minor - $12::bigint),
      status = case when p.method = 'prepaid' or p.amount_minor <= $12::bigint then 'voided' else p.status end
    from ord where p.order_id = ord.id and p.method = $13::text and p.method in ('prepaid', 'invoice') and p.status = 'pending'
  ),`,
);

interface OutsidePayment {
  readonly method: string;
  readonly provider: string;
  readonly idempotencyKey: string;
  readonly reference: string;
  readonly amountMinor: number;
  readonly receivedAt: string | null;
}

/**
 * Books money that came outside as a payment of its own. What was asked for by the same method is lowered by it; the claim
 * that all of it had come in advance is void, because what is booked counts now.
 */
export async function recordOutsidePayment(
  tx: Queryable,
  change: ChangeRecord,
  payment: OutsidePayment,
): Promise<void> {
  const { reference, amountMinor, method, provider, idempotencyKey, receivedAt } = payment;
  const own = [reference, amountMinor, method, provider, idempotencyKey, receivedAt];
  await runRecording(tx, OUTSIDE_PAYMENT, change, own);
}
