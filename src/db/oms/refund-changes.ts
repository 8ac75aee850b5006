import type { RefundStatus, RefundWaitCode, RefundWay } from '../../domain/refund-state';
import type { Queryable } from '../pool';
import { type ChangeRecord, recordingWith, runRecording } from './record-change';

export interface ShareChange {
  readonly id: string;
  readonly status: RefundStatus;
  readonly way?: RefundWay;
  /** A further try's key; the mark of the last try goes with it. */
  readonly idempotencyKey?: string;
  readonly reference?: string | null;
  readonly failureCode?: string | null;
  /** What it adds to the payment's amount that is being refunded, and to the refunded one. */
  readonly pendingMinor: number;
  readonly refundedMinor: number;
}

/** What a step changes of a refund, its parts and its payments. */
export interface RefundChange {
  readonly refundId: string;
  readonly status: RefundStatus;
  readonly wait: { readonly code: RefundWaitCode; readonly detail: string } | null;
  readonly failureCode?: string | null;
  readonly approvedBy?: string;
  readonly approvedStaff?: string | null;
  readonly shares: readonly ShareChange[];
  /** 1: its units are refunded now, -1: they are no longer. */
  readonly units?: 1 | -1;
  readonly incident?: { readonly kind: string; readonly detail: string };
  /** Its incidents are done with. */
  readonly isSolved?: boolean;
  readonly announce?: readonly { readonly type: string; readonly amountMinor: number }[];
}

