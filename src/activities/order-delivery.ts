import type { OrderChange, OrderRef } from '../contracts/order-process';
import { COMPLETED, recordArrival } from '../db/oms/deliveries';
import { type HandOver, recordHandOver } from '../db/oms/hand-over';
import {
  type OpenFulfillment,
  type OpenLine,
  type OpenOrder,
  type OpenPayment,
  toOrderState,
} from '../db/oms/open-order';
import { type EventRecord, recordChange } from '../db/oms/record-change';
import { withTransaction } from '../db/pool';
import { allocateCaptures, captureForHandover } from '../domain/fulfillment';
import { coveredLeft, restOf, shippingCaptured } from '../domain/order-worth';
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
 * The packages leave the house. Stock is consumed, and the captures that are owed for these units are written with
 * their keys; the gateway is called afterwards. Until this commits a cancel wins, after it a cancel is refused.
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
    const taken = toHandOver(order, fulfillment);
    const { until, captures, arrivals, closed } = await recordHandOver(
      tx,
      isLast ? { ...change, phase: 'track', wait } : change,
      taken,
    );
    if (closed !== 1) throw illegalTransition(order, 'the fulfilment order is not in progress');
    return {
      closedId: fulfillmentOrderId,
      newCaptures: captures,
      newArrivals: arrivals,
      ...(isLast ? { phase: 'track', until: toIso(until) } : {}),
      ...(isLast && isMoreAuthorized(order, taken) ? { isOverAuthorized: true } : {}),
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
  const { id: fulfillmentOrderId } = fulfillment;
  const open = order.payments
    .filter(({ method, status }) => method === 'card' && OPEN_AUTHORIZATION.has(status))
    .map((payment) => ({ paymentId: payment.id, restMinor: restOf(order, payment) }));
  if (open.length === 0 && !order.payments.some(isCapturedAhead))
    return { fulfillmentOrderId, lines: [], captures: [], shippingMinor: 0 };
  const takesAll = order.payments.some(isCapturedOnce);
  const capture = captureForHandover({
    lines: order.lines.map((line) => ({
      lineId: line.id,
      quantity: line.ordered,
      itemValueMinor: line.itemMinor,
      taxMinor: line.taxMinor,
      ...shippedUnits(order, fulfillment, line, takesAll),
      capturedBeforeMinor: line.capturedMinor - line.creditedMinor,
    })),
    shippingMinor: order.shippingMinor,
    shippingTaxMinor: order.shippingTaxMinor,
    taxIncluded: order.taxIncluded,
    shippingCapturedMinor: shippingCaptured(order),
    coveredMinor: coveredLeft(order),
  });
  return {
    fulfillmentOrderId,
    lines: capture.lines,
    captures: allocateCaptures(capture.amountMinor, open),
    shippingMinor: capture.shippingMinor,
  };
}

/** The last hand-over leaves something authorised that nothing will be captured for. */
function isMoreAuthorized(order: OpenOrder, { captures }: HandOver): boolean {
  const restMinor = order.payments.reduce((sum, payment) => sum + restOf(order, payment), 0);
  return restMinor > captures.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

const OPEN_AUTHORIZATION: ReadonlySet<string> = new Set(['authorized', 'partially_captured']);

/** An authorisation that allows one capture is captured for all that is still wanted. */
function isCapturedOnce({ method, status, multicapture }: OpenPayment): boolean {
  return method === 'card' && !multicapture && OPEN_AUTHORIZATION.has(status);
}

/** Captured before its hand-over: the first one took all, or its provider did. */
function isCapturedAhead({ method, multicapture, capturedMinor }: OpenPayment): boolean {
  return method === 'card' && !multicapture && capturedMinor > 0;
}

/** What is sent again was captured when it was first handed over: no unit counts twice. */
function shippedUnits(
  { fulfillments }: OpenOrder,
  now: OpenFulfillment,
  line: OpenLine,
  takesAll: boolean,
) {
  const unitsOf = ({ lines }: OpenFulfillment): number =>
    lines.find(({ lineId }) => lineId === line.id)?.packed ?? 0;
  const shippedBefore = fulfillments
    .filter(({ status, isResend }) => status === 'closed' && !isResend)
    .reduce((sum, fulfillment) => sum + unitsOf(fulfillment), 0);
  if (takesAll) return { shippedBefore, shippedNow: Math.max(0, line.wanted - shippedBefore) };
  const shippedNow = now.isResend ? 0 : Math.min(unitsOf(now), line.ordered - shippedBefore);
  return { shippedBefore, shippedNow: Math.max(0, shippedNow) };
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

/** Ends an order whose goods have arrived once gateway and carrier owe nothing more. */
export async function completeOrder(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.phase !== 'complete' || !order.isSettled) return toOrderState(order);
    const change = changeOf(order, BY_ITSELF, [COMPLETED]);
    await recordChange(tx, { ...change, status: 'completed', phase: 'over', wait: null });
    return { status: 'completed', phase: 'over', waitCode: null, until: null };
  });
}
