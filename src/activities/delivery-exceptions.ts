import type { OrderChange, OrderRef } from '../contracts/order-process';
import {
  countAwaited,
  giveUpShipment,
  lockTravelling,
  markRecorded,
  markSilent,
  readDeliveryRules,
  setException,
  type TravellingShipment,
} from '../db/oms/delivery-exceptions';
import { COMPLETED } from '../db/oms/deliveries';
import { openShipmentIncident, resolveShipmentIncidents } from '../db/oms/delivery-incidents';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { type EventRecord, recordChange } from '../db/oms/record-change';
import { insertReturnToSender } from '../db/oms/return-to-sender';
import type { Queryable } from '../db/pool';
import {
  type DeliveryException,
  type DeliveryNews,
  type DeliveryRules,
  INCIDENT_OF,
  readDeliveryNews,
} from '../domain/delivery-exception';
import { giveUpFor } from './delivery-remedies';
import { BY_ITSELF, changeOf, requireOrder, type StepDeps, storyStep } from './order-step';

/**
 * Makes what is so of an order's shipments the order's own: failed attempts, losses and their end, the way back and
 * its end; each with its event, its mail, its incident and, where a person has to decide, the wait. A second time it
 * changes nothing. By the order's workflow, or for an order that is over by the `wake` lane.
 */
export async function settleShipments(
  deps: Pick<StepDeps, 'oms'>,
  { orderId }: OrderRef,
): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    const rules = await readDeliveryRules(tx);
    await markSilent(tx, orderId);
    for (const shipment of await lockTravelling(tx, orderId)) {
      const isBack = await endReturn(tx, order, shipment);
      if (!isBack) await settleShipment(tx, order, shipment, rules);
    }
    return finishTracking(tx, orderId);
  });
}

async function settleShipment(
  tx: Queryable,
  order: OpenOrder,
  shipment: TravellingShipment,
  rules: DeliveryRules,
): Promise<void> {
  const news = readDeliveryNews(shipment, rules);
  if (news === null) return;
  await markRecorded(tx, shipment.id, news);
  const returnId = news.isReturning ? await insertReturnToSender(tx, shipment.id) : null;
  await settleIncidents(tx, order, shipment, news.exception);
  await recordChange(tx, changeOf(order, BY_ITSELF, toEvents(shipment, news, returnId)));
  if (news.action === null) return;
  const cause = { ...BY_ITSELF, reason: 'lostAction' };
  if (await giveUpFor(tx, order.id, shipment, news.action, cause))
    await resolveShipmentIncidents(tx, shipment.id, null);
}

/** An incident is open as long as a person has to decide, and no longer. */
export async function settleIncidents(
  tx: Queryable,
  order: Pick<OpenOrder, 'id'>,
  { id, trackingNo, failedAttempts }: TravellingShipment,
  exception: DeliveryException | null,
): Promise<void> {
  const kind = exception === null ? null : INCIDENT_OF[exception];
  await resolveShipmentIncidents(tx, id, kind);
  if (exception === null || kind === null) return;
  const detail = `${trackingNo}: ${DETAIL[exception]} (${String(failedAttempts)} failed attempts)`;
  await openShipmentIncident(tx, { kind, orderId: order.id, shipmentId: id, detail });
}

const DETAIL: Readonly<Record<DeliveryException, string>> = {
  delivery_failed: 'the carrier could not deliver it',
  lost: 'the carrier has been silent about it for too long, or says that it is lost',
  delivery_disputed: 'the carrier says that it was delivered, the customer that it was not',
};

function toEvents(
  { id: shipmentId, recordedLosses }: TravellingShipment,
  news: DeliveryNews,
  returnId: string | null,
): EventRecord[] {
  const events: EventRecord[] = [];
  if (news.isFound) events.push({ type: 'shipment_found', data: { shipmentId } });
  for (const nth of news.attempts)
    events.push(announced('delivery_failed', 'shipment.delivery_failed', { shipmentId, nth }));
  if (news.isLost) {
    const nth = recordedLosses + 1;
    events.push(announced('shipment_lost', 'shipment.lost', { shipmentId, nth }));
  }
  if (news.isReturning)
    events.push({
      ...announced('shipment_returning', 'shipment.returning', { shipmentId, nth: 1 }),
      data: { shipmentId, returnId },
    });
  return events;
}

/** `nth` tells the mails about one shipment apart. */
function announced(
  type: string,
  announce: string,
  data: { readonly shipmentId: string; readonly nth: number },
): EventRecord {
  return { type, data, announce, payload: data };
}

/** A parcel that came back is waited for no more; one that was awaited in vain is lost. True: nothing else is to do. */
async function endReturn(
  tx: Queryable,
  order: OpenOrder,
  shipment: TravellingShipment,
): Promise<boolean> {
  const { id: shipmentId, returnStatus, recordedStatus, exception } = shipment;
  if (recordedStatus !== 'return_to_sender') return false;
  if (returnStatus === 'closed') {
    await giveUpShipment(tx, shipmentId, 'returned');
    const event = { type: 'shipment_returned', data: { shipmentId } };
    await recordChange(tx, changeOf(order, BY_ITSELF, [event]));
  }
  const isInVain = returnStatus === 'expired' || returnStatus === 'canceled';
  if (isInVain && exception === null && !shipment.isDeliveryRecorded) {
    await setException(tx, shipmentId, 'lost');
    await settleIncidents(tx, order, shipment, 'lost');
    const event = { type: 'shipment_not_returned', data: { shipmentId } };
    await recordChange(tx, changeOf(order, BY_ITSELF, [event]));
  }
  return true;
}

/** Ends an order for whose shipments nobody waits any more, once gateway and carrier owe nothing. Gives it as it is now. */
export async function finishTracking(tx: Queryable, orderId: string): Promise<OrderChange> {
  const order = await requireOrder(tx, orderId, null);
  if (order.phase !== 'track' || (await countAwaited(tx, orderId)) > 0) return toOrderState(order);
  const { isSettled } = order;
  const change = changeOf(order, BY_ITSELF, isSettled ? [COMPLETED] : []);
  await recordChange(tx, {
    ...change,
    ...(isSettled ? { status: 'completed', phase: 'over' } : { phase: 'complete' }),
    wait: null,
  });
  return toOrderState(await requireOrder(tx, orderId, null));
}
