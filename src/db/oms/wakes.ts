import type { Queryable } from '../pool';

export interface Wake {
  readonly id: string;
  readonly workflowId: string;
  readonly kind: string;
  readonly ref: string;
}

/** Wakes that no workflow has heard of, oldest first. */
export async function findOpenWakes(
  db: Queryable,
  store: 'oms' | 'crm',
  limit: number,
): Promise<Wake[]> {
  const { rows } = await db.query<Wake & Record<string, unknown>>(FIND[store], [limit]);
  return rows;
}

const FIND = {
  oms: `select id, workflow_id as "workflowId", kind, ref from oms.wakes where signaled_at is null order by id limit $1::int`,
  crm: `select id, workflow_id as "workflowId", kind, ref from crm.wakes where signaled_at is null order by id limit $1::int`,
} as const;

/** Marks wakes as heard. A signal whose mark is lost is sent again; workflows know the id. */
export async function markSignaled(
  db: Queryable,
  store: 'oms' | 'crm',
  ids: readonly string[],
): Promise<void> {
  await db.query(MARK[store], [ids]);
}

const MARK = {
  oms: `update oms.wakes set signaled_at = now() where id = any($1::uuid[])`,
  crm: `update crm.wakes set signaled_at = now() where id = any($1::uuid[])`,
} as const;

/** A fact that an order's workflow must hear of; the same fact twice is one wake. */
export async function insertWake(
  tx: Queryable,
  orderId: string,
  kind: string,
  ref: string,
): Promise<void> {
  await insertWorkflowWake(tx, `order/${orderId}`, kind, ref);
}

/** A fact that a workflow must hear of; the same fact twice is one wake. */
export async function insertWorkflowWake(
  tx: Queryable,
  workflowId: string,
  kind: string,
  ref: string,
): Promise<void> {
  await tx.query(
    `insert into oms.wakes (workflow_id, kind, ref) values ($1::text, $2::text, $3::text)
     on conflict (workflow_id, kind, ref) do nothing`,
    [workflowId, kind, ref],
  );
}

export interface OrderToResume {
  readonly orderId: string;
  readonly orderNo: string;
  readonly channel: string;
}

/** The order behind a workflow id if its row is still open: it must have a workflow. */
export async function findOpenOrder(
  db: Queryable,
  workflowId: string,
): Promise<OrderToResume | null> {
  const { rows } = await db.query<OrderToResume & Record<string, unknown>>(
    `select id as "orderId", order_no as "orderNo", channel from oms.orders
     where workflow_id = $1::text and phase <> 'over' and id = nullif(split_part($1::text, '/', 2), '')::uuid`,
    [workflowId],
  );
  return rows[0] ?? null;
}

/** Open orders after `afterId`, in id order, that are older than ten seconds. */
export async function findOpenOrders(
  db: Queryable,
  afterId: string,
  limit: number,
): Promise<OrderToResume[]> {
  const { rows } = await db.query<OrderToResume & Record<string, unknown>>(
    `select id as "orderId", order_no as "orderNo", channel from oms.orders
     where phase <> 'over' and id > $1::uuid and created_at < now() - interval '10 seconds' order by id limit $2::int`,
    [afterId, limit],
  );
  return rows;
}

/** How many orders must have a workflow. */
export async function countOpenOrders(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*)::int as n from oms.orders where phase <> 'over'`,
  );
  return rows[0]?.n ?? 0;
}

/** Accepted intakes that nobody has placed for 5 seconds, those tried least first. */
export async function findLateIntakes(db: Queryable, limit: number): Promise<OrderToResume[]> {
  const { rows } = await db.query<OrderToResume & Record<string, unknown>>(
    `update oms.intakes i set attempts = attempts + 1, updated_at = now()
     where id in (
       select id from oms.intakes
       where status = 'accepted' and created_at < now() - interval '5 seconds'
         and updated_at < now() - least(interval '30 seconds', interval '1 second' * attempts)
       order by created_at limit $1::int for update skip locked)
     returning i.order_id as "orderId", i.order_no as "orderNo", i.channel`,
    [limit],
  );
  return rows;
}

/**
 * Wakes the workflows of orders that should be running and have not moved for a while: a step may have committed and its
 * answer been lost with the worker. One wake per order and revision, so an outage that is waited out costs one signal.
 */
export async function wakeStalledOrders(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    `insert into oms.wakes (workflow_id, kind, ref)
     select o.workflow_id, case when u.is_unplanned then 'stock_served'
         else 'state_changed' end, o.revision::text
     from oms.orders o, lateral (
       select o.phase = 'fulfill' and exists (select from oms.reservations r
           where r.order_id = o.id and r.state = 'committed' and r.fulfillment_order_id is null)
         and not exists (select from oms.order_holds h where h.order_id = o.id and h.status = 'active') as is_unplanned) u
     where o.updated_at < now() - interval '15 seconds' and (
       o.phase in ('reserve', 'pay', 'complete') and o.wait_code is null
       or o.phase = 'cancel'
       or u.is_unplanned
       or o.phase in ('fulfill', 'track') and exists (
         select from oms.captures c where c.order_id = o.id and c.status = 'owed')
       or o.phase in ('fulfill', 'track') and exists (
         select from oms.shipments s where s.order_id = o.id and s.booking_status = 'voiding')
       or o.phase = 'track' and not oms.is_settled(o.id))
     on conflict (workflow_id, kind, ref) do nothing`,
  );
  return rowCount ?? 0;
}
