import type { Corruption } from './corruption';

/** What refunds and store credit may be broken by; the order `refunded` has a refund by card and one as credit. */
export const REFUND_CORRUPTIONS: readonly Corruption[] = [
  [
    'I3',
    'a refund that its parts do not add up to',
    'refunded',
    `update oms.refunds set adjustment_minor = adjustment_minor + 1 where order_id = $1 and destination = 'original'`,
    'refunded',
  ],
  [
    'I3',
    'a refunded amount changed by hand',
    'refunded',
    `update oms.payments set refunded_minor = refunded_minor - 1 where order_id = $1;
       update crm.customer_totals t set refunded_minor = refunded_minor - 1 from oms.orders o
         where o.id = $1 and t.customer_id = o.customer_id`,
    'refunded',
  ],
  [
    'I3',
    'a cap that was never given back',
    'refunded',
    `update oms.payments set refund_pending_minor = 1 where order_id = $1`,
    'refunded',
  ],
  [
    'I3',
    'a refund that the gateway never made',
    'refunded',
    `update oms.refund_payments s set idempotency_key = 'other' from oms.refunds r
       where r.id = s.refund_id and r.order_id = $1 and s.way = 'gateway'`,
    'there is no such refund',
  ],
  [
    'I3',
    'a refund in place of one that was never reversed',
    'refunded',
    `update oms.refunds set replaces = id where order_id = $1 and destination = 'original'`,
    'it was split into',
  ],
  [
    'I3',
    'a refunded unit that is not counted',
    'refunded',
    `update oms.order_lines set qty_refunded = 0 where order_id = $1`,
    'refunded',
  ],
  [
    'I3',
    'store credit out of nothing',
    'refunded',
    `update oms.store_credit_balances b set balance_minor = balance_minor + 1 from oms.orders o
       where o.id = $1 and b.customer_id = o.customer_id`,
    'its ledger says',
  ],
  [
    'I3',
    'store credit that nobody got',
    'refunded',
    `delete from oms.store_credit_ledger l using oms.orders o where o.id = $1 and l.customer_id = o.customer_id;
       delete from oms.store_credit_balances b using oms.orders o where o.id = $1 and b.customer_id = o.customer_id`,
    'its ledger row is missing',
  ],
  [
    'I3',
    'store credit that paid more than was taken from it',
    'refunded',
    `update oms.store_credit_ledger l set delta_minor = delta_minor + 1 from oms.orders o
         where o.id = $1 and l.customer_id = o.customer_id and l.reason = 'payment';
       update oms.store_credit_balances b set balance_minor = balance_minor + 1 from oms.orders o
         where o.id = $1 and b.customer_id = o.customer_id`,
    'by store credit, its ledger says',
  ],
  [
    'I6',
    'a refund that is over and still runs',
    null,
    `update oms.payments p set refund_pending_minor = 0 from oms.refund_payments s join oms.refunds r on r.id = s.refund_id
         where s.payment_id = p.id and r.wait_code = 'outside_payment';
       update oms.refund_payments s set status = 'canceled' from oms.refunds r
         where r.id = s.refund_id and r.wait_code = 'outside_payment';
       update oms.refunds set status = 'canceled', wait_code = null where wait_code = 'outside_payment'`,
    'its workflow still runs',
  ],
  [
    'I7',
    'an announcement of a refund that is gone',
    'refunded',
    `delete from oms.outbox_deliveries d using oms.outbox x, oms.refunds r
         where x.id = d.outbox_id and x.aggregate_id = r.id and x.type = 'refund.created' and r.order_id = $1;
       delete from oms.outbox x using oms.refunds r
         where x.aggregate_id = r.id and x.type = 'refund.created' and r.order_id = $1`,
    'announcements numbered',
  ],
];
