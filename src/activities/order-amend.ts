import type { OrderChange } from '../contracts/order-process';
import { loadAmendFacts } from '../db/oms/amend-facts';
import { amendKey, insertAmendPayment, recordFurther } from '../db/oms/amend-payments';
import type { OpenOrder } from '../db/oms/open-order';
import type { Queryable } from '../db/pool';
import { type AmendPlan, type AmendRequest, lackOfStock, planAmend } from '../domain/amend';
import type { Change } from '../domain/change-facts';
import { DomainError } from '../domain/errors';
import { writeAmend } from './order-amend-write';
import {
  actionsOf,
  commandStep,
  illegalTransition,
  requireOrder,
  type StepCause,
  type StepDeps,
  type StepInput,
} from './order-step';

/**
 * Changes an order: prices, taxes, stock and money in one transaction, or nothing. Where more has to be authorised first
 * only that payment is kept, and `isAuthorizing` asks the workflow to have it authorised.
 */
export async function amendOrder(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const commandId = requireCommand(cause);
    if (order.payments.some(({ idempotencyKey }) => idempotencyKey === amendKey(commandId)))
      return { rev: order.revision, isAuthorizing: true };
    const { plan, request } = await planFor(tx, order, cause);
    if (plan.payment.authorizeMinor === 0) return writeAmend(tx, order, { plan, request, cause });
    await insertAmendPayment(tx, {
      orderId: order.id,
      commandId,
      provider: deps.cardProvider,
      token: meansOf(order, cause, deps.cardProvider),
      amountMinor: plan.payment.authorizeMinor,
    });
    return { rev: order.revision, isAuthorizing: true };
  });
}

/** The second half of an amend: its authorisation is booked together with the change that needs it. */
export async function amendAuthorized(
  deps: StepDeps,
  input: StepInput,
  authorization: Parameters<typeof recordFurther>[2],
): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, found, cause) => {
    if (!(await recordFurther(tx, found.id, authorization)))
      throw new DomainError('payment_declined', 'the authorisation was taken back meanwhile');
    const { plan, request } = await planFor(tx, withoutOwn(found, authorization.paymentId), cause);
    if (plan.payment.authorizeMinor > authorization.amountMinor)
      throw new DomainError('payment_declined', 'more is needed than was authorised');
    const order = await requireOrder(tx, found.id, null);
    return writeAmend(tx, order, { plan, request, cause });
  });
}

/** The order as it was before this amend asked for its payment: what the change says of money counts from there. */
function withoutOwn(order: OpenOrder, paymentId: string): OpenOrder {
  return { ...order, payments: order.payments.filter(({ id }) => id !== paymentId) };
}

async function planFor(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
): Promise<{ readonly plan: AmendPlan; readonly request: AmendRequest }> {
  requireCommand(cause);
  const isBeingPaid = order.phase === 'pay' && order.waitCode === null;
  if (!actionsOf(order).includes('amend') || order.phase === 'complete' || isBeingPaid)
    throw illegalTransition(order, 'the order cannot be changed now');
  const request = readRequest(cause.body);
  const facts = await loadAmendFacts(tx, order.id, request.changes);
  const plan = planAmend(order, facts, request);
  const missing = plan.stock.filter(({ short }) => short > 0);
  if (missing.length > 0)
    throw lackOfStock(missing.map(({ sku, short }) => ({ sku, quantity: short })));
  return { plan, request };
}

/** A changes' body never enters a history: there is none in the Web UI. */
function requireCommand({ commandId, body }: StepCause): string {
  if (commandId !== null && Array.isArray(body['changes'])) return commandId;
  throw new DomainError('validation_failed', 'changes come through the API');
}

/** The API checked the shape before it stored the command. */
function readRequest(body: Readonly<Record<string, unknown>>): AmendRequest {
  return { baseVersion: Number(body['baseVersion']), changes: body['changes'] as Change[] };
}

/** The card that is named, or else the one that pays the order. */
function meansOf(order: OpenOrder, { body }: StepCause, cardProvider: string): string {
  const { token } = body;
  if (typeof token === 'string') return token;
  const card = order.payments.find(
    ({ method, provider, authorizedMinor, reference }) =>
      method === 'card' && provider === cardProvider && authorizedMinor > 0 && reference !== null,
  );
  if (card?.reference != null) return card.reference;
  throw new DomainError('payment_declined', 'no card pays this order: name one', {
    errors: [{ path: 'payment.token', message: 'is needed for the difference' }],
  });
}
