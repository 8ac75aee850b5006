import type { Corruption } from './corruption';

/** What may be wrong with money. */
export const MONEY_CORRUPTIONS: readonly Corruption[] = [
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
];
