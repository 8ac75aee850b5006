/**
 * Plans the work on all of order `$1` that no fulfilment order covers yet, where the CTE `next` says `planned`: one
 * fulfilment order per location that holds stock for it, and one without a location (`scheduled`) for what was chosen to
 * follow. Once that is served it is opened where its stock is. Counts the lines' units as well: the wake lane, which
 * reserves for those who wait, cannot. For use inside a recording statement; ends in a comma.
 */
export const PLAN_FULFILLMENT = `
  free as (
    select r.order_line_id, r.location, (sum(r.quantity / r.per_unit) filter (where r.is_lead))::int as units
    from next n, oms.reservations r
    where n.planned and r.order_id = $1::uuid and r.state = 'committed' and r.fulfillment_order_id is null
    group by 1, 2
  ), held as (
    select l.id, l.sku, l.qty_allocated, coalesce(r.units, 0)::int as units,
      (l.qty_ordered - l.qty_canceled - l.qty_shipped - coalesce(r.units, 0))::int as missing
    from next n, oms.order_lines l left join lateral (
      select sum(quantity / per_unit) filter (where is_lead) as units from oms.reservations
      where order_line_id = l.id and state = 'committed') r on true
    where n.planned and l.order_id = $1::uuid and l.requires_shipping
  ), counted as (
    update oms.order_lines l set qty_allocated = h.units from held h where l.id = h.id and h.qty_allocated <> h.units
  ), waits as (
    select exists (select from oms.shortages where order_id = $1::uuid and status = 'waiting' and is_backorder) as waiting
  ), reopened as (
    update oms.fulfillment_orders f set status = 'open', version = f.version + 1, updated_at = now(),
      location = (select min(location) from free)
    from waits w where f.order_id = $1::uuid and f.status = 'scheduled' and not w.waiting and exists (select from free)
    returning f.id, f.location
  ), added as (
    insert into oms.fulfillment_orders (order_id, location, priority, promised_by)
    select o.id, p.location, o.priority, o.promised_by
    from oms.orders o, (select distinct location from free except select location from reopened) p
    where o.id = $1::uuid
    order by p.location
    returning id, location
  ), scheduled as (
    insert into oms.fulfillment_orders (order_id, status, backorder, priority, promised_by)
    select o.id, 'scheduled', true, o.priority, o.promised_by
    from next n, waits w, oms.orders o
    where n.planned and w.waiting and o.id = $1::uuid and not exists (
      select from oms.fulfillment_orders f where f.order_id = o.id and f.status = 'scheduled')
    returning id
  ), planned as (
    select id, location, true as is_open from added union all select id, location, true from reopened
    union all select id, null, false from scheduled
    union all select f.id, null, false from next n, waits w, oms.fulfillment_orders f
      where n.planned and w.waiting and f.order_id = $1::uuid and f.status = 'scheduled'
  ), planned_units as (
    select p.id, f.order_line_id, f.units from planned p join free f on f.location = p.location
    union all select p.id, h.id, h.missing from planned p, held h where not p.is_open and h.missing > 0
  ), planned_lines as (
    insert into oms.fulfillment_order_lines (fulfillment_order_id, order_line_id, sku, quantity)
    select u.id, u.order_line_id, h.sku, u.units from planned_units u join held h on h.id = u.order_line_id
    on conflict (fulfillment_order_id, order_line_id) do update set quantity = excluded.quantity
  ), elsewhere as (
    update oms.fulfillment_order_lines l set quantity = 0
    from planned p where l.fulfillment_order_id = p.id and not exists (
      select from planned_units u where u.id = p.id and u.order_line_id = l.order_line_id)
  ), assigned as (
    update oms.reservations r set fulfillment_order_id = p.id
    from planned p
    where r.order_id = $1::uuid and r.location = p.location and r.state = 'committed' and r.fulfillment_order_id is null
  ),`;

/** The fulfilment orders that were planned, as `PlannedFulfillment`s. */
export const PLANNED = `(select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'isScheduled', not p.is_open)
    order by p.id), '[]') from planned p) as planned`;

export interface PlannedFulfillment {
  readonly id: string;
  /** It waits for stock. */
  readonly isScheduled: boolean;
}
