import type { OrderPhase } from '../../contracts/order-process';
import type { OrderStatus, PaymentStatus } from '../../domain/order-state';
import type { Queryable } from '../pool';
import { PLAN_FULFILLMENT, PLANNED, type PlannedFulfillment } from './fulfillment-plan';
import {
  type ChangeRecord,
  type Recorded,
  recordingWith,
  runRecording,
  SYSTEM,
} from './record-change';
import { PROCESSING } from './terms';

export interface PaymentAttempt {
  readonly orderId: string;
  readonly seq: number;
  readonly provider: string;
  readonly idempotencyKey: string;
  /** Null: there is no known card, the customer must name one. */
  readonly token: string | null;
  readonly currency: string;
  readonly amountMinor: number;
}

/** A further try to pay an order by card. */
export async function insertPaymentAttempt(tx: Queryable, attempt: PaymentAttempt): Promise<void> {
  await tx.query(
    `insert into oms.payments (order_id, seq, method, provider, idempotency_key, token, currency, amount_minor)
     values ($1::uuid, $2::int, 'card', $3::text, $4::text, $5::text, $6::text, $7::bigint)`,
    [
      attempt.orderId,
      attempt.seq,
      attempt.provider,
      attempt.idempotencyKey,
      attempt.token,
      attempt.currency,
      attempt.amountMinor,
    ],
  );
}

export interface BegunPayment {
  readonly phase: OrderPhase;
  readonly paymentId: string;
  /** From 1; a further try is a further row. */
  readonly seq: number;
  readonly provider: string;
  readonly status: PaymentStatus;
  readonly idempotencyKey: string;
  /** Null once it was used. */
  readonly token: string | null;
  readonly reference: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  /** An earlier try may have reached the gateway: look the key up before calling. */
  readonly wasAttempted: boolean;
  /** What no payment of the order covers: more than nothing where it was authorised in part only. */
  readonly dueMinor: number;
  /** An intent that a storefront made at the provider: nobody but the provider says what becomes of it. */
  readonly isMadeElsewhere: boolean;
}

/**
 * The payment that an order's pay step works on, marked as attempted before the gateway is called. The order's row is
 * locked first, so a cancel either sees the mark or stops the call. Only calls to `providers` can be made at all. Null:
 * there is none; or the order has changed while its lock was waited for, and the story comes here again.
 */
export async function beginPayment(
  db: Queryable,
  orderId: string,
  providers: readonly string[],
): Promise<BegunPayment | null> {
  const { rows } = await db.query<BegunPayment & Record<string, unknown>>(
    `with o as (
       select o.id, o.phase, o.current_total_minor from oms.orders o
       where o.id = $1::uuid and o.revision = (select seen.revision from oms.orders seen where seen.id = o.id)
       for update of o
     ), p as (
       select * from oms.payments where order_id = $1::uuid and method = 'card' order by seq desc limit 1
     ), marked as (
       update oms.payments m set attempted_at = coalesce(m.attempted_at, now()) from o, p
       where m.id = p.id and o.phase = 'pay' and m.status = 'pending' and m.provider = any($2::text[])
     )
     select o.phase, p.id as "paymentId", p.seq, p.provider, p.status, p.idempotency_key as "idempotencyKey", p.token, p.reference,
       p.amount_minor as "amountMinor", p.currency, p.attempted_at is not null as "wasAttempted",
       not p.multicapture as "isMadeElsewhere", o.current_total_minor - (
         select coalesce(sum(q.authorized_minor - q.voided_minor), 0) from oms.payments q
         where q.order_id = o.id and q.status in ('authorized', 'captured')) as "dueMinor"
     from o, p`,
    [orderId, providers],
  );
  return rows[0] ?? null;
}

