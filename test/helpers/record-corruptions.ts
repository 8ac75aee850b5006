import type { Corruption } from './corruption';

/** What may be wrong with logs, keys, the trail and histories. */
export const RECORD_CORRUPTIONS: readonly Corruption[] = [
  [
    'I7',
    'an event that is gone',
    'completed',
    `delete from oms.order_events where order_id = $1 and type = 'packed'`,
    'completed',
  ],
  [
    'I7',
    'a unit that only the log says was canceled',
    'atWork',
    `update oms.order_events e set type = 'lines_canceled', reason = 'x', data = jsonb_build_object('lines',
         jsonb_build_array(jsonb_build_object('lineId', l.id, 'quantity', 1)))
       from oms.order_lines l where l.order_id = e.order_id and e.order_id = $1 and e.type = 'stock_reserved'`,
    'atWork',
  ],
  [
    'I7',
    'a step that the table does not allow',
    'completed',
    `update oms.order_events set data = data || '{"to": "in_review"}' where order_id = $1 and type = 'processing'`,
    'completed',
  ],
  [
    'I7',
    'an announcement with another number',
    'completed',
    `update oms.outbox set seq = seq + 100 where aggregate_id = $1 and type = 'order.completed'`,
    'completed',
  ],
  [
    'I7',
    'a shipment that its scans do not explain',
    'completed',
    `update oms.shipments set status = 'in_transit' where order_id = $1`,
    'its scans say delivered',
  ],
  [
    'I7',
    'a return that the log of its order does not tell',
    null,
    `update oms.order_events set type = 'return_ended' where type = 'return_closed'`,
    'is closed, the log of its order has',
  ],
  [
    'I7',
    'a number of a return’s announcements',
    null,
    `update oms.document_streams set seq = seq + 1 where aggregate = 'return'`,
    'the counter says',
  ],
  [
    'I7',
    'a parcel that its scans do not explain',
    null,
    `update oms.returns set shipment_status = 'delivered' where label_status = 'booked'`,
    'its scans say picked_up',
  ],
  [
    'I8',
    'an order under another external id',
    'completed',
    `update oms.orders set external_id = 'another' where id = $1`,
    'completed',
  ],
  [
    'I8',
    'a stored answer that names another order',
    null,
    `update oms.idempotency_keys set response = jsonb_set(response, '{body,order,id}', '"another"')
         where scope ilike '% post /v1/orders'`,
    'not the key',
  ],
  [
    'I9',
    'an event without its actor',
    'completed',
    `update oms.order_events set actor_id = '' where order_id = $1 and type = 'handed_over'`,
    'no actor',
  ],
  [
    'I9',
    'an event without its request',
    'completed',
    `update oms.order_events set request_id = null where order_id = $1 and type = 'handed_over'`,
    'no request id',
  ],
  [
    'I9',
    'a log that can be rewritten',
    null,
    `grant update on oms.order_events to throughline_oms`,
    'may update oms.order_events',
  ],
  [
    'I10',
    'a card token that was kept',
    'unpaid',
    `update oms.payments set token = 'tok_kept' where order_id = $1`,
    'unpaid',
  ],
];
