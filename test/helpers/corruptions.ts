import { DELIVERY_CORRUPTIONS } from './delivery-corruptions';
import { DOCUMENT_CORRUPTIONS } from './document-corruptions';

/** The orders that a corruption may be tried on. */
export const AUDITED_ORDERS = [
  'completed',
  'voided',
  'unpaid',
  'short',
  'atWork',
  'kit',
  'refunded',
] as const;
export type AuditedOrder = (typeof AUDITED_ORDERS)[number];

/** The invariant that breaks, what is wrong, the order that `$1` is, what is done, and what the audit's line must name. */
export type Corruption = readonly [
  id: string,
  what: string,
  order: AuditedOrder | null,
  statements: string,
  names: string,
];

/** Each breaks one invariant and no other; statements are told apart by semicolons. */
export const CORRUPTIONS: readonly Corruption[] = [
  [
    'I1',
    'more gone than ever came in',
    null,
    `alter table oms.inventory_levels drop constraint inventory_levels_not_oversold;
       insert into oms.stock_ledger (sku, location, delta_on_hand, reason, doc_type, doc_id, actor_type, actor_id)
         select sku, location, -on_hand - 5, 'correction', 'adjustment', 'x', 'api_key', 'x' from oms.inventory_levels
         where sku = 'PEN-BRASS' and location = 'BOS';
       update oms.stock_ledger set request_id = 'x' where doc_id = 'x';
       update oms.inventory_levels set on_hand = -5 where sku = 'PEN-BRASS' and location = 'BOS'`,
    'PEN-BRASS at BOS',
  ],
  [
    'I2',
    'a level changed by hand',
    null,
    `update oms.inventory_levels set on_hand = on_hand + 1 where sku = 'MUG-WHITE' and location = 'BOS'`,
    'MUG-WHITE at BOS',
  ],
  [
    'I2',
    'a ledger row that is gone',
    'atWork',
    `delete from oms.stock_ledger where doc_id in (select id::text from oms.reservations where order_id = $1)`,
    'MUG-RED at',
  ],
  [
    'I2',
    'a reservation that nobody released',
    'voided',
    `update oms.reservations set state = 'released' where order_id = (
         select order_id from oms.reservations where order_id <> $1 and state = 'consumed' limit 1)`,
    'reservation',
  ],
  [
    'I2',
    'a counter of a line',
    'atWork',
    `update oms.order_lines set qty_allocated = qty_allocated - 1 where order_id = $1`,
    'atWork',
  ],
  [
    'I2',
    'a kit that is held with too few of a part',
    'kit',
    `update oms.reservations set per_unit = per_unit + 1 where order_id = $1 and not is_lead`,
    'kit',
  ],
  [
    'I2',
    'units that were reported short and are available',
    'kit',
    `update oms.inventory_levels v set unavailable = 0
         where sku in (select sku from oms.reservations where order_id = $1);
       update oms.stock_ledger set delta_unavailable = 0 where reason = 'short'`,
    'reservation',
  ],
  [
    'I2',
    'work that was moved without its stock',
    'atWork',
    `update oms.fulfillment_orders set location = 'LON' where order_id = $1`,
    'elsewhere',
  ],
  [
    'I2',
    'work that asks for more than is held for it',
    'kit',
    `update oms.fulfillment_order_lines l set quantity = quantity + 1 from oms.fulfillment_orders f
         where f.id = l.fulfillment_order_id and f.order_id = $1 and f.status = 'open'`,
    'are held',
  ],
  [
    'I2',
    'a counter of returned units',
    null,
    `update oms.order_lines set qty_returned = qty_returned + 1 where qty_returned > 0`,
    '2 returned, 0 rejected; its returns',
  ],
  [
    'I2',
    'goods that came back without a ledger row',
    null,
    `delete from oms.stock_ledger where doc_type = 'return'`,
    'accepted onto the shelf, its ledger rows say 0',
  ],
  [
    'I3',
    'a payment changed by hand',
    'completed',
    `update oms.payments set captured_minor = captured_minor - 1 where order_id = $1`,
    'completed',
  ],
  [
    'I3',
    'a capture of more than was handed over',
    'completed',
    `update oms.captures set amount_minor = amount_minor + 1 where order_id = $1`,
    'completed',
  ],
  [
    'I3',
    'a line that captured less than was handed over',
    'completed',
    `update oms.order_lines set captured_minor = captured_minor - 1 where order_id = $1;
       update oms.fulfillment_orders set shipping_captured_minor = shipping_captured_minor + 1 where order_id = $1`,
    'completed',
  ],
  [
    'I3',
    'an order whose sums do not add up',
    'atWork',
    `update oms.orders set tax_minor = tax_minor + 1 where id = $1`,
    'atWork',
  ],
  [
    'I3',
    'a change with other figures than the order',
    'atWork',
    `update oms.order_changes set after = after || '{"totalMinor": 1}' where order_id = $1`,
    'atWork',
  ],
  [
    'I3',
    'a line total',
    'atWork',
    `update oms.order_lines set total_minor = total_minor + 1 where order_id = $1`,
    'atWork',
  ],
  [
    'I3',
    'a current total',
    'voided',
    `update oms.orders set current_total_minor = 1 where id = $1`,
    'voided',
  ],
  [
    'I3',
    'a payment event that is gone',
    'completed',
    `delete from oms.payment_events where payment_id in (select id from oms.payments where order_id = $1)`,
    'completed',
  ],
  [
    'I3',
    'a payment the gateway has no entry for',
    'completed',
    `update oms.payments set idempotency_key = 'other' where order_id = $1`,
    'has no row of ours',
  ],
  [
    'I3',
    'a void the gateway never made',
    'voided',
    `update oms.payments set voided_minor = voided_minor + 1, authorized_minor = authorized_minor + 1 where order_id = $1;
       update oms.payment_events e set amount_minor = e.amount_minor + 1 from oms.payments p where p.id = e.payment_id and p.order_id = $1`,
    'voided',
  ],
  [
    'I3',
    'more in the lines of an order captured once than was captured',
    'completed',
    `update oms.payments set multicapture = false where order_id = $1;
       update oms.order_lines set captured_minor = captured_minor + 100000 where order_id = $1`,
    'completed',
  ],
  [
    'I3',
    'a disputed amount that no dispute reserves',
    'completed',
    `update oms.payments set disputed_minor = disputed_minor + 1 where order_id = $1`,
    'completed',
  ],
  [
    'I3',
    'a dispute that the gateway has no entry for',
    'completed',
    `update oms.disputes set reference = 'dsp_other' where order_id = $1`,
    'has no row of ours',
  ],
  [
    'I3',
    'a dispute of another amount than at the gateway',
    'completed',
    `update oms.disputes set amount_minor = amount_minor + 1 where order_id = $1`,
    'completed',
  ],
  [
    'I3',
    'a dispute that was won by hand',
    'completed',
    `update oms.disputes set status = 'won', recorded_status = 'won', reserved_minor = 0 where order_id = $1;
       update oms.payments set disputed_minor = 0 where order_id = $1`,
    'at the gateway it is pending',
  ],
  [
    'I3',
    "a customer's lifetime totals",
    null,
    `update crm.customer_totals set captured_minor = captured_minor + 1 where captured_minor > 0`,
    'lifetime totals',
  ],
  [
    'I4',
    'a sent message that is gone',
    'completed',
    `delete from crm.messages where source_id = $1::text and template_key = 'order_shipped'`,
    'has no message of ours',
  ],
  [
    'I4',
    'a mail that was sent twice',
    'completed',
    `insert into crm.messages select (jsonb_populate_record(m, jsonb_build_object('id', uuidv7(), 'dedupe_key', 'again'))).*
         from crm.messages m where source_id = $1::text and template_key = 'order_shipped'`,
    '0 copies in the sandbox',
  ],
  [
    'I4',
    'a message sent that was to be skipped',
    'completed',
    `update crm.messages set state = 'skipped', skip_reason = 'expired' where source_id = $1::text and template_key = 'order_shipped'`,
    '1 copies in the sandbox',
  ],
  [
    'I4',
    'a booking that is not ours',
    'completed',
    `update oms.shipments set booking_key = 'book:other' where order_id = $1`,
    'has no shipment of ours',
  ],
  [
    'I4',
    'a return label that is not ours',
    null,
    `update oms.returns set booking_key = 'return:other' where label_status = 'booked'`,
    'has no return of ours',
  ],
  [
    'I4',
    'a hand-over that the carrier was never told of',
    null,
    `update oms.outbox x set payload = x.payload || jsonb_build_object('fulfillmentOrderId', s.fulfillment_order_id)
         from oms.shipments s where s.order_id = x.aggregate_id and s.booking_status = 'voided' and x.type = 'order.canceled';
       insert into oms.outbox_deliveries (outbox_id, lane, done_at)
         select x.id, 'manifest', now() from oms.outbox x join oms.shipments s on s.order_id = x.aggregate_id
         where s.booking_status = 'voided' and x.type = 'order.canceled'`,
    'never told of the hand-over',
  ],
  [
    'I4',
    'a timeline entry that is gone',
    'completed',
    `delete from crm.interactions where kind = 'order_completed' and ref_id = $1::text`,
    'no order_completed',
  ],
  [
    'I5',
    'a webhook that was lost',
    null,
    `delete from oms.inbox where source = 'carrier:sandbox'`,
    'is not in the inbox',
  ],
  [
    'I5',
    'a webhook that is never applied',
    null,
    `update oms.inbox set processed_at = null, result = null, received_at = now() - interval '2 minutes'
         where source = 'carrier:sandbox'`,
    'carrier:sandbox event',
  ],
  [
    'I5',
    'a webhook parked without a reason',
    null,
    `update oms.inbox set result = 'parked', reason = null where source = 'shopify'`,
    'parked without a reason',
  ],
  [
    'I5',
    'a wake that nobody heard',
    'completed',
    `update oms.wakes set signaled_at = null, created_at = now() - interval '2 minutes' where workflow_id = 'order/' || $1`,
    'was not heard',
  ],
  [
    'I5',
    'an announcement that never reached its lane',
    'completed',
    `delete from oms.outbox_deliveries d using oms.outbox x
         where x.id = d.outbox_id and x.aggregate_id = $1 and d.lane = 'manifest'`,
    'never reached lane manifest',
  ],
  [
    'I6',
    'a wait without a deadline',
    'unpaid',
    `update oms.orders set wait_until = null where id = $1`,
    'unpaid',
  ],
  [
    'I6',
    'a deadline that passed',
    'short',
    `update oms.orders set wait_until = now() - interval '2 minutes' where id = $1`,
    'short',
  ],
  [
    'I6',
    'a closed workflow of an open row',
    'completed',
    `update oms.orders set phase = 'track', stage = 'carrier' where id = $1`,
    'completed',
  ],
  [
    'I6',
    'an accepted order that is forgotten',
    null,
    `insert into oms.intakes (order_no, door, channel, external_id, body, body_hash, actor_type, actor_id, created_at)
         values ('T999999', 'api', 'web', 'forgotten', '{}', '', 'api_key', 'x', now() - interval '1 hour')`,
    'T999999',
  ],
  ...DELIVERY_CORRUPTIONS,
  [
    'I6',
    'a deadline of a return that passed',
    null,
    `update oms.returns set wait_code = 'return_approval', wait_until = now() - interval '2 minutes' where status = 'requested'`,
    'the deadline of its wait (return_approval) passed',
  ],
  [
    'I6',
    'a closed workflow of an open return',
    null,
    `update oms.returns set status = 'approved', wait_code = 'return_goods' where status = 'closed'`,
    'is open and has no workflow',
  ],
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
  ...DOCUMENT_CORRUPTIONS,
];
