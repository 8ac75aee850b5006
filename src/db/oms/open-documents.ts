import type { Queryable } from '../pool';
import { RETURNED } from './open-refund';

/** A return or refund that must have a workflow. */
export interface OpenDocument {
  readonly kind: 'refund' | 'return';
  readonly id: string;
  readonly label: string;
}

/** Open: not ended; or taken back after its end, by the gateway or by its exchange order, which no step has booked yet. */
const OPEN = `
  select 'refund' as kind, r.id, 'Refund of order ' || o.order_no as label, r.created_at
  from oms.refunds r join oms.orders o on o.id = r.order_id
  where r.status in ('pending', 'submitted')
  union all
  select 'refund', r.id, 'Refund of order ' || o.order_no, r.created_at
  from oms.refunds r join oms.orders o on o.id = r.order_id
  where r.status in ('succeeded', 'reversed') and r.id in (
    select s.refund_id from oms.refund_payments s join oms.payments p on p.id = s.payment_id
    where s.status = 'reversed' and not exists (
      select from oms.payment_events e where e.provider = p.provider and e.psp_event_id = s.idempotency_key || ':reverse'))
  union all
  select 'refund', r.id, 'Refund of order ' || o.order_no, r.created_at
  from oms.refunds r join oms.orders o on o.id = r.order_id
  where r.id in (select t.refund_id from (${RETURNED}) t)
  union all
  select 'return', r.id, 'Return ' || r.return_no, r.created_at from oms.returns r
  where r.status in ('requested', 'approved', 'in_transit', 'partially_received', 'received', 'inspected')`;

/** The document behind a workflow id if it is open. */
export async function findOpenDocument(
  db: Queryable,
  workflowId: string,
): Promise<OpenDocument | null> {
  const [kind, id] = workflowId.split('/');
  const { rows } = await db.query<OpenDocument & Record<string, unknown>>(
    `select d.kind, d.id, d.label from (${OPEN}) d where d.id = $2::uuid and d.kind = $1::text`,
    [kind, id],
  );
  return rows[0] ?? null;
}

/** How many documents must have a workflow. */
export async function countOpenDocuments(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>(`select count(*)::int as n from (${OPEN}) d`);
  return rows[0]?.n ?? 0;
}

/** Open documents after `afterId`, in id order, that are older than ten seconds. */
export async function findOpenDocuments(
  db: Queryable,
  afterId: string,
  limit: number,
): Promise<OpenDocument[]> {
  const { rows } = await db.query<OpenDocument & Record<string, unknown>>(
    `select d.kind, d.id, d.label from (${OPEN}) d
     where d.id > $1::uuid and d.created_at < now() - interval '10 seconds' order by d.id limit $2::int`,
    [afterId, limit],
  );
  return rows;
}
