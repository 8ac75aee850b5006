import type { Queryable } from '../../src/db/pool';
import { allOf, sqlCheck } from './sql-check';
import type { Check, GatewayBookEntry } from './types';

/** Tax is added to a refund's parts only where it is added to prices. */
const REFUNDS_ADD_UP = `
  with lines as (
    select refund_id, sum(item_minor) as item, sum(tax_minor) as tax from oms.refund_lines group by 1
  ), shares as (
    select refund_id, sum(amount_minor) as minor from oms.refund_payments group by 1
  )
  select format('order %s refund %s: %s, its parts add up to %s, its payments to %s', o.order_no, r.id, r.amount_minor,
    e.parts, coalesce(s.minor, 0)) as breach
  from oms.refunds r join oms.orders o on o.id = r.order_id left join lines l on l.refund_id = r.id
  left join shares s on s.refund_id = r.id, lateral (select coalesce(l.item, 0) + r.shipping_minor + r.adjustment_minor
    + case when o.tax_included then 0 else coalesce(l.tax, 0) + r.shipping_tax_minor end as parts) e
  where r.amount_minor <> e.parts or r.amount_minor <> coalesce(s.minor, 0)`;

const PAYMENTS_ARE_THEIR_REFUNDS = `
  with shares as (
    select s.payment_id, coalesce(sum(s.amount_minor) filter (where s.status = 'succeeded'), 0) as refunded,
      coalesce(sum(s.amount_minor) filter (where s.status <> 'succeeded' and r.status in ('pending', 'submitted')), 0) as pending
    from oms.refund_payments s join oms.refunds r on r.id = s.refund_id group by 1
  ), fold as (
    select payment_id, coalesce(sum(amount_minor) filter (where type = 'refund_success'), 0)
      - coalesce(sum(amount_minor) filter (where type = 'refund_reverse'), 0) as refunded
    from oms.payment_events where counted group by 1
  )
  select format('order %s payment %s: %s refunded and %s being refunded; its refunds say %s and %s, its events %s',
    o.order_no, p.seq, p.refunded_minor, p.refund_pending_minor, coalesce(s.refunded, 0), coalesce(s.pending, 0),
    coalesce(f.refunded, 0)) as breach
  from oms.payments p join oms.orders o on o.id = p.order_id left join shares s on s.payment_id = p.id
  left join fold f on f.payment_id = p.id
  where p.refunded_minor <> coalesce(s.refunded, 0) or p.refund_pending_minor <> coalesce(s.pending, 0)
    or p.refunded_minor <> coalesce(f.refunded, 0)`;

const UNITS_ARE_COUNTED = `
  with given as (
    select l.order_line_id, sum(l.quantity) filter (where r.status = 'succeeded') as succeeded,
      sum(l.quantity) filter (where r.status in ('pending', 'submitted', 'succeeded')) as live
    from oms.refund_lines l join oms.refunds r on r.id = l.refund_id group by 1
  )
  select format('order %s line %s: %s of %s units refunded, its refunds say %s and with those under way %s', o.order_no,
    l.line_no, l.qty_refunded, l.qty_ordered, coalesce(g.succeeded, 0), coalesce(g.live, 0)) as breach
  from oms.order_lines l join oms.orders o on o.id = l.order_id left join given g on g.order_line_id = l.id
  where l.qty_refunded <> coalesce(g.succeeded, 0) or coalesce(g.live, 0) > l.qty_ordered`;

const CREDIT_IS_ITS_LEDGER = `
  with ledger as (
    select customer_id, currency, sum(delta_minor) as minor from oms.store_credit_ledger group by 1, 2
  )
  select format('store credit of customer %s in %s: %s, its ledger says %s', coalesce(b.customer_id, l.customer_id),
    coalesce(b.currency, l.currency), coalesce(b.balance_minor, 0), coalesce(l.minor, 0)) as breach
  from oms.store_credit_balances b full join ledger l on l.customer_id = b.customer_id and l.currency = b.currency
  where coalesce(b.balance_minor, 0) <> coalesce(l.minor, 0)`;

const CREDIT_IS_OF_REFUNDS = `
  select format('order %s refund %s: a part became store credit, and its ledger row is missing or differs', o.order_no,
    r.id) as breach
  from oms.refund_payments s join oms.refunds r on r.id = s.refund_id join oms.orders o on o.id = r.order_id
  left join oms.store_credit_ledger l on l.doc_type = 'refund_payment' and l.doc_id = s.id::text and l.reason = 'refund'
  where s.way = 'store_credit' and (s.status = 'succeeded') <> (l.id is not null)
    or l.delta_minor <> s.amount_minor or l.customer_id <> o.customer_id`;

