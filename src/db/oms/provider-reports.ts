import type { IntentReport, KnownPayment } from '../../domain/stripe-intent';
import type { KnownShare, RefundReport } from '../../domain/stripe-refund';
import type { Queryable } from '../pool';
import { type ChangeRecord, recordingWith, runRecording } from './record-change';

/** What a provider said of a payment. Kept for the fold; it counts no money by itself. */
export interface ProviderReport {
  readonly paymentId: string;
  readonly provider: string;
  readonly eventId: string;
  readonly type: string;
  readonly at: string;
  readonly amountMinor: number;
  readonly report: IntentReport | RefundReport;
}

/** Keeps a report once. */
export async function insertReport(tx: Queryable, report: ProviderReport): Promise<void> {
  await tx.query(
    `insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, occurred_at, raw, counted)
     values ($1::uuid, $2::text, $3::text, $4::text, $5::bigint, $6::timestamptz, $7::jsonb, false)
     on conflict (provider, psp_event_id) do nothing`,
    [
      report.paymentId,
      report.provider,
      report.eventId,
      report.type,
      report.amountMinor,
      report.at,
      JSON.stringify(report.report),
    ],
  );
}

/** Notes the provider's charge behind a payment. */
export async function noteCharge(tx: Queryable, paymentId: string, charge: string): Promise<void> {
  await tx.query(
    `update oms.payments set charge = $2::text where id = $1::uuid and charge is distinct from $2::text`,
    [paymentId, charge],
  );
}

export interface ReportedPayment extends KnownPayment {
  readonly paymentId: string;
  readonly reference: string;
  readonly currency: string;
  readonly reports: readonly IntentReport[];
  readonly refundReports: readonly RefundReport[];
  readonly shares: readonly KnownShare[];
}

/** The payments of an order that a provider has reported on, with all its reports. The order's row must be locked. */
export async function findReportedPayments(
  tx: Queryable,
  orderId: string,
): Promise<ReportedPayment[]> {
  const { rows } = await tx.query<ReportedPayment & Record<string, unknown>>(
    `select p.id as "paymentId", p.reference, p.currency, p.status, p.amount_minor as "amountMinor",
       p.authorized_minor as "authorizedMinor", p.captured_minor as "capturedMinor", p.voided_minor as "voidedMinor",
       p.failure_code as "failureCode", r.reports, r."refundReports", coalesce((
         select jsonb_agg(jsonb_build_object('idempotencyKey', s.idempotency_key, 'reference', s.reference,
           'amountMinor', s.amount_minor, 'status', s.status) order by s.id)
         from oms.refund_payments s where s.payment_id = p.id), '[]') as shares, coalesce((
         select jsonb_agg(jsonb_build_object('captureId', c.id, 'amountMinor', c.amount_minor) order by c.created_at, c.id)
         from oms.captures c where c.payment_id = p.id and c.status = 'owed'), '[]') as owed
     from oms.payments p, lateral (
       select coalesce(jsonb_agg(e.raw order by e.id) filter (where e.type like 'payment_intent.%'), '[]') as reports,
         coalesce(jsonb_agg(e.raw order by e.id) filter (where e.type not like 'payment_intent.%'), '[]') as "refundReports"
       from oms.payment_events e where e.payment_id = p.id and not e.counted) r
     where p.order_id = $1::uuid and p.method = 'card' and p.reference is not null
       and r.reports || r."refundReports" <> '[]'
     order by p.seq`,
    [orderId],
  );
  return rows;
}

/** Money that the provider captured without a hand-over: as a capture that is owed, for the caller to settle at once. */
export async function insertOutsideCapture(
  tx: Queryable,
  capture: {
    readonly orderId: string;
    readonly paymentId: string;
    readonly amountMinor: number;
    readonly key: string;
  },
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into oms.captures (order_id, payment_id, amount_minor, idempotency_key)
     values ($1::uuid, $2::uuid, $3::bigint, $4::text) returning id`,
    [capture.orderId, capture.paymentId, capture.amountMinor, capture.key],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the capture was not written');
  return row.id;
}

/** Money came for a payment that was given up: it counts as authorised, so that it can be counted as captured. */
export async function reopenVoided(
  tx: Queryable,
  payment: { readonly paymentId: string; readonly amountMinor: number },
): Promise<void> {
  await tx.query(
    `with paid as (
       update oms.payments set authorized_minor = authorized_minor + $2::bigint, updated_at = now()
       where id = $1::uuid and status = 'voided'
       returning id, provider, idempotency_key, authorized_minor
     )
     insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, idempotency_key)
     select id, provider, idempotency_key || ':authorize:' || authorized_minor, 'authorize_success', $2::bigint, idempotency_key
     from paid on conflict (provider, psp_event_id) do nothing`,
    [payment.paymentId, payment.amountMinor],
  );
}

/** Whether a capture that a hand-over owed is made. */
export async function isCaptureDone(db: Queryable, captureId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from oms.captures where id = $1::uuid and status = 'done'`,
    [captureId],
  );
  return rowCount === 1;
}

const RELEASED = recordingWith(
  `held as (
    select p.id, p.provider, p.idempotency_key, p.authorized_minor as authorized_before, p.voided_minor as voided_before,
      p.captured_minor, greatest(p.authorized_minor, $12::bigint) as authorized
    from oms.payments p, ord where p.id = $11::uuid
  ), paid as (
    update oms.payments p set authorized_minor = h.authorized, voided_minor = h.authorized - h.captured_minor, token = null,
      status = case when h.captured_minor > 0 then 'captured' else 'voided' end, updated_at = now()
    from held h where p.id = h.id
    returning p.id
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, idempotency_key)
    select h.id, h.provider, h.idempotency_key || e.suffix, e.type, e.minor, h.idempotency_key
    from held h, lateral (values
      (':authorize:' || h.authorized, 'authorize_success', h.authorized - h.authorized_before),
      (':void:' || h.authorized, 'cancel_success', h.authorized - h.captured_minor - h.voided_before)) e(suffix, type, minor)
    where e.minor > 0
    on conflict (provider, psp_event_id) do nothing
  ),`,
  {
    events: `(select case when h.authorized - h.captured_minor > h.voided_before then $5::jsonb else '[]' end from held h)`,
  },
);

/** The provider has released what was authorised and not captured. `authorizedMinor`: the most that ever was. */
export async function recordReleased(
  tx: Queryable,
  change: ChangeRecord,
  released: { readonly paymentId: string; readonly authorizedMinor: number },
): Promise<void> {
  await runRecording(tx, RELEASED, change, [released.paymentId, released.authorizedMinor]);
}

/** Notes a failed try on a payment that may still succeed. */
export async function noteFailedTry(tx: Queryable, paymentId: string, code: string): Promise<void> {
  await tx.query(
    `update oms.payments set status = 'action_required', failure_code = $2::text, updated_at = now()
     where id = $1::uuid and status in ('pending', 'action_required')`,
    [paymentId, code],
  );
}

/** The provider has told of money that it holds: from now on a cancel has to take it back there. */
export async function markHeldOutside(tx: Queryable, paymentId: string): Promise<void> {
  await tx.query(
    `update oms.payments set attempted_at = coalesce(attempted_at, now()) where id = $1::uuid`,
    [paymentId],
  );
}
