import type { Shipment, ShipmentEvent } from '../../contracts/shipments';
import { shipmentActions } from '../../domain/delivery-exception';
import type { Queryable } from '../pool';

import { SHIPMENT_JSON } from './order-json';

/** One shipment as callers see it; null when there is none. */
export async function findShipment(db: Queryable, id: string): Promise<Shipment | null> {
  const { rows } = await db.query<{ document: StoredShipment }>(
    `select ${SHIPMENT_JSON} as document from oms.shipments s where s.id = $1::uuid`,
    [id],
  );
  const stored = rows[0]?.document;
  return stored === undefined ? null : toShipment(stored);
}

export type StoredShipment = Omit<Shipment, 'allowedActions'>;

/** A shipment with what may be done about it. */
export function toShipment(stored: StoredShipment): Shipment {
  const allowedActions = shipmentActions({
    isShipped: stored.shippedAt !== null,
    isDelivered: stored.deliveredAt !== null,
    ...stored,
  });
  return { ...stored, allowedActions };
}

export interface ListedShipmentEvent {
  /** The row's number: the list's cursor. */
  readonly key: number;
  readonly event: ShipmentEvent;
}

/** The scans of a shipment in the order they were received; null when there is no such shipment. */
export async function listShipmentEvents(
  db: Queryable,
  shipmentId: string,
  page: { readonly after: number; readonly limit: number },
): Promise<ListedShipmentEvent[] | null> {
  const { rows } = await db.query<{ key: number | null; event: ShipmentEvent }>(
    `select e.id as key, jsonb_build_object('id', e.carrier_event_id, 'code', e.code, 'status', e.status,
       'occurredAt', oms.iso(e.occurred_at), 'receivedAt', oms.iso(e.received_at), 'location', e.location) as event
     from oms.shipments s left join oms.tracking_events e on e.shipment_id = s.id and e.id > $2::bigint
     where s.id = $1::uuid order by e.id limit $3::integer`,
    [shipmentId, page.after, page.limit],
  );
  if (rows.length === 0) return null;
  return rows.flatMap(({ key, event }) => (key === null ? [] : [{ key, event }]));
}

/** The booked shipments of a fulfilment order, by package. */
export async function listShipmentsOf(
  db: Queryable,
  fulfillmentOrderId: string,
): Promise<Shipment[]> {
  const { rows } = await db.query<{ document: StoredShipment }>(
    `select ${SHIPMENT_JSON} as document from oms.shipments s
     where s.fulfillment_order_id = $1::uuid and s.booking_status = 'booked' order by s.package_no`,
    [fulfillmentOrderId],
  );
  return rows.map((row) => toShipment(row.document));
}
