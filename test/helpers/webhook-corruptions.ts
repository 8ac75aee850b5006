import type { Corruption } from './corruption';

/** Of what endpoints are told, and of the facts that are announced for them. */
export const WEBHOOK_CORRUPTIONS: readonly Corruption[] = [
  [
    'I5',
    'an announcement that an endpoint was not told of',
    'completed',
    `update oms.webhook_endpoints set matching_since = created_at - interval '1 minute' where status = 'active';
       delete from oms.webhook_deliveries where aggregate_id = $1 and type = 'order.completed'`,
    'has no delivery to webhook endpoint',
  ],
  [
    'I5',
    'a webhook that nobody sends',
    'completed',
    `update oms.webhook_deliveries set status = 'pending', next_attempt_at = now() - interval '2 minutes'
         where aggregate_id = $1 and type = 'order.completed'`,
    'nobody sends it',
  ],
  [
    'I5',
    'an incident that was not announced',
    'completed',
    `insert into oms.incidents (kind, order_id, doc_type, doc_id, detail, opened_at)
         values ('void_failed', $1, 'payment', 'x', 'x', now() - interval '1 minute')`,
    'was not announced',
  ],
  [
    'I7',
    'a shipment that moved and nobody was told',
    'completed',
    `update oms.outbox set payload = payload || '{"status": "picked_up"}' where type = 'shipment.updated';
       update oms.shipments set status = 'in_transit' where order_id = $1`,
    'announced was',
  ],
];
