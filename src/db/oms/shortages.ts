import type { Demand } from '../../domain/allocation';
import { toStockDemand } from '../../domain/allocation';
import type { Queryable } from '../pool';

/**
 * Locks an order's place in the queues, before any level is locked; false: it has none (any more). So the wake lane
 * serves it before this, or not until the transaction is over.
 */
export async function lockQueued(tx: Queryable, orderId: string): Promise<boolean> {
  const { rows } = await tx.query(
    `select id from oms.shortages where order_id = $1::uuid and status = 'waiting' order by id for update`,
    [orderId],
  );
  return rows.length > 0;
}

const LET_REST_FOLLOW = `
  with rest as (
    select r.sku, r.quantity from jsonb_to_recordset($2::jsonb) as r(sku text, quantity int)
  )
  update oms.shortages s set is_backorder = true, quantity = coalesce(w.quantity, s.quantity),
    status = case when w.quantity is null then 'withdrawn' else 'waiting' end,
    ended_at = case when w.quantity is null then now() end
  from (
    select q.id, r.quantity from oms.shortages q left join rest r on r.sku = q.sku
    where q.order_id = $1::uuid and q.status = 'waiting') w
  where s.id = w.id`;

/** The order goes on without the rest, which keeps its place in the queues; what is not missing leaves them. */
export async function letRestFollow(
  tx: Queryable,
  orderId: string,
  rest: readonly Demand[],
): Promise<void> {
  const items = [...toStockDemand(rest)].map(([sku, quantity]) => ({ sku, quantity }));
  await tx.query(LET_REST_FOLLOW, [orderId, JSON.stringify(items)]);
}

/** The order wants nothing more than it has, but for what somebody chose to let follow. */
export async function withdrawShortage(tx: Queryable, orderId: string): Promise<void> {
  await tx.query(
    `update oms.shortages set status = 'withdrawn', ended_at = now()
     where order_id = $1::uuid and status = 'waiting' and not is_backorder`,
    [orderId],
  );
}

const DROP_UNITS = `
  with dropped as (
    select d."lineId" as id, d.quantity from jsonb_to_recordset($2::jsonb) as d("lineId" uuid, quantity int)
  )
  update oms.order_lines l set qty_canceled = l.qty_canceled + d.quantity
  from dropped d where l.id = d.id and l.order_id = $1::uuid`;

/** Cancels units that hold no stock. */
export async function dropUnits(
  tx: Queryable,
  orderId: string,
  units: readonly { readonly lineId: string; readonly quantity: number }[],
): Promise<void> {
  await tx.query(DROP_UNITS, [orderId, JSON.stringify(units)]);
}
