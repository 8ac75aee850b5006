import type { TrackingEvent } from '../../domain/tracking';
import type { Queryable } from '../pool';
import type { NewScan } from './tracking';

/** The return whose label has this number; null: none (yet). */
export async function findReturnByTracking(
  db: Queryable,
  carrier: string,
  trackingNo: string,
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `select id from oms.returns where carrier = $1::text and tracking_no = $2::text`,
    [carrier, trackingNo],
  );
  return rows[0]?.id ?? null;
}

/** Keeps scans of a return's parcel once and answers with all that it has had. */
export async function addReturnScans(
  tx: Queryable,
  returnId: string,
  scans: readonly NewScan[],
): Promise<TrackingEvent[]> {
  await tx.query(
    `insert into oms.return_scans (return_id, carrier_event_id, code, status, occurred_at, location)
     select $1::uuid, s.id, s.code, s.status, s."occurredAt", s.location
     from jsonb_to_recordset($2::jsonb) as s(id text, code text, status text, "occurredAt" timestamptz, location text)
     on conflict (return_id, carrier_event_id) do nothing`,
    [returnId, JSON.stringify(scans)],
  );
  const { rows } = await tx.query<TrackingEvent & Record<string, unknown>>(
    `select carrier_event_id as id, code, oms.iso(occurred_at) as "occurredAt" from oms.return_scans
     where return_id = $1::uuid`,
    [returnId],
  );
  return rows;
}

/** Sets what the scans say of the parcel, whatever order they came in. */
export async function projectOnReturn(
  tx: Queryable,
  returnId: string,
  status: string,
): Promise<void> {
  await tx.query(
    `update oms.returns set shipment_status = $2::text, updated_at = now()
     where id = $1::uuid and shipment_status <> $2::text`,
    [returnId, status],
  );
}

/** The goods are on their way: the lines that are awaited say so. */
export async function markInTransit(tx: Queryable, returnId: string): Promise<void> {
  await tx.query(
    `update oms.return_lines set reception = 'in_transit' where return_id = $1::uuid and reception = 'awaiting'`,
    [returnId],
  );
}
