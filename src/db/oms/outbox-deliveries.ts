import type { Queryable } from '../pool';

export interface Delivery {
  readonly outboxId: number;
  readonly type: string;
  readonly payload: unknown;
  readonly createdAt: Date;
  /** This try included. */
  readonly attempts: number;
}

interface DeliveryRow {
  id: number;
  type: string;
  payload: unknown;
  created_at: Date;
  attempts: number;
}

/**
 * Leases what is due in a lane, oldest first, and per aggregate only the first that is not done: the order of one
 * aggregate's events is kept, and one that fails holds up no other aggregate. A lease that is not marked done or failed
 * (its worker died) runs out and the delivery is claimed again, so its effect must bear being done twice.
 */
export async function claimDeliveries(
  db: Queryable,
  lane: string,
  limits: { readonly limit: number; readonly leaseMs: number },
): Promise<Delivery[]> {
  const { rows } = await db.query<DeliveryRow>(
    `with due as (
       select d.outbox_id, d.lane
       from oms.outbox_deliveries d
       join oms.outbox o on o.id = d.outbox_id
       where d.lane = $1::text and d.done_at is null and d.next_attempt_at <= now()
         and not exists (
           select from oms.outbox earlier
           join oms.outbox_deliveries e on e.outbox_id = earlier.id and e.lane = d.lane
           where earlier.aggregate = o.aggregate and earlier.aggregate_id = o.aggregate_id
             and earlier.seq < o.seq and e.done_at is null)
       order by d.outbox_id
       limit $2::integer
       for update of d skip locked
     ), leased as (
       update oms.outbox_deliveries d
       set attempts = d.attempts + 1, next_attempt_at = now() + make_interval(secs => $3::float8 / 1000)
       from due where d.outbox_id = due.outbox_id and d.lane = due.lane
       returning d.outbox_id, d.attempts
     )
     select o.id, o.type, o.payload, o.created_at, l.attempts
     from leased l join oms.outbox o on o.id = l.outbox_id
     order by o.id`,
    [lane, limits.limit, limits.leaseMs],
  );
  return rows.map((row) => ({
    outboxId: row.id,
    type: row.type,
    payload: row.payload,
    createdAt: row.created_at,
    attempts: row.attempts,
  }));
}

/** Marks deliveries done; may run twice. */
export async function markDelivered(
  db: Queryable,
  lane: string,
  outboxIds: readonly number[],
): Promise<void> {
  await db.query(
    `update oms.outbox_deliveries set done_at = now(), last_error = null
     where lane = $1::text and outbox_id = any($2::bigint[]) and done_at is null`,
    [lane, outboxIds],
  );
}

/** Puts a delivery off for 2, 4, 8 … seconds, at most 5 minutes. `error` is a code or class name, nothing personal. */
export async function putOffDelivery(
  db: Queryable,
  lane: string,
  outboxId: number,
  error: string,
): Promise<void> {
  await db.query(
    `update oms.outbox_deliveries
     set last_error = left($3::text, 500),
       next_attempt_at = now() + make_interval(secs => least(300, power(2, least(attempts, 10))))
     where lane = $1::text and outbox_id = $2::bigint and done_at is null`,
    [lane, outboxId, error],
  );
}
