import type { OrderPhase } from '../../contracts/order-process';
import type { Queryable } from '../pool';
import {
  type ChangeRecord,
  type Recorded,
  recordingWith,
  runRecording,
  SYSTEM,
} from './record-change';

export interface NewPackage {
  readonly weightGrams: number;
  readonly dimensions: Readonly<Record<string, number>>;
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
}

export interface PendingShipment {
  readonly shipmentId: string;
  readonly bookingKey: string;
  readonly service: string;
  readonly weightGrams: number;
  readonly from: Readonly<Record<string, unknown>>;
  readonly to: Readonly<Record<string, unknown>> | null;
}

/** What the carrier must know of shipment `s` of order `o` in fulfilment order `f` from location `l`. */
const FOR_CARRIER = `s.id as "shipmentId", s.booking_key as "bookingKey", s.service, s.weight_grams as "weightGrams",
  l.address || jsonb_build_object('name', l.name) as "from", o.ship_to as "to"`;

const INSERT_PACKAGES = `
  with method as (
    select m.carrier, m.service from oms.shipping_methods m join oms.orders o on o.id = $1::uuid
    order by m.code = o.shipping_method desc, m.currency = o.currency desc, m.code desc limit 1
  ), box as (
    select b.value as body, b.ordinality as n, $3::text || ':' || b.ordinality as key
    from jsonb_array_elements($4::jsonb) with ordinality b
  ), shipped as (
    insert into oms.shipments (order_id, fulfillment_order_id, package_no, carrier, service, booking_key, weight_grams, dimensions)
    select $1::uuid, $2::uuid, b.n + (select coalesce(max(package_no), 0) from oms.shipments where fulfillment_order_id = $2::uuid),
      m.carrier, m.service, 'book:' || b.key, (b.body ->> 'weightGrams')::int, coalesce(b.body -> 'dimensions', '{}')
    from box b, method m
    returning id, booking_key, service, weight_grams, package_no
  ), items as (
    insert into oms.shipment_items (shipment_id, order_line_id, quantity)
    select s.id, (i.value ->> 'lineId')::uuid, (i.value ->> 'quantity')::int
    from box b join shipped s on s.booking_key = 'book:' || b.key, jsonb_array_elements(b.body -> 'lines') i
  )
  select ${FOR_CARRIER}
  from shipped s
  join oms.orders o on o.id = $1::uuid
  join oms.fulfillment_orders f on f.id = $2::uuid
  left join oms.locations l on l.code = f.location
  order by s.package_no`;

/**
 * Writes one shipment per package with the key of its booking, before the carrier is called. The carrier and service
 * are those of the order's shipping method; an unknown one travels as the first active method does.
 */
export async function insertPackages(
  tx: Queryable,
  fulfillment: {
    readonly orderId: string;
    readonly fulfillmentOrderId: string;
    readonly commandId: string;
  },
  packages: readonly NewPackage[],
): Promise<PendingShipment[]> {
  const { orderId, fulfillmentOrderId, commandId } = fulfillment;
  const values = [orderId, fulfillmentOrderId, commandId, JSON.stringify(packages)];
  const { rows } = await tx.query<PendingShipment & Record<string, unknown>>(
    INSERT_PACKAGES,
    values,
  );
  return rows;
}

/** The shipments of a fulfilment order whose booking is open, as an earlier try left them. */
export async function findPendingShipments(
  db: Queryable,
  fulfillmentOrderId: string,
): Promise<PendingShipment[]> {
  const { rows } = await db.query<PendingShipment & Record<string, unknown>>(
    `select ${FOR_CARRIER}
     from oms.shipments s
     join oms.orders o on o.id = s.order_id
     join oms.fulfillment_orders f on f.id = s.fulfillment_order_id
     left join oms.locations l on l.code = f.location
     where s.fulfillment_order_id = $1::uuid and s.booking_status = 'pending'
     order by s.package_no`,
    [fulfillmentOrderId],
  );
  return rows;
}

export interface BookedShipment {
  readonly shipmentId: string;
  readonly carrier: string;
  readonly service: string;
  readonly trackingNo: string;
  readonly labelUrl: string;
  readonly eta: string | null;
}