/** `$11` is the refund's change; events and announcements of the order come with the recording. */
const CHANGE = recordingWith(
  `what as (
    select w.* from jsonb_to_record($11::jsonb) as w("refundId" uuid, status text, wait jsonb, "failureCode" text,
      "approvedBy" text, "approvedStaff" text, shares jsonb, units int, incident jsonb, "isSolved" boolean, announce jsonb)
  ), refund as (
    update oms.refunds r set status = w.status, revision = r.revision + 1, updated_at = now(),
      wait_code = w.wait ->> 'code', wait_detail = w.wait ->> 'detail',
      wait_since = case when w.wait ->> 'code' is null then null
        when r.wait_code is not distinct from w.wait ->> 'code' then r.wait_since else now() end,
      failure_code = w."failureCode", approved_by = coalesce(w."approvedBy", r.approved_by),
      approved_staff = coalesce(w."approvedStaff", r.approved_staff),
      submitted_at = case when w.status = 'submitted' then coalesce(r.submitted_at, now()) else r.submitted_at end,
      succeeded_at = case when w.status = 'succeeded' then now() else r.succeeded_at end,
      failed_at = case when w.status = 'failed' then now() else r.failed_at end,
      canceled_at = case when w.status = 'canceled' then now() else r.canceled_at end,
      reversed_at = case when w.status = 'reversed' then now() else r.reversed_at end
    from what w, ord where r.id = w."refundId"
    returning r.id, r.order_id, r.return_id, r.currency
  ), changed as (
    select s.* from what w, jsonb_to_recordset(w.shares) as s(id uuid, status text, way text, "idempotencyKey" text,
      reference text, "failureCode" text, "pendingMinor" bigint, "refundedMinor" bigint)
  ), shares as (
    update oms.refund_payments s set status = c.status, way = coalesce(c.way, s.way),
      attempted_at = case when c."idempotencyKey" is null then s.attempted_at end,
      idempotency_key = coalesce(c."idempotencyKey", s.idempotency_key),
      reference = coalesce(c.reference, s.reference), failure_code = c."failureCode",
      ended_at = case when c.status in ('pending', 'submitted') then null else now() end
    from changed c, refund r where s.id = c.id and s.refund_id = r.id
    returning s.id, s.payment_id, s.amount_minor, s.way, s.idempotency_key, c."pendingMinor" as pending_minor,
      c."refundedMinor" as refunded_minor
  ), money as (
    update oms.payments p set refund_pending_minor = p.refund_pending_minor + s.pending_minor,
      refunded_minor = p.refunded_minor + s.refunded_minor, updated_at = now()
    from shares s where p.id = s.payment_id and (s.pending_minor <> 0 or s.refunded_minor <> 0)
    returning p.id, p.provider, s.id as share_id, s.way, s.refunded_minor, s.idempotency_key
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor, idempotency_key)
    select id, provider, idempotency_key || case when refunded_minor > 0 then ':refund' else ':reverse' end,
      case when refunded_minor > 0 then 'refund_success' else 'refund_reverse' end, abs(refunded_minor), idempotency_key
    from money where refunded_minor <> 0
  ), credited as (
    insert into oms.store_credit_ledger (customer_id, currency, delta_minor, reason, doc_type, doc_id)
    select o.customer_id, r.currency, m.refunded_minor, 'refund', 'refund_payment', m.share_id::text
    from money m, refund r join oms.orders o on o.id = r.order_id where m.way = 'store_credit' and m.refunded_minor > 0
    returning customer_id, currency, delta_minor
  ), balances as (
    insert into oms.store_credit_balances as b (customer_id, currency, balance_minor)
    select customer_id, currency, sum(delta_minor) from credited group by 1, 2
    on conflict (customer_id, currency) do update set balance_minor = b.balance_minor + excluded.balance_minor
  ), units as (
    update oms.order_lines l set qty_refunded = l.qty_refunded + w.units * u.quantity
    from what w, refund r, oms.refund_lines u
    where u.refund_id = r.id and l.id = u.order_line_id and w.units is not null
  ), opened as (
    insert into oms.incidents (kind, order_id, doc_type, doc_id, detail, attempts)
    select w.incident ->> 'kind', r.order_id, 'refund', r.id::text, w.incident ->> 'detail', 1
    from what w, refund r where jsonb_typeof(w.incident) = 'object'
    on conflict (kind, doc_type, doc_id) where status = 'open' do update set attempts = oms.incidents.attempts + 1,
      detail = excluded.detail
  ), solved as (
    update oms.incidents i set status = 'resolved', resolved_at = now() from what w, refund r
    where w."isSolved" and i.doc_type = 'refund' and i.doc_id = r.id::text and i.status = 'open'
  ), heard as (
    insert into oms.wakes (workflow_id, kind, ref)
    select 'return/' || r.return_id, 'refund_' || w.status, r.id::text from refund r, what w
    where r.return_id is not null and w.status in ('succeeded', 'failed', 'canceled')
    on conflict (workflow_id, kind, ref) do nothing
  ), passed_on as (
    insert into oms.wakes (workflow_id, kind, ref)
    select e.workflow_id, 'exchange_returned', m.share_id::text
    from money m join oms.payments q on q.id = m.id
      join oms.refunds e on e.exchange_order_id = q.order_id and e.destination = 'exchange' and e.status = 'succeeded'
    where q.method = 'exchange_credit' and m.way = 'exchange' and m.refunded_minor > 0
    on conflict (workflow_id, kind, ref) do nothing
  ),`,
  {
    result: `(select count(*)::int from refund) as changed,
    (select jsonb_agg(oms.announce('refund', r.id, a.value ->> 'type', jsonb_build_object('orderId', r.order_id,
        'refundId', r.id, 'customerId', m.customer_id, 'currency', r.currency, 'amountMinor', a.value -> 'amountMinor'))::text
        order by a.ordinality)
      from refund r, what w, jsonb_array_elements(coalesce(w.announce, '[]')) with ordinality a) as told`,
  },
);

/**
 * Writes what a step changes: the refund, its parts with their payments' amounts and events, store credit, counters of
 * lines, incidents, announcements, and a wake for the return it belongs to. The refund must have been opened.
 */
export async function changeRefund(
  tx: Queryable,
  change: ChangeRecord,
  refund: RefundChange,
): Promise<void> {
  await runRecording(tx, CHANGE, change, [JSON.stringify(refund)]);
}
