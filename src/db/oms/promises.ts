import { type Pool, type Queryable, withTransaction } from '../pool';
import { IS_AT_RISK } from './order-json';
import { recordChange, SYSTEM } from './record-change';

const BATCH = 200;

const FIND = `
  select o.id from oms.orders o
  where ${IS_AT_RISK} and ($1::uuid is null or o.id = $1::uuid) and not exists (
    select from oms.order_events e where e.order_id = o.id and e.type = 'promise_at_risk')
  order by o.promised_by limit $2::int`;

/** Flags orders whose promise is near while they are not handed over: one event for each, once. Says how many. */
export async function flagPromises(oms: Pool): Promise<number> {
  const orderIds = await findAtRisk(oms, null);
  for (const orderId of orderIds) await withTransaction(oms, (tx) => flag(tx, orderId));
  return orderIds.length;
}

async function flag(tx: Queryable, orderId: string): Promise<void> {
  // In a statement of its own: what is looked at after it is what the last writer left.
  await tx.query(`select from oms.orders where id = $1::uuid for update`, [orderId]);
  if ((await findAtRisk(tx, orderId)).length === 0) return;
  await recordChange(tx, { orderId, actor: SYSTEM, events: [{ type: 'promise_at_risk' }] });
}

async function findAtRisk(db: Queryable, orderId: string | null): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(FIND, [orderId, BATCH]);
  return rows.map(({ id }) => id);
}
