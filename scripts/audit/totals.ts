import { FIRST_UUID, pagesOf } from './sql-check';
import type { AuditDeps, Check } from './types';

const PAGE = 2000;

interface OrderMoney {
  readonly key: string;
  readonly customerId: string;
  readonly currency: string;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

const ORDERS = `
  select o.id as key, o.customer_id as "customerId", o.currency, coalesce(sum(p.captured_minor), 0)::bigint as "capturedMinor",
    coalesce(sum(p.refunded_minor), 0)::bigint as "refundedMinor"
  from oms.orders o left join oms.payments p on p.order_id = o.id
  where o.id > $1::uuid and o.customer_id is not null
  group by o.id order by o.id limit $2::int`;

/** Merges come on top: what was an order of the loser counts for the survivor. */
const SURVIVORS = `
  select id, crm.survivor(id) as survivor from crm.customers where id = any($1::uuid[]) and status = 'merged'`;

const TOTALS = `
  select customer_id || ' ' || currency as key, order_count as orders, captured_minor as captured, refunded_minor as refunded
  from crm.customer_totals where customer_id || ' ' || currency > $1::text order by 1 limit $2::int`;

interface Sum {
  orders: number;
  captured: number;
  refunded: number;
}

const NOTHING: Sum = { orders: 0, captured: 0, refunded: 0 };

/** A customer's lifetime totals are the sums over the orders, from both sides. */
export const TOTALS_CHECK: Check = {
  needs: [],
  isRechecked: true,
  run: async ({ deps }) => {
    const sums = await sumOrders(deps);
    const breaches: string[] = [];
    let rows = 0;
    const seen = new Set<string>();
    const pages = pagesOf<{ readonly key: string } & Sum>(deps.crm, TOTALS, {
      first: '',
      size: PAGE,
    });
    for await (const page of pages) {
      for (const total of page) {
        seen.add(total.key);
        breaches.push(...compare(total.key, total, sums.get(total.key) ?? NOTHING));
      }
      rows += page.length;
    }
    for (const [key, sum] of sums) if (!seen.has(key)) breaches.push(...compare(key, NOTHING, sum));
    return { rows, breaches };
  },
};

function compare(key: string, total: Sum, sum: Sum): string[] {
  const isSame =
    total.orders === sum.orders &&
    total.captured === sum.captured &&
    total.refunded === sum.refunded;
  if (isSame) return [];
  const show = ({ orders, captured, refunded }: Sum) =>
    `${String(orders)} orders, ${String(captured)} captured, ${String(refunded)} refunded`;
  return [`customer ${key}: lifetime totals ${show(total)}; the orders say ${show(sum)}`];
}

async function sumOrders(deps: AuditDeps): Promise<Map<string, Sum>> {
  const sums = new Map<string, Sum>();
  for await (const page of pagesOf<OrderMoney>(deps.oms, ORDERS, {
    first: FIRST_UUID,
    size: PAGE,
  })) {
    const survivors = await findSurvivors(
      deps,
      page.map(({ customerId }) => customerId),
    );
    for (const { customerId, currency, capturedMinor, refundedMinor } of page) {
      const key = `${survivors.get(customerId) ?? customerId} ${currency}`;
      const sum = sums.get(key) ?? { ...NOTHING };
      sum.orders += 1;
      sum.captured += capturedMinor;
      sum.refunded += refundedMinor;
      sums.set(key, sum);
    }
  }
  return sums;
}

async function findSurvivors(
  deps: AuditDeps,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await deps.crm.query<{ id: string; survivor: string }>(SURVIVORS, [
    [...new Set(ids)],
  ]);
  return new Map(rows.map(({ id, survivor }) => [id, survivor]));
}
