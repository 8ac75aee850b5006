import { FIRST_UUID, pagesOf, sqlCheck } from './sql-check';
import type { Check, GatewayBookEntry } from './types';

const PAGE = 5000;

const RESERVED = `('needs_response', 'under_review', 'lost')`;

/** Open and lost disputes keep their part of a payment from refunds, and nothing else does. */
const RESERVED_IS_DISPUTED = `
  select format('order %s payment %s: %s disputed, its disputes reserve %s', o.order_no, p.seq, p.disputed_minor,
    coalesce(d.minor, 0)) as breach
  from oms.payments p join oms.orders o on o.id = p.order_id left join (
    select payment_id, sum(reserved_minor) as minor from oms.disputes where recorded_status in ${RESERVED} group by 1
  ) d on d.payment_id = p.id
  where p.disputed_minor <> coalesce(d.minor, 0)
  union all
  select format('dispute %s of order %s is %s and reserves %s of %s', d.reference, o.order_no, d.status, d.reserved_minor,
    d.amount_minor)
  from oms.disputes d join oms.orders o on o.id = d.order_id
  where d.reserved_minor > 0 and d.recorded_status not in ${RESERVED}
  union all
  select format('dispute %s of order %s is %s, the order has recorded %s', d.reference, o.order_no, d.status,
    coalesce(d.recorded_status, 'nothing'))
  from oms.disputes d join oms.orders o on o.id = d.order_id
  where d.recorded_status is distinct from d.status and d.updated_at < now() - interval '60 seconds'`;

/** An order says in its history what became of each of its disputes. */
const HISTORY_TELLS = `
  select format('dispute %s of order %s is %s, and no event of the order says so', d.reference, o.order_no, d.status) as breach
  from oms.disputes d join oms.orders o on o.id = d.order_id
  where d.recorded_status is not null and not exists (
    select from oms.order_events e where e.order_id = d.order_id and e.data ->> 'disputeId' = d.id::text
      and e.type = case d.recorded_status when 'lost' then 'charge_back' when 'won' then 'dispute_won'
        when 'warning_closed' then 'dispute_closed' else 'dispute_opened' end)`;

interface DisputeRow {
  readonly key: string;
  readonly orderNo: string;
  readonly orderId: string;
  readonly reference: string;
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly isActedOn: boolean;
}

const DISPUTES = `
  select d.id as key, o.order_no as "orderNo", d.order_id as "orderId", d.reference, d.status, d.currency,
    d.amount_minor as "amountMinor", d.acted_by is not null as "isActedOn"
  from oms.disputes d join oms.orders o on o.id = d.order_id
  where d.id > $1::uuid and d.provider = 'sandbox' order by d.id limit $2::int`;

/** The gateway's disputes and ours, one by one, from both sides. */
const BOOKS_AGREE: Check = {
  needs: ['sandbox'],
  isRechecked: true,
  run: async ({ deps, books }) => {
    const unmatched = new Map<string, GatewayBookEntry>();
    for (const entry of (await books()).gateway)
      if (entry.kind === 'dispute') unmatched.set(entry.id, entry);
    let rows = unmatched.size;
    const breaches: string[] = [];
    const start = { first: FIRST_UUID, size: PAGE };
    for await (const page of pagesOf<DisputeRow>(deps.oms, DISPUTES, start)) {
      rows += page.length;
      for (const row of page) {
        breaches.push(...compare(row, unmatched.get(row.reference)));
        unmatched.delete(row.reference);
      }
    }
    breaches.push(
      ...[...unmatched.values()].map(
        ({ id, reference, amountMinor }) =>
          `gateway dispute ${id} (${String(amountMinor)}, order ${reference}) has no row of ours`,
      ),
    );
    return { rows, breaches };
  },
};

/** What a dispute of ours may be while the gateway's books say this. One we gave up may be pending there. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  pending: ['needs_response', 'under_review', 'warning_needs_response', 'warning_under_review'],
  won: ['won', 'warning_closed'],
  lost: ['lost'],
};

function compare(row: DisputeRow, entry: GatewayBookEntry | undefined): string[] {
  const name = `order ${row.orderNo} dispute ${row.reference} (${row.status})`;
  if (entry === undefined) return [`${name}: the gateway's books have no such dispute`];
  const breaches: string[] = [];
  const isGivenUp = row.isActedOn && row.status === 'lost';
  if (!isGivenUp && !(EXPECTED[entry.status] ?? []).includes(row.status))
    breaches.push(`${name}: at the gateway it is ${entry.status}`);
  if (entry.amountMinor !== row.amountMinor || entry.currency !== row.currency)
    breaches.push(
      `${name}: ${String(row.amountMinor)} ${row.currency}, at the gateway ${String(entry.amountMinor)} ${entry.currency}`,
    );
  if (entry.reference !== row.orderId) breaches.push(`${name}: the gateway names another order`);
  return breaches;
}

export const DISPUTE_CHECKS: readonly Check[] = [
  sqlCheck({ store: 'oms', over: 'oms.disputes', find: RESERVED_IS_DISPUTED }),
  sqlCheck({ store: 'oms', over: 'oms.disputes', find: HISTORY_TELLS }),
  BOOKS_AGREE,
];
