import type { CustomerDetail } from '../../contracts/customers';
import type { Queryable } from '../pool';

interface OpenOrderRow {
  id: string;
  order_no: string;
  status: string;
  stage: string;
  currency: string;
  total_minor: number;
  placed_at: Date;
}

/** A customer's orders that are not over, newest first, at most 20; `customerIds` are all ids the person had. */
export async function findOpenOrdersOf(
  db: Queryable,
  customerIds: readonly string[],
): Promise<CustomerDetail['openOrders']> {
  const { rows } = await db.query<OpenOrderRow>(
    `select id, order_no, status, stage, currency, total_minor, placed_at
     from oms.orders
     where customer_id = any($1::uuid[]) and status not in ('completed', 'canceled', 'expired')
     order by id desc limit 20`,
    [customerIds],
  );
  return rows.map((row) => ({
    id: row.id,
    orderNo: row.order_no,
    status: row.status,
    stage: row.stage,
    currency: row.currency,
    totalMinor: row.total_minor,
    placedAt: row.placed_at.toISOString(),
  }));
}
