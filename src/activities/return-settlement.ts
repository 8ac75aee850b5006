import type { ReturnRef, ReturnState } from '../contracts/return-process';
import { findPolicyValues } from '../db/oms/policy-values';
import { type CreatedRefund, createRefund } from '../db/oms/refund-create';
import { findRefundable, type RefundableOrder } from '../db/oms/refund-facts';
import { type OpenReturn, recordReturn } from '../db/oms/returns';
import type { Queryable } from '../db/pool';
import type { StepCause, StepDeps } from './order-step';
import { askForExchange } from './return-exchange';
import { refundOfReturn } from './return-refund';
import { RETURN_BY_ITSELF, requireReturn, returnChangeOf, returnStoryStep } from './return-step';

/**
 * All is decided: what was accepted is refunded, or pays for another order, and the return closes when the refund has
 * ended, or at once.
 */
export async function settleReturn(
  tx: Queryable,
  returnId: string,
  cause: StepCause,
): Promise<void> {
  const open = await requireReturn(tx, returnId, null);
  if (open.kind === 'exchange' && open.lines.some(({ accepted }) => accepted > 0)) {
    const exchangeOrderId = await askForExchange(tx, open, cause);
    const data = { exchangeOrderId };
    await awaitRefund(tx, open, cause, { event: 'return_exchange_asked', data });
    return;
  }
  const refund = await refundAccepted(tx, open, cause);
  if (refund === null) await close(tx, open, cause);
  else await awaitRefund(tx, open, cause, { event: 'return_refund_awaited', data: { ...refund } });
}

async function awaitRefund(
  tx: Queryable,
  open: OpenReturn,
  cause: StepCause,
  told: { readonly event: string; readonly data: Readonly<Record<string, unknown>> },
): Promise<void> {
  await recordReturn(tx, open, {
    ...returnChangeOf(cause),
    ...told,
    commandId: null,
    wait: { code: 'refund', policy: null },
  });
}

/**
 * Asks for the refund of what was accepted, at most of what is left of the order's money. It is owed, so nobody has to
 * approve it. Null: there is nothing to give back.
 */
async function refundAccepted(
  tx: Queryable,
  open: OpenReturn,
  { actor, requestId }: StepCause,
): Promise<CreatedRefund | null> {
  const order = await requireRefundable(tx, open);
  const keys = ['returnRefundShipping', 'returnToSenderRefund'];
  return createRefund(tx, {
    ...refundOfReturn(open, order, await findPolicyValues(tx, keys)),
    orderId: open.orderId,
    causeKey: `return:${open.id}`,
    reason: open.kind === 'return_to_sender' ? 'returned to sender' : 'returned',
    destination: 'original',
    returnId: open.id,
    needsApproval: false,
    requestedBy: actor,
    requestId,
  });
}

async function requireRefundable(tx: Queryable, { orderId }: OpenReturn): Promise<RefundableOrder> {
  const order = await findRefundable(tx, orderId);
  if (order === null) throw new Error('the order of the return does not exist');
  return order;
}

/** The refund's workflow says that it has ended. */
export async function closeReturn(deps: StepDeps, ref: ReturnRef): Promise<ReturnState> {
  return returnStoryStep(deps, ref, closeRefunded);
}

/** Closes a return whose refund has ended; a second time it changes nothing. */
export async function closeRefunded(tx: Queryable, open: OpenReturn): Promise<void> {
  const isExchanged = open.exchangeOrderId === null || open.isExchangePlaced;
  if (open.waitCode === 'refund' && open.openRefunds === 0 && isExchanged)
    await close(tx, open, RETURN_BY_ITSELF);
}

async function close(tx: Queryable, open: OpenReturn, cause: StepCause): Promise<void> {
  await recordReturn(tx, open, {
    ...returnChangeOf(cause),
    commandId: null,
    status: 'closed',
    wait: null,
    event: 'return_closed',
    announce: ['return.closed'],
  });
}
