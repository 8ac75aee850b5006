/**
 * One fulfilment order per location that holds stock for order `$1`, with its lines, where the CTE `next` says
 * `planned`. For use inside a recording statement; ends in a comma.
 */
export const PLAN_FULFILLMENT = `
  planned as (
    insert into oms.fulfillment_orders (order_id, location, priority, promised_by)
    select o.id, r.location, o.priority, o.promised_by
    from next n, oms.orders o,
      (select distinct location from oms.reservations where order_id = $1::uuid and state = 'committed') r
    where n.planned and o.id = $1::uuid
    order by r.location
    returning id, location
  ), planned_lines as (
    insert into oms.fulfillment_order_lines (fulfillment_order_id, order_line_id, sku, quantity)
    select p.id, r.order_line_id, min(r.sku), sum(r.quantity)
    from planned p join oms.reservations r on r.location = p.location
    where r.order_id = $1::uuid and r.state = 'committed'
    group by p.id, r.order_line_id
  ),`;

/** Ids of the fulfilment orders that were planned. */
export const PLANNED_IDS = `(select coalesce(jsonb_agg(p.id order by p.id), '[]') from planned p) as planned`;
