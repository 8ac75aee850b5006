import type { OrderChange } from '../contracts/order-process';
import {
  lockTravelling,
  setException,
  type TravellingShipment,
  waitOn,
} from '../db/oms/delivery-exceptions';
import { resolveShipmentIncidents } from '../db/oms/delivery-incidents';
import type { OpenOrder } from '../db/oms/open-order';
import { recordChange } from '../db/oms/record-change';
import { readScans } from '../db/oms/tracking';
import type { Queryable } from '../db/pool';
import {
  DELIVERY_ACTIONS,
  type DeliveryAction,
  type ShipmentAction,
  shipmentActions,
} from '../domain/delivery-exception';
import { DomainError } from '../domain/errors';
import { projectShipment } from '../domain/tracking';
import { finishTracking, settleIncidents } from './delivery-exceptions';
import { giveUpFor } from './delivery-remedies';
import { changeOf, commandStep, type StepCause, type StepDeps, type StepInput } from './order-step';

/** A person's decision on a shipment that could not be delivered, is lost, or is said not to have arrived. */
export async function resolveDelivery(
  deps: Pick<StepDeps, 'oms'>,
  input: StepInput,
): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const shipment = await requireShipment(tx, order, cause, 'resolve');
    const action = readAction(cause);
    if (action === 'refund' || action === 'resend')
      await giveUp(tx, order, shipment, action, cause);
    else await goOnWaiting(tx, order, shipment, action, cause);
    const decision = { note: cause.reason, by: cause.actor.id };
    await resolveShipmentIncidents(tx, shipment.id, null, decision);
    return finishTracking(tx, order.id);
  });
}

async function giveUp(
  tx: Queryable,
  order: OpenOrder,
  shipment: TravellingShipment,
  action: 'refund' | 'resend',
  cause: StepCause,
): Promise<void> {
  if (await giveUpFor(tx, order.id, shipment, action, cause)) return;
  if (action === 'resend' && order.activeHolds === 0)
    throw new DomainError('insufficient_stock', 'there is no stock to send it again');
  const what = action === 'resend' ? 'the order is on hold' : 'its capture is not settled yet';
  throw refused(shipment, what);
}

/** The carrier goes on, or tries once more: failed attempts go on counting, the silence begins anew. */
async function goOnWaiting(
  tx: Queryable,
  order: OpenOrder,
  shipment: TravellingShipment,
  action: 'wait' | 'redeliver',
  cause: StepCause,
): Promise<void> {
  const scans = await readScans(tx, shipment.id);
  const { status } = projectShipment(scans, new Date().toISOString());
  await waitOn(tx, shipment.id, status);
  const data = { shipmentId: shipment.id, action };
  await recordChange(tx, changeOf(order, cause, [{ type: 'delivery_resolved', data }]));
}

/** The customer says that what was delivered did not arrive: a person has to decide. */
export async function disputeDelivery(
  deps: Pick<StepDeps, 'oms'>,
  input: StepInput,
): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const shipment = await requireShipment(tx, order, cause, 'dispute-delivery');
    await setException(tx, shipment.id, 'delivery_disputed');
    await settleIncidents(tx, order, shipment, 'delivery_disputed');
    const event = { type: 'delivery_disputed', data: { shipmentId: shipment.id } };
    await recordChange(tx, changeOf(order, cause, [event]));
    return finishTracking(tx, order.id);
  });
}

/** The shipment that a command is about, if it may be carried out on it now. */
export async function requireShipment(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
  action: ShipmentAction,
): Promise<TravellingShipment> {
  const shipmentId = cause.body['shipmentId'];
  const known = order.shipments.find(({ id }) => id === shipmentId);
  if (known === undefined) throw new DomainError('not_found', 'no such shipment of this order');
  const shipment = (await lockTravelling(tx, order.id)).find(({ id }) => id === known.id);
  if (shipment === undefined)
    throw new DomainError('illegal_transition', `${action} is not legal for this shipment now`, {
      extra: { currentStatus: known.status, allowedActions: [] },
    });
  if (!actionsOn(shipment).includes(action))
    throw refused(shipment, `${action} is not legal for this shipment now`);
  return shipment;
}

function actionsOn(shipment: TravellingShipment): ShipmentAction[] {
  return shipmentActions({ ...shipment, isShipped: true, givenUpAs: null });
}

function refused(shipment: TravellingShipment, detail: string): DomainError {
  return new DomainError('illegal_transition', detail, {
    extra: { currentStatus: shipment.status, allowedActions: actionsOn(shipment) },
  });
}

function readAction({ body }: StepCause): DeliveryAction {
  const action = DELIVERY_ACTIONS.find((known) => known === body['action']);
  if (action !== undefined) return action;
  throw new DomainError('validation_failed', 'an action is needed', {
    errors: [{ path: 'action', message: `one of ${DELIVERY_ACTIONS.join(', ')}` }],
  });
}
