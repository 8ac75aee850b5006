import {
  addReturnScans,
  findReturnByTracking,
  markInTransit,
  projectOnReturn,
} from '../db/oms/return-tracking';
import { openReturn, recordReturn } from '../db/oms/returns';
import type { NewScan } from '../db/oms/tracking';
import type { Queryable } from '../db/pool';
import { projectShipment } from '../domain/tracking';
import { RETURN_BY_ITSELF, returnChangeOf } from './return-step';

/**
 * Keeps the scans of a return's parcel and projects its status from all of them. The first that says it moves brings an
 * approved return `in_transit`; that has no consequence its workflow would have to hear of. False: no such parcel.
 */
export async function applyReturnScans(
  tx: Queryable,
  carrier: string,
  trackingNo: string,
  scans: readonly NewScan[],
): Promise<boolean> {
  const returnId = await findReturnByTracking(tx, carrier, trackingNo);
  const open = returnId === null ? null : await openReturn(tx, returnId, null);
  if (open === null) return false;
  const all = await addReturnScans(tx, open.id, scans);
  const { status } = projectShipment(all, new Date().toISOString());
  await projectOnReturn(tx, open.id, status);
  const isMoving = status !== 'pending' && status !== 'unknown' && status !== 'canceled';
  if (!isMoving || open.status !== 'approved') return true;
  await markInTransit(tx, open.id);
  await recordReturn(tx, open, {
    ...returnChangeOf(RETURN_BY_ITSELF),
    status: 'in_transit',
    event: 'return_in_transit',
    data: { trackingNo },
  });
  return true;
}
