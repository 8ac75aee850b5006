import type { Refund } from '../../contracts/refunds';
import { refundActions } from '../../domain/refund-state';
import type { Queryable } from '../pool';
import type { LinkTo } from './order-views';

type StoredRefund = Omit<Refund, 'allowedActions' | 'temporalUrl'>;

/** A refund as callers see it; expects the refund under `r`. */
const REFUND_JSON = `jsonb_build_object('id', r.id, 'orderId', r.order_id, 'returnId', r.return_id,
    'disputeId', r.dispute_id, 'status', r.status, 'amountMinor', r.amount_minor, 'currency', r.currency,
    'reason', r.reason, 'to', r.destination, 'shippingMinor', r.shipping_minor,
    'shippingTaxMinor', r.shipping_tax_minor, 'adjustmentMinor', r.adjustment_minor,
    'requestedBy', coalesce(r.requested_staff, r.requested_by), 'approvedBy', coalesce(r.approved_staff, r.approved_by),
    'failureCode', r.failure_code, 'createdAt', oms.iso(r.created_at), 'submittedAt', oms.iso(r.submitted_at),
    'succeededAt', oms.iso(r.succeeded_at), 'failedAt', oms.iso(r.failed_at), 'canceledAt', oms.iso(r.canceled_at),
    'reversedAt', oms.iso(r.reversed_at), 'updatedAt', oms.iso(r.updated_at), 'workflowId', r.workflow_id)
  || jsonb_build_object(
    'creditNoteId', (select n.id from oms.credit_notes n where n.refund_id = coalesce(r.replaces, r.id)),
    'waitingFor', case when r.wait_code is not null then jsonb_build_object('code', r.wait_code,
      'detail', r.wait_detail, 'since', oms.iso(r.wait_since), 'until', null) end,
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('lineId', l.order_line_id, 'quantity', l.quantity,
        'itemMinor', l.item_minor, 'taxMinor', l.tax_minor) order by o.line_no), '[]')
      from oms.refund_lines l join oms.order_lines o on o.id = l.order_line_id where l.refund_id = r.id),
    'payments', (select coalesce(jsonb_agg(jsonb_build_object('paymentId', s.payment_id, 'amountMinor', s.amount_minor,
        'status', s.status, 'to', s.way, 'reference', s.reference, 'idempotencyKey', s.idempotency_key,
        'failureCode', s.failure_code) order by p.seq), '[]')
      from oms.refund_payments s join oms.payments p on p.id = s.payment_id where s.refund_id = r.id))`;

function toRefund(stored: StoredRefund, linkTo: LinkTo): Refund {
  const { status, waitingFor, workflowId } = stored;
  const allowedActions = refundActions({ status, waitCode: waitingFor?.code ?? null });
  return { ...stored, allowedActions, temporalUrl: linkTo(workflowId) };
}

/** One refund; null when there is none. */
export async function findRefund(
  db: Queryable,
  id: string,
  linkTo: LinkTo,
): Promise<Refund | null> {
  const { rows } = await db.query<{ document: StoredRefund }>(
    `select ${REFUND_JSON} as document from oms.refunds r where r.id = $1::uuid`,
    [id],
  );
  const stored = rows[0]?.document;
  return stored === undefined ? null : toRefund(stored, linkTo);
}

export interface RefundFilter {
  readonly orderId?: string | undefined;
  readonly status?: string | undefined;
}

/** Newest first. */
export async function listRefunds(
  db: Queryable,
  filter: RefundFilter,
  page: { readonly limit: number; readonly after: string | null },
  linkTo: LinkTo,
): Promise<Refund[]> {
  const { rows } = await db.query<{ document: StoredRefund }>(
    `select ${REFUND_JSON} as document from oms.refunds r
     where ($2::uuid is null or r.id < $2::uuid) and ($3::uuid is null or r.order_id = $3::uuid)
       and ($4::text is null or r.status = $4::text)
     order by r.id desc limit $1::int`,
    [page.limit, page.after, filter.orderId ?? null, filter.status ?? null],
  );
  return rows.map(({ document }) => toRefund(document, linkTo));
}
