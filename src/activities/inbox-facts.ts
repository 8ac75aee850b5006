import { z } from 'zod';

import { findPaymentByReference } from '../db/oms/payment-lookups';
import type { InboxEvent } from '../db/oms/inbox';
import {
  addScans,
  lockShipment,
  projectOnShipment,
  readScans,
  type TrackedShipment,
} from '../db/oms/tracking';
import { insertWake } from '../db/oms/wakes';
import type { Queryable } from '../db/pool';
import { projectShipment, toShipmentStatus } from '../domain/tracking';
import type { Applied } from './inbox-applied';
import { applyReturnScans } from './return-scans';

const Scans = z.looseObject({
  data: z.looseObject({
    trackingNo: z.string(),
    scans: z.array(
      z.looseObject({
        id: z.string().max(200),
        code: z.string().max(100),
        occurredAt: z.iso.datetime({ offset: true }),
        location: z.string().max(200).nullish(),
      }),
    ),
  }),
});

/**
 * Keeps a carrier's scans and projects the shipment's status from all of them, so the order of arrival and repeats do
 * not matter. Only milestones of goods that were handed over wake the order: the arrival, an attempt that failed, a
 * loss or its end, the way back. Before the hand-over the shipment alone moves.
 */
export async function applyCarrierScans(tx: Queryable, event: InboxEvent): Promise<Applied> {
  const parsed = Scans.safeParse(event.body);
  if (!parsed.success) return { kind: 'settled', result: 'parked', reason: 'not a scan' };
  const { trackingNo } = parsed.data.data;
  const carrier = event.source.slice('carrier:'.length);
  const scans = parsed.data.data.scans.map(({ id, code, occurredAt, location }) => ({
    ...{ id, code, occurredAt, location: location ?? null, status: toShipmentStatus(code) },
  }));
  const shipment = await lockShipment(tx, carrier, trackingNo);
  if (shipment === null)
    return (await applyReturnScans(tx, carrier, trackingNo, scans))
      ? { kind: 'settled', result: 'applied' }
      : { kind: 'postponed', reason: 'no such shipment yet' };
  const added = await addScans(tx, shipment.id, scans);
  if (added > 0) await moveShipment(tx, shipment);
  return { kind: 'settled', result: 'applied' };
}

async function moveShipment(tx: Queryable, { id, orderId }: TrackedShipment): Promise<void> {
  const all = await readScans(tx, id);
  const projection = projectShipment(all, new Date().toISOString());
  const { hasArrived, hasNews, state } = await projectOnShipment(tx, id, projection);
  if (hasArrived) await insertWake(tx, orderId, 'shipment_delivered', id);
  if (hasNews) await insertWake(tx, orderId, 'shipment_moved', state);
}

const PaymentReport = z.looseObject({ data: z.looseObject({ intentId: z.string() }) });

/** The gateway reports on a payment: the order's workflow looks the outcome up itself, the report only wakes it. */
export async function applyPaymentReport(tx: Queryable, event: InboxEvent): Promise<Applied> {
  const parsed = PaymentReport.safeParse(event.body);
  if (!parsed.success) return { kind: 'settled', result: 'parked', reason: 'not a payment report' };
  const payment = await findPaymentByReference(tx, parsed.data.data.intentId);
  if (payment === null) return { kind: 'postponed', reason: 'no such payment yet' };
  await insertWake(tx, payment.orderId, 'payment_reported', event.eventId);
  return { kind: 'settled', result: 'applied' };
}
