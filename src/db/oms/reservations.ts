import { type AllocationPart, type Demand, toStockDemand } from '../../domain/allocation';
import type { Queryable } from '../pool';

export interface LockedLevel {
  readonly sku: string;
  readonly location: string;
  readonly priority: number;
  readonly available: number;
  readonly backorder: boolean;
}

/** Units reserved per order line, by whomever. */
export async function readReserved(tx: Queryable, orderId: string): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ line: string; quantity: number }>(
    `select order_line_id as line, (sum(quantity / per_unit) filter (where is_lead))::int as quantity from oms.reservations
     where order_id = $1::uuid and state in ('held', 'committed') group by 1`,
    [orderId],
  );
  return new Map(rows.map(({ line, quantity }) => [line, quantity]));
}

/** Locks all levels of the items in (item, location) order and says whether somebody waits for them already. */
export async function lockStock(
  tx: Queryable,
  orderId: string,
  skus: readonly string[],
): Promise<{ levels: LockedLevel[]; isQueued: boolean }> {
  const levels = await lockLevels(tx, skus);
  const { rows } = await tx.query<{ waiting: boolean }>(
    `select exists (
       select from oms.shortages s, oms.orders o
       where s.sku = any($2::text[]) and s.status = 'waiting' and s.order_id <> o.id and o.id = $1::uuid
         and (-s.priority, coalesce(s.promised_by, 'infinity'), s.placed_at, s.order_no)
           <= (-array_position(array['low', 'normal', 'high', 'urgent'], o.priority) + 1,
             coalesce(o.promised_by, 'infinity'), o.placed_at, o.order_no)) as waiting`,
    [orderId, skus],
  );
  return { levels, isQueued: rows[0]?.waiting ?? false };
}

/**
 * Locks all levels of the items, in (item, location) order: the only order there is. Gives those at active locations.
 */
export async function lockLevels(tx: Queryable, skus: readonly string[]): Promise<LockedLevel[]> {
  const { rows } = await tx.query<LockedLevel & { active: boolean }>(
    `select v.sku, v.location, l.priority, l.active, v.backorder,
       v.on_hand - v.reserved - v.safety_stock - v.unavailable as available
     from oms.inventory_levels v join oms.locations l on l.code = v.location
     where v.sku = any($1::text[])
     order by v.sku, v.location for update of v`,
    [skus],
  );
  return rows.filter(({ active }) => active);
}

const RESERVE = `
  with part as (
    select p."lineId"::uuid as line, p.sku, p.location, p.quantity, coalesce(p."perUnit", 1) as per_unit,
      coalesce(p."isLead", true) as is_lead
    from jsonb_to_recordset($2::jsonb) as p("lineId" text, sku text, location text, quantity int, "perUnit" int,
      "isLead" boolean)
  ), reserved as (
    insert into oms.reservations (order_id, order_line_id, sku, location, quantity, per_unit, is_lead, cause_key,
      fulfillment_order_id)
    select $1::uuid, line, sku, location, quantity, per_unit, is_lead, $3::text, $4::uuid from part
    returning id, sku, location, quantity
  ), ledger as (
    insert into oms.stock_ledger (sku, location, delta_reserved, reason, doc_type, doc_id, actor_type, actor_id)
    select sku, location, quantity, 'reserve', 'reservation', id, 'system', 'order-workflow' from reserved
  )
  update oms.inventory_levels v set reserved = v.reserved + w.quantity, updated_at = now()
  from (select sku, location, sum(quantity)::int as quantity from part group by 1, 2) w
  where v.sku = w.sku and v.location = w.location`;

/** One cause reserves once: the order as a whole, or what asked for more of it later. */
export interface ReservationCause {
  readonly key: string;
  /** The work that the units are for; left out: it is planned later. */
  readonly fulfillmentOrderId?: string;
}

const THE_ORDER: ReservationCause = { key: 'order' };

/** Writes reservations with levels and ledger. The levels must be locked, and suffice. */
export async function writeReservations(
  tx: Queryable,
  orderId: string,
  parts: readonly AllocationPart[],
  cause: ReservationCause = THE_ORDER,
): Promise<void> {
  const values = [orderId, JSON.stringify(parts), cause.key, cause.fulfillmentOrderId ?? null];
  await tx.query(RESERVE, values);
}

/** Reserves for an order whose row is locked, its lines' counters included. */
export async function reserveParts(
  tx: Queryable,
  orderId: string,
  parts: readonly AllocationPart[],
  cause: ReservationCause = THE_ORDER,
): Promise<void> {
  if (parts.length > 0) await writeReservations(tx, orderId, parts, cause);
  await takeServed(tx, orderId);
}

/** Writes into the lines what is reserved for them. */
export async function takeServed(tx: Queryable, orderId: string): Promise<void> {
  await tx.query(
    `update oms.order_lines l set qty_allocated = r.units
     from (select order_line_id, (sum(quantity / per_unit) filter (where is_lead))::int as units from oms.reservations
       where order_id = $1::uuid and state = 'committed' group by 1) r
     where l.id = r.order_line_id and l.qty_allocated <> r.units`,
    [orderId],
  );
}

interface QueueEntry {
  readonly id: string;
  readonly orderNo: string;
  readonly promisedBy: string | null;
  readonly placedAt: string;
}

/**
 * Puts an order into the queue of each of its items; one that is in it stays where it is. `isServable`: there is
 * stock for it, only others come first, so the lane is called to serve the queue at once.
 */
export async function joinQueue(
  tx: Queryable,
  order: QueueEntry,
  wish: { readonly demand: readonly Demand[]; readonly rank: number; readonly isServable: boolean },
): Promise<void> {
  await tx.query(
    `with wanted as (
       select d.sku, d.quantity from jsonb_to_recordset($2::jsonb) as d(sku text, quantity int)
     ), queued as (
       insert into oms.shortages (order_id, sku, quantity, priority, promised_by, placed_at, order_no)
       select $1::uuid, w.sku, w.quantity, $3::int, $4::timestamptz, $5::timestamptz, $6::text from wanted w
       on conflict (order_id, sku) where status = 'waiting' do nothing
     )
     insert into oms.stock_wakes (sku) select sku from wanted where $7::boolean`,
    [
      order.id,
      JSON.stringify([...toStockDemand(wish.demand)].map(([sku, quantity]) => ({ sku, quantity }))),
      wish.rank,
      order.promisedBy,
      order.placedAt,
      order.orderNo,
      wish.isServable,
    ],
  );
}
