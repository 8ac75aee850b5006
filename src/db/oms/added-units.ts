import type { Queryable } from '../pool';

const ADD_WORK = `
  with part as (
    select r.order_line_id as line_id, r.location, (sum(r.quantity / r.per_unit) filter (where r.is_lead))::int as quantity
    from oms.reservations r where r.order_id = $1::uuid and r.state = 'committed' and r.fulfillment_order_id is null
    group by 1, 2
  ), open as (
    select distinct on (f.location) f.id, f.location from oms.fulfillment_orders f
    where f.order_id = $1::uuid and f.status in ('open', 'on_hold', 'in_progress') and f.packed_at is null
    order by f.location, f.id
  ), added as (
    insert into oms.fulfillment_orders (order_id, location, priority, promised_by)
    select o.id, p.location, o.priority, o.promised_by
    from oms.orders o, (select distinct location from part except select location from open) p
    where o.id = $1::uuid order by p.location
    returning id, location
  ), work as (
    select * from open union all select * from added
  ), assigned as (
    update oms.reservations r set fulfillment_order_id = f.id
    from work f where r.order_id = $1::uuid and r.location = f.location and r.state = 'committed'
      and r.fulfillment_order_id is null
  )
  insert into oms.fulfillment_order_lines as w (fulfillment_order_id, order_line_id, sku, quantity)
  select f.id, p.line_id, l.sku, p.quantity
  from part p join work f on f.location = p.location join oms.order_lines l on l.id = p.line_id
  on conflict (fulfillment_order_id, order_line_id) do update set quantity = w.quantity + excluded.quantity`;

/** Adds what nobody works on yet to the work at its location: to a fulfilment order that is not packed, else to a new one. */
export async function addWork(tx: Queryable, orderId: string): Promise<void> {
  await tx.query(ADD_WORK, [orderId]);
}

/** Orders that wait are ranked anew, and served again where that may change who comes first. */
export async function rankAnew(tx: Queryable, orderId: string, rank: number): Promise<void> {
  await tx.query(
    `with ranked as (
       update oms.shortages s set priority = $2::int, promised_by = o.promised_by from oms.orders o
       where o.id = $1::uuid and s.order_id = o.id and s.status = 'waiting'
         and (s.priority <> $2::int or s.promised_by is distinct from o.promised_by)
       returning s.sku
     )
     insert into oms.stock_wakes (sku) select distinct sku from ranked`,
    [orderId, rank],
  );
}
