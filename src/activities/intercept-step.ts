import type { OrderChange } from '../contracts/order-process';
import { setIntercepted } from '../db/oms/delivery-exceptions';
import { toOrderState } from '../db/oms/open-order';
import { recordChange } from '../db/oms/record-change';
import { withTransaction } from '../db/pool';
import { DomainError } from '../domain/errors';
import { requireShipment } from './delivery-decisions';
import {
  changeOf,
  commandStep,
  illegalTransition,
  requireOrder,
  type StepDeps,
  type StepInput,
  toCause,
} from './order-step';
import { isDone } from './refusing-command';

export type BegunIntercept =
  | { readonly kind: 'done'; readonly change: OrderChange }
  | { readonly kind: 'ask'; readonly shipmentId: string; readonly trackingNo: string };

/** Checks that the shipment may be called back, and writes that the carrier is asked to. A second time it goes on. */
export async function beginIntercept(
  deps: Pick<StepDeps, 'oms'>,
  { orderId, commandId }: StepInput,
): Promise<BegunIntercept> {
  if (commandId === undefined)
    throw new DomainError('validation_failed', 'an intercept comes through the API');
  return withTransaction(deps.oms, async (tx) => {
    const order = await requireOrder(tx, orderId, commandId);
    if (isDone(order.command, (detail) => illegalTransition(order, detail)))
      return { kind: 'done', change: toOrderState(order) };
    const cause = toCause(order.command);
    const known = order.shipments.find(({ id }) => id === cause.body['shipmentId']);
    if (known !== undefined && known.intercepted && known.trackingNo !== null)
      return { kind: 'ask', shipmentId: known.id, trackingNo: known.trackingNo };
    const { id, trackingNo } = await requireShipment(tx, order, cause, 'intercept');
    await setIntercepted(tx, id, true);
    return { kind: 'ask', shipmentId: id, trackingNo };
  });
}

/** The carrier has agreed: the order's history says so, and the command is done. */
export async function endIntercept(
  deps: Pick<StepDeps, 'oms'>,
  input: StepInput,
): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const data = { shipmentId: cause.body['shipmentId'] };
    await recordChange(tx, changeOf(order, cause, [{ type: 'intercept_requested', data }]));
    return {};
  });
}

/** The carrier has refused: it goes on as if nobody had asked. */
export async function takeBackIntercept(
  deps: Pick<StepDeps, 'oms'>,
  shipmentId: string,
): Promise<void> {
  await setIntercepted(deps.oms, shipmentId, false);
}
