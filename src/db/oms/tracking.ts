import type { ShipmentStatus } from '../../domain/order-state';
import type { TrackingEvent } from '../../domain/tracking';
import type { Queryable } from '../pool';

export interface TrackedShipment {
  readonly id: string;
  readonly orderId: string;
  readonly status: ShipmentStatus;
  readonly isShipped: boolean;
}

/** Locks the shipment that a carrier's scan is about; null: not one of ours (yet). */
export async function lockShipment(
  tx: Queryable,
  carrier: string,
  trackingNo: string,
): Promise<TrackedShipment | null> {
  const { rows } = await tx.query<TrackedShipment & Record<string, unknown>>(
    `select id, order_id as "orderId", status, shipped_at is not null as "isShipped" from oms.shipments
     where carrier = $1::text and tracking_no = $2::text and booking_status = 'booked' for update`,
    [carrier, trackingNo],
  );
  return rows[0] ?? null;
}

export interface NewScan extends TrackingEvent {
  readonly status: ShipmentStatus;
  readonly location: string | null;
}

/** Keeps scans once and answers with all that the shipment has had. */
export async function addScans(
  tx: Queryable,
  shipmentId: string,
  scans: readonly NewScan[],
): Promise<TrackingEvent[]> {
  await tx.query(
    `insert into oms.tracking_events (shipment_id, carrier_event_id, code, status, occurred_at, location)
     select $1::uuid, s.id, s.code, s.status, s."occurredAt", s.location
     from jsonb_to_recordset($2::jsonb) as s(id text, code text, status text, "occurredAt" timestamptz, location text)
     on conflict (shipment_id, carrier_event_id) do nothing`,
    [shipmentId, JSON.stringify(scans)],
  );
  const { rows } = await tx.query<TrackingEvent & Record<string, unknown>>(
    `select carrier_event_id as id, code, oms.iso(occurred_at) as "occurredAt" from oms.tracking_events
     where shipment_id = $1::uuid`,
    [shipmentId],
  );
  return rows;
}

/** Sets what the scans say, whatever order they came in. */
export async function projectOnShipment(
  tx: Queryable,
  shipmentId: string,
  projection: { readonly status: ShipmentStatus; readonly deliveredAt: string | null },
): Promise<void> {
  await tx.query(
    `update oms.shipments set status = $2::text, delivered_at = $3::timestamptz, updated_at = now()
     where id = $1::uuid and (status, delivered_at) is distinct from ($2::text, $3::timestamptz)`,
    [shipmentId, projection.status, projection.deliveredAt],
  );
}
