import type { Queryable } from '../pool';

/** Tracking numbers of what a fulfilment order handed to the carrier. */
export async function findShippedTrackingNos(
  db: Queryable,
  fulfillmentOrderId: string | null,
): Promise<string[]> {
  const { rows } = await db.query<{ trackingNo: string }>(
    `select tracking_no as "trackingNo" from oms.shipments
     where fulfillment_order_id = $1::uuid and shipped_at is not null and tracking_no is not null order by package_no`,
    [fulfillmentOrderId],
  );
  return rows.map(({ trackingNo }) => trackingNo);
}
