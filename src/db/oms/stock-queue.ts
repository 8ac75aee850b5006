import type { Demand } from '../../domain/allocation';
import type { Queryable } from '../pool';

export interface Waiting {
  readonly orderId: string;
}

/** The next item that may be able to serve somebody, with all calls for it marked; null: none. */
export async function takeStockCall(tx: Queryable): Promise<string | null> {
  const { rows } = await tx.query<{ sku: string }>(
    `with next as (
       select sku from oms.stock_wakes where served_at is null order by id limit 1 for update skip locked
     )
     update oms.stock_wakes w set served_at = now() from next n where w.sku = n.sku and w.served_at is null
     returning w.sku`,
  );
  return rows[0]?.sku ?? null;
}

/**
 * Those who wait for an item, by rank, locked: shortages always come before levels. So what an order does with its own
 * wait is over before it is served, or comes after.
 */
export async function findQueue(tx: Queryable, sku: string, limit: number): Promise<Waiting[]> {
  const { rows } = await tx.query<Waiting & Record<string, unknown>>(
    `select order_id as "orderId" from oms.shortages
     where sku = $1::text and status = 'waiting'
     order by priority desc, promised_by nulls last, placed_at, order_no
     limit $2::int for update`,
    [sku, limit],
  );
  return rows;
}

/** The items that the waiting orders want besides, so that all their levels can be locked in order. */
export async function findQueuedSkus(
  tx: Queryable,
  orderIds: readonly string[],
): Promise<string[]> {
  const { rows } = await tx.query<{ sku: string }>(
    `select distinct sku from oms.shortages where order_id = any($1::uuid[]) and status = 'waiting' order by sku`,
    [orderIds],
  );
  return rows.map(({ sku }) => sku);
}

/**
 * Takes one order out of the queue, and gives the id of its shortage; null when it left the queue meanwhile. Its shortage rows stay locked, so a cancel
 * waits for what is reserved here.
 */
export async function takeFromQueue(tx: Queryable, orderId: string): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `update oms.shortages set status = 'served', ended_at = now() where order_id = $1::uuid and status = 'waiting'
     returning id`,
    [orderId],
  );
  return rows.map(({ id }) => id).toSorted()[0] ?? null;
}

/** What the lines of waiting orders want and do not have. */
export async function readDemand(
  tx: Queryable,
  orderIds: readonly string[],
): Promise<Map<string, Demand[]>> {
  const { rows } = await tx.query<Demand & { orderId: string }>(
    `select l.order_id as "orderId", l.id as "lineId", l.sku, l.kit_parts as "kitParts", w.quantity
     from oms.order_lines l, lateral (
       select (l.qty_ordered - l.qty_canceled - l.qty_shipped
         - coalesce(sum(r.quantity / r.per_unit) filter (where r.is_lead), 0))::int as quantity
       from oms.reservations r where r.order_line_id = l.id and r.state = 'committed') w
     where l.order_id = any($1::uuid[]) and l.known_sku and l.requires_shipping and w.quantity > 0
     order by l.order_id, l.line_no`,
    [orderIds],
  );
  const demands = new Map<string, Demand[]>();
  for (const { orderId, ...demand } of rows)
    demands.set(orderId, [...(demands.get(orderId) ?? []), demand]);
  return demands;
}
