import type { ReturnableLine } from '../../domain/return';
import type { Queryable } from '../pool';

/** Locks the order; false when there is none. */
export async function lockOrder(tx: Queryable, orderId: string): Promise<boolean> {
  const { rows } = await tx.query(`select from oms.orders where id = $1::uuid for update`, [
    orderId,
  ]);
  return rows.length > 0;
}

/** The return that this request made before; null: none. */
export async function findReturnByRequest(
  db: Queryable,
  requestKey: string,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `select id from oms.returns where request_key = $1::uuid`,
    [requestKey],
  );
  return rows[0]?.id ?? null;
}

export interface ReturnableOrderLine extends ReturnableLine {
  readonly title: string;
}

/** The lines of an order as the rules of returns see them, with the end of each one's window by the policy as it is now. */
export async function readReturnableLines(
  db: Queryable,
  orderId: string,
): Promise<ReturnableOrderLine[]> {
  const { rows } = await db.query<ReturnableOrderLine & Record<string, unknown>>(
    `select l.id as "lineId", l.title, l.qty_delivered as delivered, l.qty_return_requested as requested,
       l.qty_returned as returned, l.qty_return_rejected as rejected, coalesce(p.return_rule, 'standard') as rule,
       oms.iso(coalesce(l.delivered_at, o.completed_at, o.placed_at) + coalesce(p.return_window::interval, (
         select (y.value #>> '{}')::interval from oms.policies y
         where y.key = 'returnWindow' and jsonb_typeof(y.value) = 'string'))) as "windowEndsAt"
     from oms.order_lines l join oms.orders o on o.id = l.order_id left join oms.products p on p.sku = l.sku
     where l.order_id = $1::uuid order by l.line_no`,
    [orderId],
  );
  return rows;
}

/** SKUs of an exchange that the catalogue cannot sell in the order's currency, by their place in the request. */
export async function findUnsellable(
  db: Queryable,
  orderId: string,
  lines: readonly { readonly sku: string; readonly unitPriceMinor?: number | undefined }[],
): Promise<number[]> {
  const { rows } = await db.query<{ n: number }>(
    `select (l.ordinality - 1)::int as n
     from oms.orders o, jsonb_array_elements($2::jsonb) with ordinality l
     left join oms.products p on p.sku = l.value ->> 'sku' and p.active
     where o.id = $1::uuid and (p.sku is null or (not l.value ? 'unitPriceMinor' and not exists (
       select from oms.product_prices r where r.sku = p.sku and r.currency = o.currency)))
     order by 1`,
    [orderId, JSON.stringify(lines)],
  );
  return rows.map(({ n }) => n);
}

export interface NewReturn {
  readonly orderId: string;
  readonly requestKey: string | null;
  readonly kind: 'return' | 'exchange';
  readonly lines: readonly {
    readonly lineId: string;
    readonly quantity: number;
    readonly reason: string;
  }[];
  readonly exchangeLines: readonly object[];
  readonly note: string | null;
  readonly requestedBy: 'customer' | 'staff';
}

/**
 * Writes a return with its lines and the wake that starts its workflow, and answers with its id and number. Goods are
 * to come back to where the first line was sent from, else to the first location that is open.
 */
export async function insertReturn(
  tx: Queryable,
  asked: NewReturn,
): Promise<{ readonly id: string; readonly returnNo: string }> {
  const { rows } = await tx.query<{ id: string; returnNo: string }>(
    `with asked as (
       select a."lineId" as line_id, a.quantity, a.reason
       from jsonb_to_recordset($4::jsonb) as a("lineId" uuid, quantity int, reason text)
     ), made as (
       insert into oms.returns (order_id, request_key, kind, exchange_lines, note, requested_by, location)
       values ($1::uuid, $2::uuid, $3::text, $5::jsonb, $6::text, $7::text, coalesce((
         select f.location from oms.fulfillment_order_lines w join oms.fulfillment_orders f on f.id = w.fulfillment_order_id
         where w.order_line_id in (select line_id from asked) and f.status = 'closed'
         order by f.handed_over_at desc limit 1),
         (select code from oms.locations where active order by priority, code limit 1)))
       returning id, return_no, workflow_id
     ), lines as (
       insert into oms.return_lines (return_id, order_line_id, sku, quantity, reason)
       select m.id, a.line_id, l.sku, a.quantity, a.reason
       from made m, asked a join oms.order_lines l on l.id = a.line_id
     ), wake as (
       insert into oms.wakes (workflow_id, kind, ref) select workflow_id, 'requested', id::text from made
     )
     select id, return_no as "returnNo" from made`,
    [
      asked.orderId,
      asked.requestKey,
      asked.kind,
      JSON.stringify(asked.lines),
      JSON.stringify(asked.exchangeLines),
      asked.note,
      asked.requestedBy,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the return was not written');
  return row;
}
