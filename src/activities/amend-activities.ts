import type { OrderChange } from '../contracts/order-process';
import { type AmendPayment, findAmendPayment } from '../db/oms/amend-payments';
import { failCommand } from '../db/oms/command-end';
import { toOrderState } from '../db/oms/open-order';
import { markPayment } from '../db/oms/payments';
import { withTransaction } from '../db/pool';
import { DomainError, ERROR_CODES } from '../domain/errors';
import type { AuthorizeResult } from '../integrations/payment-gateway';
import { withHeartbeat } from './heartbeat';
import { amendAuthorized } from './order-amend';
import { requireOrder, type StepInput } from './order-step';
import { createPaymentCalls, type PaymentDeps } from './payment-calls';

/** The remote half of an amend. */
export function createAmendActivities(deps: PaymentDeps) {
  const { oms } = deps;
  const { authorizeOnce, voidOne, dropRefused } = createPaymentCalls(deps);

  /**
   * Has the difference of an amend authorised and then writes the change with it. Declined, or refused meanwhile: the
   * authorisation is taken back, nothing has changed, and the refusal is thrown. May run any number of times.
   */
  async function authorizeAmend(input: StepInput): Promise<OrderChange> {
    const { orderId, commandId = '' } = input;
    const payment = await findAmendPayment(oms, commandId);
    if (payment === null || payment.commandStatus === 'done') return readState(orderId);
    if (payment.commandStatus === 'failed') return refuse(input, payment, refusalOf(payment));
    const asked = { ...payment, wasAttempted: true };
    const outcome = await withHeartbeat(() => authorizeOnce(asked, orderId));
    if (outcome.kind !== 'authorized') return decline(input, payment, outcome);
    if (outcome.amountMinor < payment.amountMinor)
      return refuse(input, payment, declined('a part of it was authorised only'));
    try {
      return await amendAuthorized(deps, input, { ...outcome, paymentId: payment.paymentId });
    } catch (err) {
      if (!(err instanceof DomainError)) throw err;
      return refuse(input, payment, err);
    }
  }

  async function decline(
    input: StepInput,
    payment: AmendPayment,
    outcome: Exclude<AuthorizeResult, { kind: 'authorized' }>,
  ): Promise<never> {
    const code = await dropRefused(payment, outcome);
    await withTransaction(oms, async (tx) => {
      await markPayment(tx, payment.paymentId, { status: 'declined', code, intentId: null });
      await failCommand(tx, input.commandId ?? '', 'payment_declined');
    });
    throw declined('the payment of the difference was declined');
  }

  /** Takes the authorisation back; the change was not written. */
  async function refuse(
    { orderId, commandId = '' }: StepInput,
    payment: AmendPayment,
    refusal: DomainError,
  ): Promise<never> {
    await failCommand(oms, commandId, refusal.code);
    if (payment.status === 'pending') await withHeartbeat(() => voidOne(orderId, toOpen(payment)));
    throw refusal;
  }

  async function readState(orderId: string): Promise<OrderChange> {
    return withTransaction(oms, async (tx) => toOrderState(await requireOrder(tx, orderId, null)));
  }

  return { authorizeAmend };
}

function toOpen({ paymentId, provider, idempotencyKey, currency }: AmendPayment) {
  const known = { paymentId, provider, idempotencyKey, currency };
  return { ...known, reference: null, status: 'pending' } as const;
}

function declined(detail: string): DomainError {
  return new DomainError('payment_declined', detail);
}

function refusalOf({ code }: AmendPayment): DomainError {
  const known = ERROR_CODES.find((candidate) => candidate === code) ?? 'illegal_transition';
  return new DomainError(known, 'the change was refused before');
}
