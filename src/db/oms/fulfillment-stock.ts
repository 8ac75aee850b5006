import type { Queryable } from '../pool';
import type { Actor } from './record-change';

/** `$1` fulfilment order, `$2` lines, `$3` command. Of several reservations of a line the oldest give first. */
const REPORT_SHORT = `
  with asked as (
    select a."lineId" as line, sum(a.quantity)::int as quantity
    from jsonb_to_recordset($2::jsonb) as a("lineId" uuid, quantity int) group by 1
  ), held as (
    select r.id, r.sku, r.location, r.quantity, a.quantity * r.per_unit as wanted,
      coalesce(sum(r.quantity) over (partition by r.order_line_id, r.sku order by r.id
        rows between unbounded preceding and 1 preceding), 0)::int as before
    from asked a join oms.reservations r on r.order_line_id = a.line
    where r.fulfillment_order_id = $1::uuid and r.state = 'committed'
  ), short as (
    select id, sku, location, quantity, least(quantity, wanted - before) as units from held where wanted > before
  ), shrunk as (
    update oms.reservations r set
      quantity = case when s.units = s.quantity then s.quantity else s.quantity - s.units end,
      state = case when s.units = s.quantity then 'released' else r.state end,
      ended_at = case when s.units = s.quantity then now() end
    from short s where r.id = s.id
  ), levels as (
    update oms.inventory_levels v set reserved = v.reserved - s.units, unavailable = v.unavailable + s.units,
      updated_at = now()
    from (select sku, location, sum(units)::int as units from short group by 1, 2) s
    where v.sku = s.sku and v.location = s.location
  ), ledger as (
    insert into oms.stock_ledger (sku, location, delta_reserved, delta_unavailable, reason, doc_type, doc_id, doc_line,
      actor_type, actor_id, request_id)
    select sku, location, -units, units, 'short', 'reservation', id, $3::text, $4::text, $5::text, $6::text from short
  ), counted as (
    update oms.order_lines l set qty_allocated = l.qty_allocated - a.quantity from asked a where l.id = a.line
  ), work as (
    update oms.fulfillment_order_lines l set quantity = l.quantity - a.quantity
    from asked a where l.fulfillment_order_id = $1::uuid and l.order_line_id = a.line
    returning l.quantity
  )
  update oms.fulfillment_orders f set version = f.version + 1, updated_at = now(),
    status = case when $7::boolean then 'canceled' else f.status end
  where f.id = $1::uuid`;

export interface ShortReport {
  readonly fulfillmentOrderId: string;
  readonly commandId: string;
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
  /** Nothing else is left of the work: it is over. */
  readonly isAll: boolean;
  readonly actor: Actor;
  readonly requestId: string | null;
}

/**
 * Takes units that are not on the shelf off a fulfilment order: they are reserved no more and unavailable, with their
 * ledger rows. Order and levels must be locked.
 */
export async function recordShort(tx: Queryable, report: ShortReport): Promise<void> {
  await tx.query(REPORT_SHORT, [
    report.fulfillmentOrderId,
    JSON.stringify(report.lines),
    report.commandId,
    report.actor.type,
    report.actor.id,
    report.requestId,
    report.isAll,
  ]);
}

const MOVE = `
  with released as (
    update oms.reservations set state = 'released', ended_at = now()
    where fulfillment_order_id = $1::uuid and state = 'committed'
    returning id, order_id, order_line_id, sku, location, quantity, per_unit, is_lead
  ), ended as (
    insert into oms.stock_ledger (sku, location, delta_reserved, reason, doc_type, doc_id, actor_type, actor_id, request_id)
    select sku, location, -quantity, 'release', 'reservation', id, $4::text, $5::text, $6::text from released
  ), taken as (
    insert into oms.reservations (order_id, order_line_id, sku, location, quantity, per_unit, is_lead, cause_key,
      fulfillment_order_id)
    select order_id, order_line_id, sku, $2::text, sum(quantity), min(per_unit), bool_or(is_lead), 'move:' || $3::text,
      $1::uuid
    from released group by order_id, order_line_id, sku
    returning id, sku, location, quantity
  ), begun as (
    insert into oms.stock_ledger (sku, location, delta_reserved, reason, doc_type, doc_id, actor_type, actor_id, request_id)
    select sku, location, quantity, 'reserve', 'reservation', id, $4::text, $5::text, $6::text from taken
  ), levels as (
    update oms.inventory_levels v set reserved = v.reserved + d.units, updated_at = now()
    from (
      select sku, location, sum(units)::int as units from (
        select sku, location, -quantity as units from released union all select sku, location, quantity from taken) b
      group by 1, 2) d
    where v.sku = d.sku and v.location = d.location
  ), freed as (
    insert into oms.stock_wakes (sku) select distinct sku from released
  )
  update oms.fulfillment_orders f set location = $2::text, version = f.version + 1, updated_at = now()
  where f.id = $1::uuid`;

export interface FulfillmentMove {
  readonly fulfillmentOrderId: string;
  readonly location: string;
  readonly commandId: string;
  readonly actor: Actor;
  readonly requestId: string | null;
}

/**
 * Moves a fulfilment order with its stock to another location: released there, reserved here, with ledger rows and a
 * call for those who wait. Order and levels of both must be locked, and suffice.
 */
export async function recordMove(tx: Queryable, move: FulfillmentMove): Promise<void> {
  await tx.query(MOVE, [
    move.fulfillmentOrderId,
    move.location,
    move.commandId,
    move.actor.type,
    move.actor.id,
    move.requestId,
  ]);
}

/** What a fulfilment order holds, per stock item. */
export async function readHeld(
  tx: Queryable,
  fulfillmentOrderId: string,
): Promise<{ sku: string; quantity: number }[]> {
  const { rows } = await tx.query<{ sku: string; quantity: number }>(
    `select sku, sum(quantity)::int as quantity from oms.reservations
     where fulfillment_order_id = $1::uuid and state = 'committed' group by sku order by sku`,
    [fulfillmentOrderId],
  );
  return rows;
}
