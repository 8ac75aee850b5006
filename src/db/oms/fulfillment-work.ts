import type {
  FulfillmentOrder,
  FulfillmentOrderQuery,
  PickBody,
} from '../../contracts/fulfillment';
import type { Queryable } from '../pool';

import { FULFILLMENT_JSON } from './order-json';
import { toFulfillmentOrder, type StoredFulfillment } from './order-views';

/** One fulfilment order as callers see it; null when there is none. */
export async function findFulfillmentOrder(
  db: Queryable,
  id: string,
): Promise<FulfillmentOrder | null> {
  const { rows } = await db.query<{ document: StoredFulfillment }>(
    `select ${FULFILLMENT_JSON} as document
     from oms.fulfillment_orders f join oms.orders o on o.id = f.order_id where f.id = $1::uuid`,
    [id],
  );
  const stored = rows[0]?.document;
  return stored === undefined ? null : toFulfillmentOrder(stored);
}

/** Fulfilment orders that match every filter, newest first. */
export async function listFulfillmentOrders(
  db: Queryable,
  filter: Omit<FulfillmentOrderQuery, 'limit' | 'cursor'>,
  page: { readonly after: string | null; readonly limit: number },
): Promise<FulfillmentOrder[]> {
  const { rows } = await db.query<{ document: StoredFulfillment }>(
    `select ${FULFILLMENT_JSON} as document
     from oms.fulfillment_orders f join oms.orders o on o.id = f.order_id
     where ($1::text is null or f.location = $1) and ($2::text is null or f.status = $2)
       and ($3::text is null or f.priority = $3) and ($4::uuid is null or f.order_id = $4)
       and ($5::uuid is null or f.id < $5)
     order by f.id desc limit $6::integer`,
    [
      filter.location ?? null,
      filter.status ?? null,
      filter.priority ?? null,
      filter.orderId ?? null,
      page.after,
      page.limit,
    ],
  );
  return rows.map((row) => toFulfillmentOrder(row.document));
}

/** The order that a fulfilment order belongs to; null when there is none. */
export async function findFulfillmentParent(db: Queryable, id: string): Promise<string | null> {
  const { rows } = await db.query<{ order_id: string }>(
    'select order_id from oms.fulfillment_orders where id = $1::uuid',
    [id],
  );
  return rows[0]?.order_id ?? null;
}

/**
 * Locks an order and then one of its fulfilment orders. Every writer takes them in this order, and the event counter
 * after them, so that none waits for another in a circle.
 */
export async function lockFulfillmentOrder(
  tx: Queryable,
  orderId: string,
  id: string,
): Promise<FulfillmentOrder | null> {
  await tx.query('select 1 from oms.orders where id = $1::uuid for update', [orderId]);
  await tx.query('select 1 from oms.fulfillment_orders where id = $1::uuid for update', [id]);
  return findFulfillmentOrder(tx, id);
}

/** `open` → `in_progress`; false when it was not open. */
export async function setStarted(tx: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update oms.fulfillment_orders set status = 'in_progress', version = version + 1, updated_at = now()
     where id = $1::uuid and status = 'open'`,
    [id],
  );
  return rowCount === 1;
}

/** Adds picked units to the lines; the caller has checked them under the lock. */
export async function addPicked(
  tx: Queryable,
  id: string,
  lines: PickBody['lines'],
): Promise<void> {
  await tx.query(
    `with asked as (
       select p."lineId" as line_id, sum(p.quantity)::integer as quantity,
         jsonb_path_query_array(jsonb_agg(p.serials), '$[*][*]') as serials
       from jsonb_to_recordset($2::jsonb) as p("lineId" uuid, quantity integer, serials jsonb)
       group by p."lineId"
     ), touched as (
       update oms.fulfillment_orders set version = version + 1, updated_at = now() where id = $1::uuid
     )
     update oms.fulfillment_order_lines w
     set picked = w.picked + a.quantity, serials = w.serials || coalesce(a.serials, '[]')
     from asked a where w.fulfillment_order_id = $1::uuid and w.order_line_id = a.line_id`,
    [id, JSON.stringify(lines)],
  );
}