const RECORD_PACKED = recordingWith(
  `booked as (
    update oms.shipments s set booking_status = 'booked', carrier = b.carrier, service = b.service,
      tracking_no = b."trackingNo", label_url = b."labelUrl", eta = b.eta, updated_at = now()
    from ord, jsonb_to_recordset($12::jsonb) as b("shipmentId" uuid, carrier text, service text, "trackingNo" text,
      "labelUrl" text, eta timestamptz)
    where s.id = b."shipmentId" and s.booking_status = 'pending'
    returning s.id
  ), packed as (
    update oms.fulfillment_orders f set packed_at = now(), updated_at = now() from ord o
    where f.id = $11::uuid and f.status = 'in_progress' and f.packed_at is null and o.phase = 'fulfill'
      and exists (select from booked)
    returning f.id
  ), packed_lines as (
    update oms.fulfillment_order_lines l set packed = l.picked from packed p where l.fulfillment_order_id = p.id
    returning l.order_line_id, l.packed
  ), counted as (
    update oms.order_lines l set qty_fulfilled = l.qty_fulfilled + p.packed from packed_lines p where l.id = p.order_line_id
  ),`,
  {
    events: `(select case when exists (select from packed) then $5::jsonb else '[]' end)`,
    result: `m.phase, exists (select from packed) or exists (select from oms.shipments s
      where s.fulfillment_order_id = $11::uuid and s.booking_status = 'booked'
        and starts_with(s.booking_key, 'book:' || $9::text || ':')) as packed`,
  },
);

/**
 * Records the bookings and, unless a cancel came between, the packing. A second time it changes nothing, be it that a worker
 * thought dead came first with the same command. Answers whether the units are packed now.
 */
export async function recordPacked(
  tx: Queryable,
  fulfillment: {
    readonly orderId: string;
    readonly fulfillmentOrderId: string;
    readonly commandId: string;
  },
  cause: Pick<ChangeRecord, 'actor' | 'requestId'>,
  booked: readonly BookedShipment[],
): Promise<{ readonly phase: OrderPhase; readonly packed: boolean }> {
  const { orderId, fulfillmentOrderId, commandId } = fulfillment;
  const trackingNos = booked.map(({ trackingNo }) => trackingNo);
  const change: ChangeRecord = {
    orderId,
    actor: cause.actor,
    requestId: cause.requestId ?? null,
    commandId,
    events: [{ type: 'packed', data: { fulfillmentOrderId, trackingNos } }],
  };
  return runRecording<Recorded & { readonly phase: OrderPhase; readonly packed: boolean }>(
    tx,
    RECORD_PACKED,
    change,
    [fulfillmentOrderId, JSON.stringify(booked)],
  );
}

/** Ends a booking that the carrier refused; the packing may be tried again with other packages. */
export async function refuseBooking(db: Queryable, fulfillmentOrderId: string): Promise<void> {
  await db.query(
    `update oms.shipments set booking_status = 'refused', updated_at = now()
     where fulfillment_order_id = $1::uuid and booking_status = 'pending'`,
    [fulfillmentOrderId],
  );
}

export interface OpenBooking {
  readonly shipmentId: string;
  readonly bookingKey: string;
  readonly trackingNo: string | null;
}

/** Bookings of an order that the carrier may hold and must take back: all, or those of packages that were opened. */
export async function findOpenBookings(
  db: Queryable,
  orderId: string,
  which: 'all' | 'opened',
): Promise<OpenBooking[]> {
  const { rows } = await db.query<OpenBooking & Record<string, unknown>>(
    `select id as "shipmentId", booking_key as "bookingKey", tracking_no as "trackingNo" from oms.shipments
     where order_id = $1::uuid and (booking_status = 'voiding' or $2::boolean and booking_status in ('pending', 'booked'))
     order by id`,
    [orderId, which === 'all'],
  );
  return rows;
}

const RECORD_BOOKING_VOIDED = recordingWith(
  `voided as (
    update oms.shipments set booking_status = 'voided', status = 'canceled', updated_at = now(),
      tracking_no = coalesce(tracking_no, $12::text)
    where id = $11::uuid and booking_status in ('pending', 'booked', 'voiding') returning id
  ),`,
  { events: `(select case when exists (select from voided) then $5::jsonb else '[]' end)` },
);

/** Records that the carrier holds nothing for this shipment any more. */
export async function recordBookingVoided(
  tx: Queryable,
  orderId: string,
  booking: { readonly shipmentId: string; readonly trackingNo: string | null },
): Promise<void> {
  const event = { type: 'booking_voided', data: { shipmentId: booking.shipmentId } };
  await runRecording(tx, RECORD_BOOKING_VOIDED, { orderId, actor: SYSTEM, events: [event] }, [
    booking.shipmentId,
    booking.trackingNo,
  ]);
}
