import { sqlCheck } from './sql-check';
import type { Check } from './types';

/** What scans say reaches the order, and what a person has to decide is an open incident exactly as long. */
const FIND = `
  with parcel as (
    select s.*, o.order_no from oms.shipments s join oms.orders o on o.id = s.order_id where s.shipped_at is not null
  )
  select format('order %s shipment %s (%s): its order has not made anything of it since %s', order_no, id, status,
    updated_at) as breach
  from parcel p
  where p.updated_at < now() - interval '60 seconds' and (p.silent_at < now() - interval '60 seconds'
    or exists (select from oms.shipments s where s.id = p.id and oms.has_news(s)))
  union all
  select format('order %s shipment %s: open incident %s, and nobody has to decide anything', order_no, p.id, i.kind)
  from parcel p join oms.incidents i on i.doc_type = 'shipment' and i.doc_id = p.id::text and i.status = 'open'
    and i.kind in ('delivery_failed', 'shipment_lost', 'delivery_disputed')
  where p.exception is null
  union all
  select format('order %s shipment %s is on its way back, and there is no return of it', order_no, p.id)
  from parcel p where (p.recorded_status = 'return_to_sender' or p.given_up_as = 'returned')
    and not exists (select from oms.returns r where r.of_shipment_id = p.id)
  union all
  select format('order %s shipment %s is %s, and its return is %s', order_no, p.id, coalesce(p.given_up_as, 'awaited'),
    r.status)
  from parcel p join oms.returns r on r.of_shipment_id = p.id
  where p.given_up_as = 'returned' and r.status <> 'closed'
  union all
  select format('order %s shipment %s is sent again, and no fulfilment order or order says so', order_no, p.id)
  from parcel p where p.given_up_as = 'resend' and not exists (
    select from oms.fulfillment_orders f where f.order_id = p.order_id and f.is_resend)
    and not exists (select from oms.intakes n where n.external_id = 'resend:' || p.id)
  union all
  select format('order %s shipment %s: %s of %s failed attempts recorded, %s events', order_no, p.id,
    p.recorded_attempts, p.failed_attempts, coalesce(e.n, 0))
  from parcel p left join lateral (
    select count(*) as n from oms.order_events e where e.order_id = p.order_id and e.type = 'delivery_failed'
      and e.data ->> 'shipmentId' = p.id::text) e on true
  where p.recorded_attempts <> coalesce(e.n, 0) or p.recorded_attempts > p.failed_attempts`;

export const DELIVERIES_CHECK: Check = sqlCheck({
  store: 'oms',
  over: 'oms.shipments where shipped_at is not null',
  find: FIND,
});
