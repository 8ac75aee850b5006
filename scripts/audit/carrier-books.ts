import { FIRST_UUID, pagesOf } from './sql-check';
import type { CarrierBookShipment, Check } from './types';

interface ShipmentRow {
  readonly key: string;
  readonly orderNo: string;
  readonly bookingKey: string;
  readonly bookingStatus: string;
  readonly trackingNo: string | null;
  readonly isNotified: boolean;
}

const SHIPMENTS = `
  select s.id as key, o.order_no as "orderNo", s.booking_key as "bookingKey", s.booking_status as "bookingStatus",
    s.tracking_no as "trackingNo", exists (
      select from oms.outbox x join oms.outbox_deliveries d on d.outbox_id = x.id and d.lane = 'manifest'
      where x.aggregate = 'order' and x.aggregate_id = o.id and d.done_at is not null
        and x.payload ->> 'fulfillmentOrderId' = s.fulfillment_order_id::text)
      and not (s.booking_status = 'voided' and exists (select from oms.shipments other
        where other.fulfillment_order_id = s.fulfillment_order_id and other.shipped_at is not null)) as "isNotified"
  from oms.shipments s join oms.orders o on o.id = s.order_id
  where s.id > $1::uuid order by s.id limit $2::int`;

/** The carrier's books and ours, by booking key: one booking for each shipment, none that we do not know of. */
export const CARRIER_BOOKS_CHECK: Check = {
  needs: ['sandbox'],
  isRechecked: true,
  run: async ({ deps, books }) => {
    const shipments: ShipmentRow[] = [];
    const pages = pagesOf<ShipmentRow>(deps.oms, SHIPMENTS, { first: FIRST_UUID, size: 5000 });
    for await (const page of pages) shipments.push(...page);
    const outbound = (await books()).shipments.filter(({ kind }) => kind === 'outbound');
    const booked = new Map(outbound.map((entry) => [entry.idempotencyKey, entry]));
    const breaches = shipments.flatMap((shipment) => {
      const entry = booked.get(shipment.bookingKey);
      booked.delete(shipment.bookingKey);
      return compare(shipment, entry ?? null);
    });
    for (const { trackingNo, reference } of booked.values())
      breaches.push(
        `booking ${trackingNo} at the carrier (for shipment ${reference}) has no shipment of ours`,
      );
    return {
      rows: shipments.length + outbound.length,
      breaches: [...breaches, ...findTwice(outbound)],
    };
  },
};

function compare(shipment: ShipmentRow, entry: CarrierBookShipment | null): string[] {
  const { bookingStatus, trackingNo } = shipment;
  const name = `order ${shipment.orderNo} shipment ${shipment.key} (${bookingStatus})`;
  if (entry === null) {
    const isMissing =
      bookingStatus === 'booked' || (bookingStatus === 'voided' && trackingNo !== null);
    return isMissing ? [`${name}: the carrier's books have no such booking`] : [];
  }
  if (bookingStatus === 'pending' || bookingStatus === 'voiding') return [];
  const breaches: string[] = [];
  if (entry.reference !== shipment.key)
    breaches.push(`${name}: the carrier books it for another shipment`);
  if (entry.trackingNo !== trackingNo)
    breaches.push(
      `${name}: tracking number ${trackingNo ?? 'none'}, at the carrier ${entry.trackingNo}`,
    );
  const isVoided = entry.voidedAt !== null;
  if (isVoided !== (bookingStatus === 'voided'))
    breaches.push(`${name}: at the carrier it is ${isVoided ? 'voided' : 'not voided'}`);
  if (shipment.isNotified && entry.handedOverAt === null)
    breaches.push(`${name}: the carrier was never told of the hand-over`);
  return breaches;
}

function findTwice(entries: readonly CarrierBookShipment[]): string[] {
  const counts = new Map<string, number>();
  for (const { reference } of entries) counts.set(reference, (counts.get(reference) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(
      ([reference, count]) =>
        `shipment ${reference} is booked ${String(count)} times at the carrier`,
    );
}
