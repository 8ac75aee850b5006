import type {
  DeliveryException,
  DeliveryNews,
  DeliveryRules,
  GivenUpAs,
  ShipmentFacts,
} from '../../domain/delivery-exception';
import type { Queryable } from '../pool';
import { findPolicyValues } from './policy-values';

/** A shipment under way as a step of its order finds it, locked until the step's transaction ends. */
export interface TravellingShipment extends ShipmentFacts {
  readonly id: string;
  readonly trackingNo: string;
  readonly isDeliveryRecorded: boolean;
  readonly recordedLosses: number;
  /** Where the return stands by which it comes back to its sender; null: it does not. */
  readonly returnStatus: string | null;
  readonly items: readonly { readonly lineId: string; readonly quantity: number }[];
}

/** Takes the shipments of an order for lost that have been silent for too long. */
export async function markSilent(tx: Queryable, orderId: string): Promise<void> {
  await tx.query(
    `update oms.shipments set status = 'lost', lost_at = now(), silent_at = null, updated_at = now()
     where order_id = $1::uuid and silent_at <= now() and shipped_at is not null and given_up_as is null`,
    [orderId],
  );
}

/** Locks what an order handed over and has not given up. */
export async function lockTravelling(
  tx: Queryable,
  orderId: string,
): Promise<TravellingShipment[]> {
  const { rows } = await tx.query<TravellingShipment & Record<string, unknown>>(
    `select s.id, s.tracking_no as "trackingNo", s.status, s.delivered_at is not null as "isDelivered",
       s.delivery_recorded_at is not null as "isDeliveryRecorded",
       s.failed_attempts as "failedAttempts",
       s.recorded_attempts as "recordedAttempts", s.recorded_losses as "recordedLosses",
       s.recorded_status as "recordedStatus", s.exception,
       (select r.status from oms.returns r where r.of_shipment_id = s.id) as "returnStatus",
       (select coalesce(jsonb_agg(jsonb_build_object('lineId', i.order_line_id, 'quantity', i.quantity)
           order by i.order_line_id), '[]') from oms.shipment_items i where i.shipment_id = s.id) as items
     from oms.shipments s
     where s.order_id = $1::uuid and s.shipped_at is not null and s.given_up_as is null
     order by s.id for update of s`,
    [orderId],
  );
  return rows;
}

export async function readDeliveryRules(db: Queryable): Promise<DeliveryRules> {
  const policies = await findPolicyValues(db, ['maxDeliveryAttempts', 'lostAction']);
  const maxAttempts = policies.get('maxDeliveryAttempts');
  const lostAction = policies.get('lostAction');
  return {
    maxAttempts: typeof maxAttempts === 'number' ? maxAttempts : null,
    lostAction: lostAction === 'refund' || lostAction === 'resend' ? lostAction : 'ask',
  };
}

/** Writes that the order has made of a shipment's scans what they mean to it. */
export async function markRecorded(
  tx: Queryable,
  shipmentId: string,
  news: DeliveryNews,
): Promise<void> {
  const status = news.isReturning ? 'return_to_sender' : news.isLost ? 'lost' : null;
  await tx.query(
    `update oms.shipments set recorded_attempts = recorded_attempts + $2::int,
       recorded_losses = recorded_losses + case when $3::text = 'lost' then 1 else 0 end,
       recorded_status = case when $3::text is not null or $4::boolean then $3::text else recorded_status end,
       exception = $5::text, silent_at = case when $3::text is null then silent_at end, updated_at = now(),
       exception_since = case when $5::text is null then null when exception is distinct from $5::text then now()
         else exception_since end
     where id = $1::uuid`,
    [shipmentId, news.attempts.length, status, news.isFound, news.exception],
  );
}

/** Opens (or leaves open) a person's decision on a shipment, or ends it. */
export async function setException(
  tx: Queryable,
  shipmentId: string,
  exception: DeliveryException | null,
): Promise<void> {
  await tx.query(
    `update oms.shipments set exception = $2::text, updated_at = now(),
       exception_since = case when $2::text is not null then now() end
     where id = $1::uuid and exception is distinct from $2::text`,
    [shipmentId, exception],
  );
}

/** Writes that the carrier is asked to send a shipment back, or that it refused. */
export async function setIntercepted(
  db: Queryable,
  shipmentId: string,
  isIntercepted: boolean,
): Promise<void> {
  await db.query(
    `update oms.shipments set intercepted_at = case when $2::boolean then coalesce(intercepted_at, now()) end,
       updated_at = now()
     where id = $1::uuid`,
    [shipmentId, isIntercepted],
  );
}

/** Waits on for a shipment: what only its silence said is taken back, and the silence begins anew. */
export async function waitOn(tx: Queryable, shipmentId: string, status: string): Promise<void> {
  await tx.query(
    `update oms.shipments set status = $2::text, lost_at = null, exception = null, exception_since = null,
       recorded_status = case when $2::text = 'lost' then recorded_status end, updated_at = now(),
       silent_at = case when delivered_at is null and $2::text <> 'lost' then now() + silence end
     where id = $1::uuid`,
    [shipmentId, status],
  );
}

/** The order does not wait for a shipment any more. */
export async function giveUpShipment(
  tx: Queryable,
  shipmentId: string,
  as: GivenUpAs,
): Promise<void> {
  await tx.query(
    `update oms.shipments set given_up_as = $2::text, exception = null, exception_since = null, silent_at = null,
       updated_at = now()
     where id = $1::uuid`,
    [shipmentId, as],
  );
}

/** Units of an order that were handed over, or still will be, and have neither arrived nor been given up. */
export async function countAwaited(tx: Queryable, orderId: string): Promise<number> {
  const { rows } = await tx.query<{ awaited: number }>(
    `select (coalesce(sum(qty_ordered - qty_canceled - qty_delivered) filter (where requires_shipping), 0)
       - oms.ended_units($1::uuid))::int as awaited
     from oms.order_lines where order_id = $1::uuid`,
    [orderId],
  );
  return rows[0]?.awaited ?? 0;
}

/** Wakes the orders whose shipments have been silent for too long; each silence once. */
export async function wakeSilent(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    `insert into oms.wakes (workflow_id, kind, ref)
     select o.workflow_id, 'shipment_moved', s.id || ':silent:' || extract(epoch from s.silent_at)
     from oms.shipments s join oms.orders o on o.id = s.order_id
     where s.silent_at <= now() and s.given_up_as is null
     on conflict (workflow_id, kind, ref) do nothing`,
  );
  return rowCount ?? 0;
}
