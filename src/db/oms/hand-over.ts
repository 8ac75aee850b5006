import type { OwedCapture } from '../../contracts/order-process';
import type { CaptureShare } from '../../domain/fulfillment';
import type { Queryable } from '../pool';
import { type ChangeRecord, type Recorded, recordingWith, runRecording } from './record-change';

const HAND_OVER = recordingWith(
  `closed as (
    update oms.fulfillment_orders set status = 'closed', handed_over_at = now(), updated_at = now(),
      shipping_captured_minor = $14::bigint
    where id = $11::uuid and status = 'in_progress'
    returning id, location
  ), units as (
    select l.order_line_id, l.packed from oms.fulfillment_order_lines l join closed c on c.id = l.fulfillment_order_id
  ), lines as (
    update oms.order_lines l set qty_shipped = l.qty_shipped + u.packed, qty_allocated = l.qty_allocated - u.packed,
      captured_minor = l.captured_minor + coalesce((
        select c."amountMinor" from jsonb_to_recordset($12::jsonb) as c("lineId" uuid, "amountMinor" bigint)
        where c."lineId" = l.id), 0)
    from units u where l.id = u.order_line_id
  ), consumed as (
    update oms.reservations r set state = 'consumed', ended_at = now()
    from closed c where r.order_id = $1::uuid and r.fulfillment_order_id = c.id and r.state = 'committed'
    returning r.id, r.sku, r.location, r.quantity
  ), locked as (
    select v.sku, v.location from oms.inventory_levels v
    where (v.sku, v.location) in (select sku, location from consumed)
    order by v.sku, v.location for update of v
  ), levels as (
    update oms.inventory_levels v set on_hand = v.on_hand - c.quantity, reserved = v.reserved - c.quantity, updated_at = now()
    from (select sku, location, sum(quantity)::int as quantity from consumed group by 1, 2) c
      join locked k on k.sku = c.sku and k.location = c.location
    where v.sku = c.sku and v.location = c.location
  ), ledger as (
    insert into oms.stock_ledger (sku, location, delta_on_hand, delta_reserved, reason, doc_type, doc_id, actor_type,
      actor_id, request_id)
    select sku, location, -quantity, -quantity, 'sale', 'reservation', id, $6::text, $7::text, $8::text from consumed
  ), shipped as (
    update oms.shipments s set shipped_at = now(), updated_at = now(), silence = oms.carrier_silence(s.carrier),
      silent_at = case when s.delivered_at is null then now() + oms.carrier_silence(s.carrier) end
    from closed c
    where s.fulfillment_order_id = c.id and s.booking_status = 'booked' and s.shipped_at is null
    returning s.id, s.delivered_at, oms.has_news(s) as has_news
  ), moved_before as (
    insert into oms.wakes (workflow_id, kind, ref)
    select 'order/' || $1::text, 'shipment_moved', id::text || ':handed_over' from shipped where has_news
    on conflict do nothing
  ), owed as (
    insert into oms.captures (order_id, payment_id, fulfillment_order_id, amount_minor, idempotency_key)
    select $1::uuid, s."paymentId", c.id, s."amountMinor", 'capture:' || c.id || case when s.n > 1 then ':' || s.n else '' end
    from closed c, rows from (jsonb_to_recordset($13::jsonb) as ("paymentId" uuid, "amountMinor" bigint))
      with ordinality s("paymentId", "amountMinor", n)
    returning id, payment_id, amount_minor, idempotency_key
  ),`,
  {
    result: `(select coalesce(jsonb_agg(jsonb_build_object('captureId', w.id, 'intentId', p.reference, 'amountMinor',
        w.amount_minor, 'currency', p.currency, 'provider', p.provider, 'idempotencyKey', w.idempotency_key) order by w.id), '[]')
      from owed w join oms.payments p on p.id = w.payment_id) as captures,
    (select coalesce(jsonb_agg(s.id), '[]') from shipped s where s.delivered_at is not null) as arrivals,
    (select count(*)::int from closed) as closed`,
  },
);

export interface HandOver {
  readonly fulfillmentOrderId: string;
  readonly lines: readonly { readonly lineId: string; readonly amountMinor: number }[];
  /** What is captured from which authorisation, oldest first. */
  readonly captures: readonly CaptureShare[];
  /** Of it shipping with its tax. */
  readonly shippingMinor: number;
}

export interface HandedOver extends Recorded {
  readonly captures: readonly OwedCapture[];
  /** Shipments that the carrier delivered before we were told of the hand-over. */
  readonly arrivals: readonly string[];
  readonly closed: number;
}

/**
 * The goods leave: fulfilment order, counters, stock and ledger, shipments, and the captures that are owed for them, in
 * one statement. `closed` is 0 where the fulfilment order was not in progress any more: then nothing has changed.
 */
export async function recordHandOver(
  tx: Queryable,
  change: ChangeRecord,
  handOver: HandOver,
): Promise<HandedOver> {
  return runRecording<HandedOver>(tx, HAND_OVER, change, [
    handOver.fulfillmentOrderId,
    JSON.stringify(handOver.lines),
    JSON.stringify(handOver.captures),
    handOver.shippingMinor,
  ]);
}
