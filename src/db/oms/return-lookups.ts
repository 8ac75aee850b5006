import type { Queryable } from '../pool';

/** The order that a return belongs to; null: no such return. */
export async function findReturnOrder(db: Queryable, returnId: string): Promise<string | null> {
  const { rows } = await db.query<{ orderId: string }>(
    `select order_id as "orderId" from oms.returns where id = $1::uuid`,
    [returnId],
  );
  return rows[0]?.orderId ?? null;
}

/** Whether there is a location with this code. */
export async function isLocation(db: Queryable, code: string): Promise<boolean> {
  const { rows } = await db.query(`select from oms.locations where code = $1::text`, [code]);
  return rows.length > 0;
}
