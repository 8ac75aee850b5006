import type { ReturnWaitCode } from '../../contracts/return-process';
import type { Return, ReturnQuery } from '../../contracts/returns';
import { allowedReturnActions } from '../../domain/return-state';
import { uninspectedUnits } from '../../domain/return';
import { toReturnWait } from '../../domain/waiting-for';
import type { Queryable } from '../pool';
import type { LinkTo } from './order-views';

/** Returns are `r`, their order `o`. */
const RETURN_JSON = `jsonb_build_object('id', r.id, 'returnNo', r.return_no, 'orderId', r.order_id,
    'orderNo', o.order_no, 'kind', r.kind, 'status', r.status, 'exchangeLines', r.exchange_lines,
    'exchangeOrderId', r.exchange_order_id, 'note', r.note, 'requestedBy', r.requested_by, 'keepItem', r.keep_item,
    'location', r.location, 'workflowId', r.workflow_id,
    'shipment', case when r.tracking_no is not null then jsonb_build_object('carrier', r.carrier,
      'trackingNo', r.tracking_no, 'labelUrl', r.label_url, 'status', r.shipment_status) end,
    'refundIds', (select coalesce(jsonb_agg(f.id order by f.id), '[]') from oms.refunds f where f.return_id = r.id),
    'lines', (select coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'lineId', w.order_line_id, 'sku', w.sku,
        'quantity', w.quantity, 'received', w.received, 'accepted', w.accepted, 'rejected', w.rejected,
        'reason', w.reason, 'condition', w.condition, 'reception', w.reception, 'acceptance', w.acceptance,
        'disposition', w.disposition, 'refundMinor', coalesce((
          select sum(x.item_minor + case when o.tax_included then 0 else x.tax_minor end)
          from oms.refund_lines x join oms.refunds f on f.id = x.refund_id
          where f.return_id = r.id and x.order_line_id = w.order_line_id and f.status not in ('canceled', 'failed')), 0))
        order by k.line_no), '[]')
      from oms.return_lines w join oms.order_lines k on k.id = w.order_line_id where w.return_id = r.id))
  || jsonb_build_object('createdAt', oms.iso(r.created_at), 'approvedAt', oms.iso(r.approved_at),
    'declinedAt', oms.iso(r.declined_at), 'receivedAt', oms.iso(r.received_at),
    'inspectedAt', oms.iso(r.inspected_at), 'closedAt', oms.iso(r.closed_at), 'canceledAt', oms.iso(r.canceled_at),
    'expiredAt', oms.iso(r.expired_at), 'updatedAt', oms.iso(r.updated_at),
    'wait', jsonb_build_object('code', r.wait_code, 'since', oms.iso(r.wait_since), 'until', oms.iso(r.wait_until)))`;

type StoredReturn = Omit<Return, 'waitingFor' | 'allowedActions' | 'temporalUrl'> & {
  readonly wait: {
    readonly code: ReturnWaitCode | null;
    readonly since: string | null;
    readonly until: string | null;
  };
};

function toReturn({ wait, ...stored }: StoredReturn, linkTo: LinkTo): Return {
  return {
    ...stored,
    waitingFor: toReturnWait(wait),
    allowedActions: allowedReturnActions({
      kind: stored.kind,
      status: stored.status,
      isSettling: wait.code === 'refund',
      hasUninspected: stored.lines.some((line) => uninspectedUnits(line) > 0),
    }),
    temporalUrl: linkTo(stored.workflowId),
  };
}

/** One return as callers see it; null when there is none. */
export async function findReturn(
  db: Queryable,
  id: string,
  linkTo: LinkTo,
): Promise<Return | null> {
  const { rows } = await db.query<{ document: StoredReturn }>(
    `select ${RETURN_JSON} as document from oms.returns r join oms.orders o on o.id = r.order_id where r.id = $1::uuid`,
    [id],
  );
  const stored = rows[0]?.document;
  return stored === undefined ? null : toReturn(stored, linkTo);
}

/** Returns that match every filter, newest first. */
export async function listReturns(
  db: Queryable,
  filter: Omit<ReturnQuery, 'limit' | 'cursor'>,
  page: { readonly after: string | null; readonly limit: number },
  linkTo: LinkTo,
): Promise<Return[]> {
  const { rows } = await db.query<{ document: StoredReturn }>(
    `select ${RETURN_JSON} as document from oms.returns r join oms.orders o on o.id = r.order_id
     where ($1::uuid is null or r.order_id = $1) and ($2::text is null or r.status = $2)
       and ($3::text is null or r.kind = $3) and ($4::uuid is null or r.id < $4)
     order by r.id desc limit $5::integer`,
    [filter.orderId ?? null, filter.status ?? null, filter.kind ?? null, page.after, page.limit],
  );
  return rows.map(({ document }) => toReturn(document, linkTo));
}