const CREDIT_PAYS_ORDERS = `
  select format('order %s payment %s: %s by store credit, its ledger says %s', o.order_no, p.seq, p.captured_minor,
    coalesce(-l.delta_minor, 0)) as breach
  from oms.payments p join oms.orders o on o.id = p.order_id
  left join oms.store_credit_ledger l on l.doc_type = 'payment' and l.doc_id = p.id::text and l.reason = 'payment'
  where p.method = 'store_credit'
    and (coalesce(-l.delta_minor, 0) <> p.captured_minor or l.customer_id <> o.customer_id or l.currency <> p.currency)
  union all
  select format('store credit of customer %s: %s was taken for no payment', l.customer_id, -l.delta_minor)
  from oms.store_credit_ledger l
  where l.reason = 'payment' and not exists (
    select from oms.payments p where p.id::text = l.doc_id and p.method = 'store_credit')`;

const EXCHANGES_COME_BACK = `
  with pieces as (
    select replaces, sum(amount_minor) as minor from oms.refunds where replaces is not null and status <> 'reversed' group by 1
  )
  select format('order %s refund %s into an exchange: %s, it was split into %s', o.order_no, r.id, r.amount_minor, p.minor) as breach
  from pieces p join oms.refunds r on r.id = p.replaces join oms.orders o on o.id = r.order_id
  where p.minor <> r.amount_minor or r.status <> 'reversed'
  union all
  select format('exchange order %s gave %s back, which its first order has not heard of', o.order_no, s.amount_minor)
  from oms.refund_payments s join oms.payments q on q.id = s.payment_id join oms.orders o on o.id = q.order_id
  where q.method = 'exchange_credit' and s.way = 'exchange' and s.status = 'succeeded' and s.passed_on_at is null`;

export const REFUND_CHECKS: readonly Check[] = [
  sqlCheck({ store: 'oms', over: 'oms.refunds', find: REFUNDS_ADD_UP }),
  sqlCheck({ store: 'oms', over: 'oms.refund_payments', find: PAYMENTS_ARE_THEIR_REFUNDS }),
  sqlCheck({ store: 'oms', over: 'oms.refund_lines', find: UNITS_ARE_COUNTED }),
  sqlCheck({ store: 'oms', over: 'oms.store_credit_ledger', find: CREDIT_IS_ITS_LEDGER }),
  sqlCheck({ store: 'oms', over: 'oms.store_credit_ledger', find: CREDIT_IS_OF_REFUNDS }),
  sqlCheck({ store: 'oms', over: 'oms.store_credit_ledger', find: CREDIT_PAYS_ORDERS }),
  sqlCheck({ store: 'oms', over: 'oms.refunds', find: EXCHANGES_COME_BACK }),
];

export interface RefundShareRow {
  readonly key: string;
  readonly orderNo: string;
  readonly status: string;
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly intentId: string | null;
}

const SHARES = `
  select s.id as key, o.order_no as "orderNo", s.status, s.idempotency_key as "idempotencyKey",
    s.amount_minor as "amountMinor", p.reference as "intentId"
  from oms.refund_payments s join oms.payments p on p.id = s.payment_id join oms.orders o on o.id = p.order_id
  where s.id > $1::uuid and s.way = 'gateway' and p.provider = 'sandbox' order by s.id limit $2::int`;

/** The parts of refunds that go through the gateway. */
export async function readRefundShares(db: Queryable): Promise<RefundShareRow[]> {
  return allOf<RefundShareRow>(db, SHARES);
}

/** What the gateway may say of a part of ours at this status; nothing at all where it was never told. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  pending: ['none', 'pending', 'succeeded', 'failed'],
  submitted: ['none', 'pending', 'succeeded', 'failed', 'reversed'],
  succeeded: ['succeeded', 'reversed'],
  failed: ['failed', 'reversed'],
  canceled: ['none'],
  reversed: ['reversed'],
};

/** Compares one part of a refund with the gateway's entry of its key. */
export function compareRefund(share: RefundShareRow, entry: GatewayBookEntry | null): string[] {
  const name = `order ${share.orderNo} refund part ${share.key} (${share.status})`;
  const found = entry?.status ?? 'none';
  if (!(EXPECTED[share.status] ?? []).includes(found))
    return [`${name}: at the gateway ${found === 'none' ? 'there is no such refund' : found}`];
  return entry === null ? [] : compareEntry(name, share, entry);
}

/** Compares amount and payment of something of ours with the gateway's entry of its key. */
export function compareEntry(
  name: string,
  ours: { readonly amountMinor: number; readonly intentId: string | null },
  entry: GatewayBookEntry,
): string[] {
  if (entry.amountMinor !== ours.amountMinor)
    return [
      `${name}: ${String(ours.amountMinor)}, at the gateway ${String(entry.amountMinor)} (${entry.id})`,
    ];
  return entry.intentId === ours.intentId
    ? []
    : [`${name}: the gateway's entry ${entry.id} is of another payment`];
}
