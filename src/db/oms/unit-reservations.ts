import type { Queryable } from '../pool';
import type { Actor } from './record-change';

/** A live reservation of an order. */
export interface LiveReservation {
  readonly id: string;
  readonly lineId: string;
  readonly sku: string;
  readonly location: string;
  readonly quantity: number;
  /** Units of the item in one unit of the line. */
  readonly perUnit: number;
  /** Of a kit's parts one stands for the line's units. */
  readonly isLead: boolean;
  /** The work that will ship it; null: not planned yet. */
  readonly fulfillmentOrderId: string | null;
}

/** What an order holds now. */
export async function findLiveReservations(
  tx: Queryable,
  orderId: string,
): Promise<LiveReservation[]> {
  const { rows } = await tx.query<LiveReservation & Record<string, unknown>>(
    `select id, order_line_id as "lineId", sku, location, quantity, per_unit as "perUnit", is_lead as "isLead",
       fulfillment_order_id as "fulfillmentOrderId"
     from oms.reservations
     where order_id = $1::uuid and state in ('held', 'committed') order by id`,
    [orderId],
  );
  return rows;
}

/** A reservation that keeps `quantity` of its units; 0: none. */
export interface KeptReservation {
  readonly id: string;
  readonly quantity: number;
}

const LOCK_LEVELS = `
  select v.sku from oms.inventory_levels v
  where (v.sku, v.location) in (select sku, location from oms.reservations where id = any($1::uuid[]))
  order by v.sku, v.location for update of v`;

const RELEASE = `
  with released as (
    update oms.reservations set state = 'released', ended_at = now()
    where id = any($1::uuid[]) and state in ('held', 'committed')
    returning id, sku, location, quantity
  ), ledger as (
    insert into oms.stock_ledger (sku, location, delta_reserved, reason, doc_type, doc_id, actor_type, actor_id)
    select sku, location, -quantity, 'release', 'reservation', id, $2::text, $3::text from released
  ), levels as (
    update oms.inventory_levels v set reserved = v.reserved - r.quantity, updated_at = now()
    from (select sku, location, sum(quantity)::int as quantity from released group by 1, 2) r
    where v.sku = r.sku and v.location = r.location
  )
  insert into oms.stock_wakes (sku) select distinct sku from released`;

const KEEP = `
  with kept as (
    insert into oms.reservations (order_id, order_line_id, sku, location, quantity, per_unit, is_lead, cause_key,
      fulfillment_order_id)
    select r.order_id, r.order_line_id, r.sku, r.location, k.quantity, r.per_unit, r.is_lead, r.cause_key,
      r.fulfillment_order_id
    from jsonb_to_recordset($1::jsonb) as k(id uuid, quantity int) join oms.reservations r on r.id = k.id
    where k.quantity > 0
    returning id, sku, location, quantity
  ), ledger as (
    insert into oms.stock_ledger (sku, location, delta_reserved, reason, doc_type, doc_id, actor_type, actor_id)
    select sku, location, quantity, 'reserve', 'reservation', id, $2::text, $3::text from kept
  )
  update oms.inventory_levels v set reserved = v.reserved + k.quantity, updated_at = now()
  from (select sku, location, sum(quantity)::int as quantity from kept group by 1, 2) k
  where v.sku = k.sku and v.location = k.location`;

/**
 * Gives back a part of reservations: each is released as a whole, and what it keeps is reserved anew in the same
 * transaction, so that every reservation's ledger rows tell its own quantity. Calls for those who wait. The order's row
 * must be locked.
 */
export async function keepReservations(
  tx: Queryable,
  kept: readonly KeptReservation[],
  actor: Actor,
): Promise<void> {
  if (kept.length === 0) return;
  const ids = kept.map(({ id }) => id);
  await tx.query(LOCK_LEVELS, [ids]);
  await tx.query(RELEASE, [ids, actor.type, actor.id]);
  await tx.query(KEEP, [JSON.stringify(kept), actor.type, actor.id]);
}
