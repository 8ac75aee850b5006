import { randomUUID } from 'node:crypto';

import type { TestDatabase } from './database';

export interface PaidOrder {
  readonly orderId: string;
  readonly lineIds: readonly string[];
  readonly paymentIds: readonly string[];
}

let counter = 0;

/** A completed order as rows alone: two lines (3 × 333 + tax, 1 × 500), shipping 490 + 49, and its captured payments. */
export async function insertPaidOrder(
  db: TestDatabase,
  paid: readonly { readonly method: string; readonly capturedMinor: number }[],
): Promise<PaidOrder> {
  counter += 1;
  const orderId = randomUUID();
  await db.admin.query(
    `insert into oms.orders (id, order_no, channel, origin, status, phase, currency, subtotal_minor, discount_minor,
       shipping_minor, shipping_tax_minor, tax_minor, total_minor, tax_included, payment_method, customer_id, workflow_id, placed_at)
     values ($1, $2, 'web', 'checkout', 'completed', 'over', 'USD', 1500, 0, 490, 49, 199, 2189, false, 'card', $3, $4, now())`,
    [orderId, `P${String(process.pid)}-${String(counter)}`, randomUUID(), `order/${orderId}`],
  );
  await db.admin.query('insert into oms.order_streams (order_id) values ($1)', [orderId]);
  const lines = await db.admin.query<{ id: string }>(
    `insert into oms.order_lines (order_id, line_no, sku, title, qty_ordered, qty_fulfilled, qty_shipped, qty_delivered,
       unit_price_minor, discount_minor, tax_minor, total_minor)
     values ($1, 1, 'MUG-RED', 'Mug', 3, 3, 3, 3, 334, 2, 100, 1100), ($1, 2, 'MUG-WHITE', 'Mug', 1, 1, 1, 1, 500, 0, 50, 550)
     returning id`,
    [orderId],
  );
  const paymentIds: string[] = [];
  for (const [n, { method, capturedMinor }] of paid.entries()) {
    const { rows } = await db.admin.query<{ id: string }>(
      `insert into oms.payments (order_id, seq, method, provider, status, reference, idempotency_key, currency, amount_minor,
         authorized_minor, captured_minor)
       values ($1, $2, $3, 'sandbox', 'captured', $4, $5, 'USD', $6, $6, $6) returning id`,
      [
        orderId,
        n + 1,
        method,
        `int_${randomUUID()}`,
        `pay:${orderId}:${String(n + 1)}`,
        capturedMinor,
      ],
    );
    paymentIds.push(...rows.map(({ id }) => id));
  }
  return { orderId, lineIds: lines.rows.map(({ id }) => id), paymentIds };
}
