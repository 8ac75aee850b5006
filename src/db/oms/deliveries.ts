import type { OrderPhase } from '../../contracts/order-process';
import type { OrderStatus } from '../../domain/order-state';
import type { Queryable } from '../pool';
import {
  type ChangeRecord,
  type EventRecord,
  type Recorded,
  recordingWith,
  runRecording,
  SYSTEM,
} from './record-change';

const DELIVER = recordingWith(
  `arrived as (
    update oms.shipments s set delivery_recorded_at = now(), recorded_status = null,
      exception = case when s.exception = 'delivery_disputed' then s.exception end,
      exception_since = case when s.exception = 'delivery_disputed' then s.exception_since end
    from ord where s.id = $11::uuid and s.order_id = ord.id and s.shipped_at is not null and oms.has_arrived(s)
    returning s.id, s.delivered_at
  ), settled as (
    update oms.incidents i set status = 'resolved', resolved_at = now() from arrived a
    where i.doc_type = 'shipment' and i.doc_id = a.id::text and i.status = 'open'
      and i.kind in ('delivery_failed', 'shipment_lost')
  ), units as (
    select i.order_line_id, i.quantity, a.delivered_at from oms.shipment_items i join arrived a on a.id = i.shipment_id
  ), lines as (
    update oms.order_lines l set qty_delivered = l.qty_delivered + u.quantity, delivered_at = u.delivered_at
    from units u where l.id = u.order_line_id
  ), next as (
    select d.is_all, d.is_all and oms.is_settled($1::uuid) as is_settled
    from (
      select o.phase = 'track' and (
        select coalesce(sum(l.qty_ordered - l.qty_canceled - l.qty_delivered), 0) from oms.order_lines l
        where l.order_id = $1::uuid and l.requires_shipping) - oms.ended_units($1::uuid)
          <= coalesce((select sum(quantity) from units), 0) as is_all
      from ord o
    ) d
  ), collected as (
    update oms.payments p set status = 'captured', authorized_minor = p.amount_minor, captured_minor = p.amount_minor,
      updated_at = now()
    from next n where n.is_all and p.order_id = $1::uuid and p.method = 'cod' and p.status = 'pending'
    returning p.id, p.provider, p.amount_minor
  ), psp as (
    insert into oms.payment_events (payment_id, provider, psp_event_id, type, amount_minor)
    select id, provider, id || ':charge', 'charge_success', amount_minor from collected
  ),`,
  {
    status: `(select case when n.is_settled then 'completed' end from next n)`,
    phase: `(select case when n.is_settled then 'over' when n.is_all then 'complete' end from next n)`,
    events: `(select case when exists (select from arrived) then $5::jsonb else '[]' end
      || coalesce((select jsonb_build_array(jsonb_build_object('type', 'payment_captured', 'announce', 'payment.captured',
          'data', jsonb_build_object('amountMinor', c.amount_minor),
          'payload', jsonb_build_object('amountMinor', c.amount_minor, 'paymentId', c.id))) from collected c), '[]')
      || case when n.is_settled then $12::jsonb else '[]' end from next n)`,
    result: 'm.status, m.phase',
  },
);

/** An order's completion as a status change. */
export const COMPLETED: EventRecord = {
  type: 'completed',
  data: { from: 'processing', to: 'completed' },
  announce: 'order.completed',
};

/**
 * Records that one shipment has arrived: counters, cash collected on delivery, and, with the last one and
 * gateway and carrier settled, the order's completion. A second time it changes nothing.
 */
export async function recordArrival(
  tx: Queryable,
  orderId: string,
  shipmentId: string,
): Promise<Recorded & { readonly status: OrderStatus; readonly phase: OrderPhase }> {
  const change: ChangeRecord = {
    orderId,
    actor: SYSTEM,
    events: [
      {
        type: 'delivered',
        data: { shipmentId },
        announce: 'shipment.delivered',
        payload: { shipmentId },
      },
    ],
  };
  return runRecording(tx, DELIVER, change, [shipmentId, JSON.stringify([COMPLETED])]);
}
