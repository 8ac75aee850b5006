import type { OrderChange } from '../contracts/order-process';
import { recordChange } from '../db/oms/record-change';
import { recordOutsidePayment } from '../db/oms/terms';
import { DomainError } from '../domain/errors';
import { dueOf, isUnpaid } from '../domain/order-worth';
import { captured } from './money-events';
import {
  actionsOf,
  changeOf,
  commandStep,
  illegalTransition,
  type StepDeps,
  type StepInput,
} from './order-step';

/**
 * Money that came outside for a prepaid or invoiced order counts as captured, once per reference. An order that waits for
 * it goes on when it is enough; more than enough shows as `overpaid`. By the order's workflow, or by the `wake` lane when
 * the order is completed.
 */
export async function recordPayment(
  deps: Pick<StepDeps, 'oms'>,
  input: StepInput,
): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const { paymentMethod: method, id } = order;
    if (!actionsOf(order).includes('record-payment'))
      throw illegalTransition(order, 'this order takes no money from outside now');
    const { amountMinor, reference, receivedAt } = readBody(cause.body);
    const isKnown = order.payments.some(
      (payment) => payment.reference === reference && payment.status === 'captured',
    );
    if (isKnown) {
      await recordChange(tx, changeOf(order, cause, []));
      return {};
    }
    const isAwaited = isUnpaid(order) && dueOf(order) <= amountMinor;
    const change = changeOf(order, cause, [captured(amountMinor)]);
    await recordOutsidePayment(tx, isAwaited ? { ...change, wait: null } : change, {
      ...{ method, provider: 'outside', idempotencyKey: `outside:${id}:${reference}` },
      ...{ reference, amountMinor, receivedAt },
    });
    return isAwaited ? { waitCode: null, until: null } : {};
  });
}

/** The API checked the shape before it stored the command; the Web UI has none. */
function readBody({ amountMinor, reference, receivedAt }: Readonly<Record<string, unknown>>) {
  if (typeof amountMinor !== 'number' || typeof reference !== 'string')
    throw new DomainError('validation_failed', 'payments are recorded through the API');
  return {
    amountMinor,
    reference,
    receivedAt: typeof receivedAt === 'string' ? receivedAt : null,
  };
}
