import type { Queryable } from '../pool';

/** Units of a line that a fulfilment order has to ship no more. */
export interface LessWork {
  readonly fulfillmentOrderId: string;
  readonly lineId: string;
  readonly units: number;
}

const OPEN_PACKAGES = `
  with opened as (
    update oms.fulfillment_orders set packed_at = null, updated_at = now()
    where id = any($1::uuid[]) and status = 'in_progress'
    returning id
  ), lines as (
    update oms.fulfillment_order_lines l set packed = 0 from opened o where l.fulfillment_order_id = o.id and l.packed > 0
    returning l.fulfillment_order_id, l.order_line_id
  ), units as (
    select l.order_line_id, sum(w.packed)::int as packed
    from lines l join oms.fulfillment_order_lines w
      on w.fulfillment_order_id = l.fulfillment_order_id and w.order_line_id = l.order_line_id
    group by 1
  ), counted as (
    update oms.order_lines l set qty_fulfilled = l.qty_fulfilled - u.packed from units u where l.id = u.order_line_id
  )
  update oms.shipments s set booking_status = 'voiding', updated_at = now()
  from opened o where s.fulfillment_order_id = o.id and s.booking_status in ('pending', 'booked') and s.shipped_at is null`;

/** Opens the packages of fulfilment orders again: their units are picked, and the bookings are to be taken back. */
export async function openPackages(
  tx: Queryable,
  fulfillmentOrderIds: readonly string[],
): Promise<void> {
  if (fulfillmentOrderIds.length === 0) return;
  await tx.query(OPEN_PACKAGES, [fulfillmentOrderIds]);
}

const LESSEN_WORK = `
  with less as (
    select * from jsonb_to_recordset($1::jsonb) as w("fulfillmentOrderId" uuid, "lineId" uuid, units int)
  ), lines as (
    update oms.fulfillment_order_lines l set quantity = l.quantity - w.units, picked = least(l.picked, l.quantity - w.units)
    from less w where l.fulfillment_order_id = w."fulfillmentOrderId" and l.order_line_id = w."lineId"
    returning l.fulfillment_order_id
  )
  select count(*) from lines`;

const CANCEL_EMPTY = `
  update oms.fulfillment_orders f set status = 'canceled', updated_at = now()
  where f.id = any($1::uuid[]) and f.status in ('open', 'scheduled', 'on_hold', 'in_progress') and not exists (
    select from oms.fulfillment_order_lines l where l.fulfillment_order_id = f.id and l.quantity > 0)`;

/** Takes units off fulfilment orders; one that has nothing left is canceled. What was picked for them goes back. */
export async function lessenWork(tx: Queryable, less: readonly LessWork[]): Promise<void> {
  if (less.length === 0) return;
  await tx.query(LESSEN_WORK, [JSON.stringify(less)]);
  await tx.query(CANCEL_EMPTY, [less.map(({ fulfillmentOrderId }) => fulfillmentOrderId)]);
}

/** Units reserved for line `l`: of a kit the part that leads counts. */
export const RESERVED_UNITS = `coalesce((
    select sum(r.quantity / r.per_unit) filter (where r.is_lead) from oms.reservations r
    where r.order_line_id = l.id and r.state in ('held', 'committed')), 0)`;

/** What an order is still short of, per stock item: what it wants less of, or not at all, leaves the queues. */
export async function lowerQueued(
  tx: Queryable,
  orderId: string,
  missing: ReadonlyMap<string, number>,
): Promise<void> {
  const items = [...missing].map(([sku, quantity]) => ({ sku, quantity }));
  await tx.query(
    `update oms.shortages s set quantity = least(s.quantity, coalesce(m.quantity, s.quantity)),
       status = case when m.quantity is null then 'withdrawn' else 'waiting' end,
       ended_at = case when m.quantity is null then now() end
     from oms.shortages q left join jsonb_to_recordset($2::jsonb) as m(sku text, quantity int) on m.sku = q.sku
     where q.order_id = $1::uuid and q.status = 'waiting' and s.id = q.id
       and (m.quantity is null or m.quantity < q.quantity)`,
    [orderId, JSON.stringify(items)],
  );
}

/**
 * Counts units as canceled and, unless the wake lane's reservations have not been taken over yet, what is reserved for
 * the lines now. The order's version rises: its customer would call that a change.
 */
export async function countCanceled(
  tx: Queryable,
  orderId: string,
  units: ReadonlyMap<string, number>,
  isAllocated: boolean,
): Promise<void> {
  const lines = [...units].map(([lineId, quantity]) => ({ lineId, quantity }));
  await tx.query(
    `update oms.order_lines l set qty_canceled = l.qty_canceled + c.quantity,
       qty_allocated = case when $3::boolean then ${RESERVED_UNITS} else l.qty_allocated end
     from jsonb_to_recordset($2::jsonb) as c("lineId" uuid, quantity int)
     where l.id = c."lineId" and l.order_id = $1::uuid`,
    [orderId, JSON.stringify(lines), isAllocated],
  );
}

/** Raises the version that an amend is based on. */
export async function raiseVersion(tx: Queryable, orderId: string): Promise<void> {
  await tx.query('update oms.orders set version = version + 1 where id = $1::uuid', [orderId]);
}

/**
 * Payments that nobody has asked for yet ask for what the order is worth now, less the credit that pays first and what came outside; one over
 * nothing is given up.
 */
export async function adjustAsked(tx: Queryable, orderId: string): Promise<void> {
  await tx.query(
    `with due as (
       select o.id, greatest(0, o.current_total_minor - coalesce((
         select sum(c.amount_minor) from oms.payments c
         where c.order_id = o.id and c.status <> 'voided' and (c.method in ('store_credit', 'exchange_credit')
           or c.provider = 'outside')), 0)) as minor
       from oms.orders o where o.id = $1::uuid
     )
     update oms.payments p set amount_minor = d.minor, updated_at = now(),
       status = case when d.minor = 0 then 'voided' else p.status end,
       token = case when d.minor = 0 then null else p.token end
     from due d
     where p.order_id = d.id and p.status = 'pending' and p.attempted_at is null
       and p.method in ('card', 'cod', 'invoice') and p.amount_minor <> d.minor`,
    [orderId],
  );
}

/** Counts what was captured for lines and shipping and is given back, because they are worth less now. */
export async function countCredited(
  tx: Queryable,
  orderId: string,
  lines: readonly { readonly lineId: string | null; readonly overMinor: number }[],
  shippingOverMinor: number,
): Promise<void> {
  const credited = lines.filter(({ overMinor }) => overMinor > 0);
  if (credited.length > 0)
    await tx.query(
      `update oms.order_lines l set credited_minor = l.credited_minor + c."overMinor"
       from jsonb_to_recordset($2::jsonb) as c("lineId" uuid, "overMinor" bigint)
       where l.id = c."lineId" and l.order_id = $1::uuid`,
      [orderId, JSON.stringify(credited)],
    );
  if (shippingOverMinor > 0)
    await tx.query(
      `update oms.orders set shipping_credited_minor = shipping_credited_minor + $2::bigint where id = $1::uuid`,
      [orderId, shippingOverMinor],
    );
}
