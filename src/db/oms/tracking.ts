import type { ShipmentStatus } from '../../domain/order-state';
import type { ShipmentProjection, TrackingEvent } from '../../domain/tracking';
import type { Queryable } from '../pool';

export interface TrackedShipment {
  readonly id: string;
  readonly orderId: string;
  readonly status: ShipmentStatus;
}

/** Locks the shipment that a carrier's scan is about; null: not one of ours (yet). */
export async function lockShipment(
  tx: Queryable,
  carrier: string,
  trackingNo: string,
): Promise<TrackedShipment | null> {
  const { rows } = await tx.query<TrackedShipment & Record<string, unknown>>(
    `select id, order_id as "orderId", status from oms.shipments
     where carrier = $1::text and tracking_no = $2::text and booking_status = 'booked' for update`,
    [carrier, trackingNo],
  );
  return rows[0] ?? null;
}

export interface NewScan extends TrackingEvent {
  readonly status: ShipmentStatus;
  readonly location: string | null;
}

/** Keeps scans once and says how many were not known yet. */
export async function addScans(
  tx: Queryable,
  shipmentId: string,
  scans: readonly NewScan[],
): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into oms.tracking_events (shipment_id, carrier_event_id, code, status, occurred_at, location)
     select $1::uuid, s.id, s.code, s.status, s."occurredAt", s.location
     from jsonb_to_recordset($2::jsonb) as s(id text, code text, status text, "occurredAt" timestamptz, location text)
     on conflict (shipment_id, carrier_event_id) do nothing`,
    [shipmentId, JSON.stringify(scans)],
  );
  return rowCount ?? 0;
}

/** All scans that a shipment has had. */
export async function readScans(tx: Queryable, shipmentId: string): Promise<TrackingEvent[]> {
  const { rows } = await tx.query<TrackingEvent & Record<string, unknown>>(
    `select carrier_event_id as id, code, oms.iso(occurred_at) as "occurredAt" from oms.tracking_events
     where shipment_id = $1::uuid`,
    [shipmentId],
  );
  return rows;
}

export interface Moved {
  readonly hasArrived: boolean;
  /** There is something else that the order has not recorded. */
  readonly hasNews: boolean;
  /** Names what the news are: the same news have the same name. */
  readonly state: string;
}

/**
 * Sets what the scans say, whatever order they came in: the shipment is not lost any more, and its silence begins anew.
 * Says what the order must hear of.
 */
export async function projectOnShipment(
  tx: Queryable,
  shipmentId: string,
  { status, deliveredAt, failedAttempts }: ShipmentProjection,
): Promise<Moved> {
  const { rows } = await tx.query<Moved & Record<string, unknown>>(
    `update oms.shipments s set status = $2::text, delivered_at = $3::timestamptz, failed_attempts = $4::int,
       lost_at = null, updated_at = now(), silent_at = case
         when s.shipped_at is null or $3::timestamptz is not null or s.given_up_as is not null
           or $2::text in ('return_to_sender', 'canceled', 'lost') or s.recorded_status = 'return_to_sender' then null
         else now() + s.silence end
     where id = $1::uuid
     returning s.shipped_at is not null and oms.has_arrived(s) as "hasArrived", oms.has_news(s) as "hasNews",
       concat_ws(':', s.id, s.status, s.failed_attempts, s.recorded_losses) as state`,
    [shipmentId, status, deliveredAt, failedAttempts],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the shipment is gone');
  return row;
}
