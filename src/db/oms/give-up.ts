import type { Queryable } from '../pool';
import type { Actor } from './record-change';

const GIVE_UP = `
  with released as (
    update oms.reservations set state = 'released', ended_at = now()
    where order_id = $1::uuid and state in ('held', 'committed')
    returning id, sku, location, quantity
  ), locked as (
    select v.sku, v.location from oms.inventory_levels v
    where (v.sku, v.location) in (select sku, location from released)
    order by v.sku, v.location for update of v
  ), levels as (
    update oms.inventory_levels v set reserved = v.reserved - r.quantity, updated_at = now()
    from (select sku, location, sum(quantity)::int as quantity from released group by 1, 2) r
      join locked k on k.sku = r.sku and k.location = r.location
    where v.sku = r.sku and v.location = r.location
  ), ledger as (
    insert into oms.stock_ledger (sku, location, delta_reserved, reason, doc_type, doc_id, actor_type, actor_id)
    select sku, location, -quantity, 'release', 'reservation', id, $2::text, $3::text from released
  ), stock as (
    insert into oms.stock_wakes (sku) select distinct sku from released
  ), fulfillments as (
    update oms.fulfillment_orders set status = 'canceled', updated_at = now()
    where order_id = $1::uuid and status in ('open', 'scheduled', 'on_hold', 'in_progress')
  ), holds as (
    update oms.order_holds
    set status = 'released', released_by = $3::text, release_reason = 'canceled', released_at = now()
    where order_id = $1::uuid and status = 'active'
  ), untried as (
    update oms.payments set status = 'voided', token = null, updated_at = now()
    where order_id = $1::uuid and attempted_at is null and status in ('pending', 'action_required')
  ), tokens as (
    update oms.payments set token = null where order_id = $1::uuid and attempted_at is not null and token is not null
  )
  update oms.order_lines set qty_canceled = qty_ordered, qty_allocated = 0, qty_fulfilled = 0
  where order_id = $1::uuid`;

const LEAVE_QUEUE = `
  update oms.shortages set status = 'withdrawn', ended_at = now() where order_id = $1::uuid and status = 'waiting'`;

/**
 * Takes an order out of all queues. A statement of its own, and first: the wake lane may be serving the order, and what
 * it reserves must be seen by what follows.
 */
export async function leaveQueue(tx: Queryable, orderId: string): Promise<void> {
  await tx.query(LEAVE_QUEUE, [orderId]);
}

/**
 * Gives up all goods of an order: its place in queues, its stock (with ledger rows, and a wake for those who wait),
 * its fulfilment orders, its holds, and payments that were never tried. May run twice. The order's row must be locked.
 */
export async function giveUpGoods(tx: Queryable, orderId: string, actor: Actor): Promise<void> {
  await leaveQueue(tx, orderId);
  await tx.query(GIVE_UP, [orderId, actor.type, actor.id]);
}