const RECORD_AUTHORIZED = recordingWith(
  `next as (
    select o.phase = 'pay' as counts,
      o.phase = 'pay' and s.ships and not exists (
        select from oms.order_holds h where h.order_id = o.id and h.status = 'active') as planned, s.ships
    from ord o, (select exists (
      select from oms.reservations r where r.order_id = $1::uuid and r.state = 'committed') or exists (
      select from oms.shortages b where b.order_id = $1::uuid and b.status = 'waiting') as ships) s
  ), paid as (
    update oms.payments p set status = 'authorized', reference = $12::text, authorized_minor = $13::bigint,
      expires_at = $14::timestamptz, renew_at = oms.renewal_of($14::timestamptz), token = null, updated_at = now()
    from ord o where p.id = $11::uuid and p.status in ('pending', 'action_required')
    returning p.id, p.provider, p.idempotency_key, p.authorized_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, idempotency_key)
    select id, provider, idempotency_key || ':authorize', 'authorize_success', authorized_minor, idempotency_key from paid
    on conflict (provider, psp_event_id) do nothing
  ), ${PLAN_FULFILLMENT}`,
  {
    status: `(select case when n.planned or n.counts and not n.ships then 'processing' end from next n)`,
    phase: `(select case when not n.counts then null when n.ships then 'fulfill' else 'complete' end from next n)`,
    events: `(select case when exists (select from paid) then $5::jsonb else '[]' end
      || case when n.planned or n.counts and not n.ships then $15::jsonb else '[]' end from next n)`,
    result: `m.status, m.phase, ${PLANNED}`,
  },
);

export interface Authorization {
  readonly paymentId: string;
  readonly intentId: string;
  readonly amountMinor: number;
  readonly expiresAt: string | null;
}

export interface AuthorizedOrder extends Recorded {
  readonly status: OrderStatus;
  readonly phase: OrderPhase;
  readonly planned: readonly PlannedFulfillment[];
}

/**
 * Records an authorisation and, unless a hold or a cancel stands in the way, sends the order to the warehouse in the
 * same statement. A second time it changes nothing.
 */
export async function recordAuthorized(
  db: Queryable,
  orderId: string,
  authorization: Authorization,
): Promise<AuthorizedOrder> {
  const { paymentId, amountMinor } = authorization;
  const authorized = {
    type: 'payment_authorized',
    data: { amountMinor },
    announce: 'payment.authorized',
    payload: { amountMinor, paymentId },
  };
  const change: ChangeRecord = { orderId, actor: SYSTEM, wait: null, events: [authorized] };
  return runRecording<AuthorizedOrder>(db, RECORD_AUTHORIZED, change, [
    authorization.paymentId,
    authorization.intentId,
    authorization.amountMinor,
    authorization.expiresAt,
    JSON.stringify([PROCESSING]),
  ]);
}

/** Ends a payment that the gateway refused, or marks one that waits for the customer at the gateway. */
export async function markPayment(
  tx: Queryable,
  paymentId: string,
  outcome: {
    readonly status: 'declined' | 'action_required';
    readonly code: string | null;
    readonly intentId: string | null;
  },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update oms.payments set status = $2::text, failure_code = $3::text, reference = coalesce($4::text, reference),
       token = null, updated_at = now()
     where id = $1::uuid and status in ('pending', 'action_required') and status <> $2::text`,
    [paymentId, outcome.status, outcome.code, outcome.intentId],
  );
  return rowCount === 1;
}

const RECORD_CAPTURED = recordingWith(
  `done as (
    update oms.captures c set status = 'done', ended_at = now() from ord
    where c.id = $11::uuid and c.status = 'owed' returning c.id, c.payment_id, c.amount_minor, c.idempotency_key
  ), incident as (
    update oms.incidents i set status = 'resolved', resolved_at = now() from done d
    where i.kind = 'capture_failed' and i.doc_type = 'capture' and i.doc_id = d.id::text and i.status = 'open'
  ), paid as (
    update oms.payments p set captured_minor = p.captured_minor + d.amount_minor, updated_at = now(),
      status = case when p.captured_minor + d.amount_minor >= p.authorized_minor then 'captured' else 'partially_captured' end
    from done d where p.id = d.payment_id
    returning p.id, p.provider, d.amount_minor, d.idempotency_key
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, idempotency_key)
    select id, provider, idempotency_key || ':charge', 'charge_success', amount_minor, idempotency_key from paid
  ),`,
  {
    events: `coalesce((select jsonb_set($5::jsonb, '{0,payload,paymentId}', to_jsonb(d.payment_id)) from done d), '[]')`,
  },
);

/** Books a capture that the gateway made; a second time it changes nothing. */
export async function recordCaptured(
  db: Queryable,
  orderId: string,
  capture: { readonly captureId: string; readonly amountMinor: number },
): Promise<void> {
  const amount = { amountMinor: capture.amountMinor };
  const change: ChangeRecord = {
    orderId,
    actor: SYSTEM,
    events: [
      { type: 'payment_captured', data: amount, announce: 'payment.captured', payload: amount },
    ],
  };
  await runRecording(db, RECORD_CAPTURED, change, [capture.captureId]);
}
