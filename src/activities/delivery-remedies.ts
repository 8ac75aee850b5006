import { giveUpShipment, type TravellingShipment } from '../db/oms/delivery-exceptions';
import type { OpenOrder } from '../db/oms/open-order';
import { type EventRecord, recordChange } from '../db/oms/record-change';
import { isApprovalNeeded } from '../db/oms/refund-approval';
import { createRefund } from '../db/oms/refund-create';
import { findRefundable } from '../db/oms/refund-facts';
import { acceptResendOrder, openResend, takeBackCounts } from '../db/oms/resends';
import { lockLevels, reserveParts } from '../db/oms/reservations';
import type { Queryable } from '../db/pool';
import { allocate, type Demand, toStockDemand } from '../domain/allocation';
import { refundOfShipping, refundOfUnits, sumOfRefund } from '../domain/refund';
import { toStock } from './order-stock';
import { changeOf, requireOrder, type StepCause } from './order-step';

/**
 * Gives up a shipment that will not arrive: its units are paid back, or reserved again and sent again without a second
 * capture. In the caller's transaction, the order's row and the shipment's locked. False: it cannot be done now (money
 * not captured yet, no stock, a hold), and nothing has changed.
 */
export async function giveUpFor(
  tx: Queryable,
  orderId: string,
  shipment: TravellingShipment,
  action: 'refund' | 'resend',
  cause: StepCause,
): Promise<boolean> {
  const order = await requireOrder(tx, orderId, null);
  return action === 'refund'
    ? refundShipment(tx, order, shipment, cause)
    : resendShipment(tx, order, shipment, cause);
}

async function refundShipment(
  tx: Queryable,
  order: OpenOrder,
  { id: shipmentId, items }: TravellingShipment,
  cause: StepCause,
): Promise<boolean> {
  if (order.captures.some(({ status }) => status === 'owed')) return false;
  const refundable = await findRefundable(tx, order.id);
  if (refundable === null) return false;
  await giveUpShipment(tx, shipmentId, 'refund');
  const lines = refundable.lines.flatMap((line) => {
    const sent = items.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0;
    const units = Math.min(sent, line.quantity - line.refundedUnits);
    return units > 0 ? [refundOfUnits(line, units)] : [];
  });
  const { shipping } = refundable;
  const shippingMinor = isAllThatIsSent(order, shipmentId)
    ? Math.max(0, shipping.shippingMinor - shipping.refundedMinor)
    : 0;
  const parts = { lines, ...refundOfShipping(shipping, shippingMinor), adjustmentMinor: 0 };
  const amountMinor = sumOfRefund(parts, refundable.isTaxIncluded);
  const isPersonal = cause.commandId !== null;
  const refund = await createRefund(tx, {
    orderId: order.id,
    causeKey: `shipment:${shipmentId}`,
    reason: cause.reason ?? 'not_delivered',
    destination: 'original',
    ...parts,
    needsApproval: isPersonal && (await isApprovalNeeded(tx, amountMinor, order.currency)),
    requestedBy: cause.actor,
    requestId: cause.requestId,
  });
  const data = { shipmentId, action: 'refund', refundId: refund?.refundId ?? null };
  await recordGivenUp(tx, order, cause, data);
  return true;
}

/** Nothing else of the order was sent, or will be: what was paid back does not count. */
function isAllThatIsSent({ shipments, fulfillments }: OpenOrder, shipmentId: string): boolean {
  const isOtherSent = shipments.some(
    ({ id, shipped, givenUpAs }) => id !== shipmentId && shipped && givenUpAs !== 'refund',
  );
  const isOtherOpen = fulfillments.some(
    ({ status }) => status !== 'closed' && status !== 'canceled',
  );
  return !isOtherSent && !isOtherOpen;
}

async function resendShipment(
  tx: Queryable,
  order: OpenOrder,
  { id: shipmentId, items, isDelivered }: TravellingShipment,
  cause: StepCause,
): Promise<boolean> {
  if (isDelivered) return sendAsNewOrder(tx, order, shipmentId, cause);
  if (order.activeHolds > 0) return false;
  const demand = items.flatMap(({ lineId, quantity }): Demand[] => {
    const line = order.lines.find(({ id }) => id === lineId);
    if (line === undefined || line.sku === null) return [];
    return [{ lineId, sku: line.sku, quantity, kitParts: line.kitParts }];
  });
  const levels = await lockLevels(tx, [...toStockDemand(demand).keys()]);
  const allocation = allocate(demand, toStock(levels));
  if (allocation.kind === 'short') return false;
  await giveUpShipment(tx, shipmentId, 'resend');
  await takeBackCounts(tx, shipmentId);
  const opened = await openResend(tx, order.id, allocation.parts);
  for (const { id: fulfillmentOrderId, location } of opened) {
    const parts = allocation.parts.filter((part) => part.location === location);
    const reservation = { key: `resend:${shipmentId}`, fulfillmentOrderId };
    await reserveParts(tx, order.id, parts, reservation);
  }
  const fulfillmentOrderIds = opened.map(({ id }) => id);
  const data = { shipmentId, action: 'resend', fulfillmentOrderIds };
  await recordGivenUp(tx, order, cause, data);
  return true;
}

/** What counts as delivered stays so: its units travel again in an order of their own, at no charge. */
async function sendAsNewOrder(
  tx: Queryable,
  order: OpenOrder,
  shipmentId: string,
  cause: StepCause,
): Promise<boolean> {
  await giveUpShipment(tx, shipmentId, 'resend');
  const linked = await acceptResendOrder(tx, shipmentId, cause);
  const data = { shipmentId, action: 'resend', ...linked };
  await recordChange(tx, changeOf(order, cause, [{ type: 'delivery_resolved', data }]));
  return true;
}

async function recordGivenUp(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
  data: { readonly action: string } & Readonly<Record<string, unknown>>,
): Promise<void> {
  const event: EventRecord = { type: 'delivery_resolved', data };
  const isResent = data.action === 'resend';
  const isBack = isResent && order.phase === 'track';
  await recordChange(tx, {
    ...changeOf(order, cause, [event]),
    ...(isBack ? { phase: 'fulfill', wait: null } : {}),
  });
}
