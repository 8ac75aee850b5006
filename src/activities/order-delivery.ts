import type { OrderChange, OrderRef } from '../contracts/order-process';
import { COMPLETED, recordArrival } from '../db/oms/deliveries';
import { type HandOver, recordHandOver } from '../db/oms/hand-over';
import { type OpenFulfillment, type OpenOrder, toOrderState } from '../db/oms/open-order';
import { type EventRecord, recordChange } from '../db/oms/record-change';
import { withTransaction } from '../db/pool';
import { captureForHandover } from '../domain/fulfillment';
import {
  BY_ITSELF,
  changeOf,
  commandStep,
  illegalTransition,
  type StepDeps,
  type StepInput,
  storyStep,
  toIso,
} from './order-step';
import { requireAction, requireFulfillment } from './packing-step';

/**
 * The packages leave the house. Stock is consumed, and the capture that is owed for these units is written with its
 * key; the gateway is called afterwards. Until this commits a cancel wins, after it a cancel is refused.
 */
export async function handOver(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const fulfillment = requireFulfillment(order, input.fulfillmentOrderId);
    requireAction(order, fulfillment, 'hand-over');
    const isLast = isLastOf(order, fulfillment);
    const { id: fulfillmentOrderId } = fulfillment;
    const handedOver: EventRecord = {
      type: 'handed_over',
      data: { fulfillmentOrderId },
      announce: 'fulfillment.handed_over',
      payload: { fulfillmentOrderId },
    };
    const change = changeOf(order, cause, [handedOver, ...captureDue(order)]);
    const wait = { code: null, detail: null, policy: 'deliverySla' } as const;
    const { until, captures, arrivals, closed } = await recordHandOver(
      tx,
      isLast ? { ...change, phase: 'track', wait } : change,
      toHandOver(order, fulfillment),
    );
    if (closed !== 1) throw illegalTransition(order, 'the fulfilment order is not in progress');
    return {
      closedId: fulfillmentOrderId,
      newCaptures: captures,
      newArrivals: arrivals,
      ...(isLast ? { phase: 'track', until: toIso(until) } : {}),
    };
  });
}

/** Nothing is left that has yet to be handed over, be it only a unit without stock. */
function isLastOf(order: OpenOrder, { id, lines }: OpenFulfillment): boolean {
  const isWorkOver = order.fulfillments.every(
    (other) => other.id === id || other.status === 'closed' || other.status === 'canceled',
  );
  const shipped = new Map(lines.map(({ lineId, packed }) => [lineId, packed]));
  return (
    isWorkOver &&
    order.lines.every(
      (line) => !line.requiresShipping || line.wanted <= line.shipped + (shipped.get(line.id) ?? 0),
    )
  );
}

/** A shop that authorised the money itself must capture it itself. */
function captureDue(order: OpenOrder): EventRecord[] {
  const isDue = order.payments.some(
    ({ provider, status }) => provider === 'source:authorized' && status === 'authorized',
  );
  return isDue ? [{ type: 'capture_due', data: { currency: order.currency } }] : [];
}

function toHandOver(order: OpenOrder, fulfillment: OpenFulfillment): HandOver {
  const payment = order.payments.find(
    ({ method, status }) =>
      method === 'card' && (status === 'authorized' || status === 'partially_captured'),
  );
  const { id: fulfillmentOrderId } = fulfillment;
  if (payment === undefined)
    return { fulfillmentOrderId, lines: [], paymentId: null, captureMinor: 0 };
  const capture = captureForHandover({
    lines: order.lines.map((line) => ({
      lineId: line.id,
      quantity: line.ordered,
      itemValueMinor: line.itemMinor,
      taxMinor: line.taxMinor,
      shippedBefore: line.shipped,
      shippedNow: fulfillment.lines.find(({ lineId }) => lineId === line.id)?.packed ?? 0,
      capturedBeforeMinor: line.capturedMinor,
    })),
    shippingMinor: order.shippingMinor,
    shippingTaxMinor: order.shippingTaxMinor,
    taxIncluded: order.taxIncluded,
    isFirst: order.fulfillments.every(({ status }) => status !== 'closed'),
  });
  return {
    fulfillmentOrderId,
    lines: capture.lines,
    paymentId: payment.id,
    captureMinor: capture.amountMinor,
  };
}

/** One shipment has arrived; with the last one the order completes, if every capture is settled. */
export async function recordDelivery(
  deps: StepDeps,
  { orderId, shipmentId }: OrderRef & { readonly shipmentId: string },
): Promise<OrderChange> {
  const { status, phase, rev } = await withTransaction(deps.oms, (tx) =>
    recordArrival(tx, orderId, shipmentId),
  );
  return { status, phase, rev };
}

/** The delivery deadline passed: flags the order once and lets it wait on. */
export async function recordOverdue(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.phase !== 'track' || order.until === null) return toOrderState(order);
    const wait = { code: null, detail: null, policy: null } as const;
    await recordChange(tx, { ...changeOf(order, BY_ITSELF, [{ type: 'delivery_overdue' }]), wait });
    return { until: null };
  });
}

/** Ends an order whose goods have arrived once every capture is settled. */
export async function completeOrder(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    const isOwed = order.captures.some(({ status }) => status === 'owed');
    if (order.phase !== 'complete' || isOwed) return toOrderState(order);
    const change = changeOf(order, BY_ITSELF, [COMPLETED]);
    await recordChange(tx, { ...change, status: 'completed', phase: 'over', wait: null });
    return { status: 'completed', phase: 'over', waitCode: null, until: null };
  });
}
