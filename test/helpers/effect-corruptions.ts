import type { Corruption } from './corruption';

/** What may be wrong with effects, with what is told to us, and with waits. */
export const EFFECT_CORRUPTIONS: readonly Corruption[] = [
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
    `update oms.returns set status = 'approved', wait_code = 'return_goods', created_at = created_at - interval '1 minute' where status = 'closed'`,
    'is open and has no workflow',
  ],
];
