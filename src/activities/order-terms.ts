import type { OrderChange, OrderRef } from '../contracts/order-process';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { recordChange } from '../db/oms/record-change';
import { insertPaymentAttempt } from '../db/oms/payments';
import { askAgain } from '../db/oms/renewals';
import { capturePrepaid, planFulfillment, PROCESSING } from '../db/oms/terms';
import type { Queryable } from '../db/pool';
import { DomainError } from '../domain/errors';
import { dueOf } from '../domain/order-worth';
import { captured } from './money-events';
import { giveBack } from './order-give-back';
import {
  actionsOf,
  BY_ITSELF,
  changeOf,
  commandStep,
  illegalTransition,
  requireOrder,
  type StepDeps,
  type StepInput,
  storyStep,
} from './order-step';

/**
 * The pay step of everything but a card: prepaid money is booked in full, cash on delivery and invoice come later,
 * a shop's own payment is awaited or due. Then the order goes to the warehouse, unless a hold keeps it.
 */
export async function settleTerms(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.phase !== 'pay') return toOrderState(order);
    // Store credit that counts first was taken when the order was placed.
    const payment = order.payments.find(
      ({ method, status }) => method !== 'card' && status === 'pending',
    );
    if (payment?.provider === 'source:awaited')
      return awaitMoney(tx, order, 'the shop has not reported the payment');
    if (payment === undefined && order.paymentMethod === 'prepaid' && dueOf(order) > 0)
      return awaitMoney(tx, order, 'a part of the money that was to come in advance is missing');
    const isPaid =
      payment !== undefined && (payment.method === 'prepaid' || payment.provider === 'source:paid');
    if (isPaid)
      await capturePrepaid(
        tx,
        payment.id,
        changeOf(order, BY_ITSELF, [captured(payment.amountMinor)]),
      );
    // Of money that came for more than is wanted by now the rest goes back.
    if (isPaid && payment.amountMinor > dueOf(order)) {
      const after = await requireOrder(tx, order.id, null);
      await giveBack(tx, { before: order, after, units: new Map(), cause: BY_ITSELF });
    }
    return toWarehouse(tx, order);
  });
}

/** Money that a shop has yet to report, or a payer to send: no deadline, they decide. */
async function awaitMoney(tx: Queryable, order: OpenOrder, detail: string): Promise<OrderChange> {
  if (order.waitCode === 'payment') return { waitCode: 'payment' };
  const wait = { code: 'payment', detail, policy: null } as const;
  await recordChange(tx, { ...changeOf(order, BY_ITSELF, [{ type: 'payment_awaited' }]), wait });
  return { waitCode: 'payment', until: null };
}

/** What is paid, or may be paid later, goes to the warehouse; an order without goods to ship is complete. */
async function toWarehouse(tx: Queryable, order: OpenOrder): Promise<OrderChange> {
  const isOver = { waitCode: null, until: null } as const;
  const change = changeOf(order, BY_ITSELF, []);
  if (!order.isUnplanned && !order.isBackordered) {
    await recordChange(tx, {
      ...change,
      status: 'processing',
      phase: 'complete',
      wait: null,
      events: [PROCESSING],
    });
    return { ...isOver, status: 'processing', phase: 'complete' };
  }
  if (order.activeHolds > 0) {
    await recordChange(tx, { ...change, phase: 'fulfill', wait: null });
    return { ...isOver, phase: 'fulfill' };
  }
  const fulfillments = await planFulfillment(tx, order, {
    ...change,
    phase: 'fulfill',
    wait: null,
  });
  return { ...isOver, status: 'processing', phase: 'fulfill', fulfillments };
}

/** Another means of payment: a payment row of its own, with its own key; the story tries it at once. */
export async function retryPayment(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    if (!actionsOf(order).includes('retry-payment'))
      throw illegalTransition(order, 'the order does not wait for a payment by card');
    const { token } = cause.body;
    if (typeof token !== 'string' || token === '')
      throw new DomainError('validation_failed', 'a payment token is needed', {
        errors: [{ path: 'token', message: 'required' }],
      });
    const seq = Math.max(0, ...order.payments.map((payment) => payment.seq)) + 1;
    const amountMinor = dueOf(order);
    if (order.phase === 'fulfill')
      await askAgain(tx, { orderId: order.id, provider: deps.cardProvider, token });
    // What is authorised may cover an order that was made cheaper since: then nothing more is asked for.
    else if (amountMinor > 0)
      await insertPaymentAttempt(tx, {
        orderId: order.id,
        seq,
        provider: deps.cardProvider,
        idempotencyKey: `pay:${order.id}:${String(seq)}`,
        token,
        currency: order.currency,
        amountMinor,
      });
    const change = changeOf(order, cause, [{ type: 'payment_retried', data: { seq } }]);
    await recordChange(tx, { ...change, wait: null });
    return { waitCode: null, until: null };
  });
}
