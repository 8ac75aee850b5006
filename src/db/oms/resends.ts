import type { AllocationPart } from '../../domain/allocation';
import type { Queryable } from '../pool';
import type { Actor } from './record-change';

/** Takes the units of a shipment that is sent again out of the counters: they are not packed and not handed over. */
export async function takeBackCounts(tx: Queryable, shipmentId: string): Promise<void> {
  await tx.query(
    `update oms.order_lines l set qty_fulfilled = l.qty_fulfilled - i.quantity, qty_shipped = l.qty_shipped - i.quantity
     from oms.shipment_items i where i.shipment_id = $1::uuid and l.id = i.order_line_id`,
    [shipmentId],
  );
}

/** One fulfilment order per location for units that are to be sent again. */
export async function openResend(
  tx: Queryable,
  orderId: string,
  parts: readonly AllocationPart[],
): Promise<{ readonly id: string; readonly location: string }[]> {
  const { rows } = await tx.query<{ id: string; location: string }>(
    `with part as (
       select p."lineId" as line_id, p.location, p.quantity / coalesce(p."perUnit", 1) as units
       from jsonb_to_recordset($2::jsonb) as p("lineId" uuid, location text, quantity int, "perUnit" int, "isLead" boolean)
       where coalesce(p."isLead", true)
     ), opened as (
       insert into oms.fulfillment_orders (order_id, location, priority, promised_by, is_resend)
       select o.id, p.location, o.priority, o.promised_by, true
       from oms.orders o, (select distinct location from part) p where o.id = $1::uuid order by p.location
       returning id, location
     ), lines as (
       insert into oms.fulfillment_order_lines (fulfillment_order_id, order_line_id, sku, quantity)
       select f.id, p.line_id, min(l.sku), sum(p.units)
       from opened f join part p on p.location = f.location join oms.order_lines l on l.id = p.line_id group by 1, 2
     )
     select id, location from opened order by location`,
    [orderId, JSON.stringify(parts)],
  );
  return rows;
}

/**
 * Accepts an order of the units of a shipment that did not arrive, to the same person and address, at no charge; it is
 * placed by itself. A shipment has one: the same again answers with it.
 */
export async function acceptResendOrder(
  tx: Queryable,
  shipmentId: string,
  by: {
    readonly actor: Actor;
    readonly reason: string | null;
    readonly requestId: string | null;
  },
): Promise<{ readonly orderId: string; readonly orderNo: string }> {
  const { rows } = await tx.query<{ orderId: string; orderNo: string }>(
    `with body as (
       select o.channel, 'resend:' || s.id as external_id, jsonb_build_object('source', 'api', 'channel', o.channel,
         'externalId', 'resend:' || s.id, 'currency', o.currency, 'placedAt', null, 'discounts', '[]'::jsonb,
         'customer', jsonb_build_object('email', o.email, 'phone', o.phone, 'name', o.customer_name, 'locale', o.locale),
         'lines', (select jsonb_agg(jsonb_build_object('sku', l.sku, 'quantity', i.quantity, 'unitPriceMinor', 0)
             order by l.line_no)
           from oms.shipment_items i join oms.order_lines l on l.id = i.order_line_id where i.shipment_id = s.id),
         'shippingAddress', o.ship_to, 'billingAddress', o.bill_to, 'shippingMethod', o.shipping_method,
         'payment', jsonb_build_object('method', 'invoice', 'terms', null), 'note', $4::text, 'priority', o.priority,
         'promisedBy', null, 'resendOf', jsonb_build_object('orderId', o.id, 'shipmentId', s.id)) as document
       from oms.shipments s join oms.orders o on o.id = s.order_id where s.id = $1::uuid
     ), added as (
       insert into oms.intakes (door, channel, external_id, body, body_hash, actor_type, actor_id, request_id)
       select 'api', channel, external_id, document, md5(document::text), $2::text, $3::text, $5::text from body
       on conflict do nothing
       returning order_id, order_no
     )
     select order_id as "orderId", order_no as "orderNo" from added
     union all
     select n.order_id, n.order_no from oms.intakes n join body b on b.channel = n.channel and b.external_id = n.external_id
     limit 1`,
    [shipmentId, by.actor.type, by.actor.id, by.reason, by.requestId],
  );
  const [order] = rows;
  if (order === undefined) throw new Error('the order to send again was not accepted');
  return order;
}
