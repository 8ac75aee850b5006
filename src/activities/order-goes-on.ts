import type { OrderPhase } from '../contracts/order-process';
import type { OpenOrder } from '../db/oms/open-order';
import type { OrderWait } from '../db/oms/record-change';
import { capturePrepaid } from '../db/oms/terms';
import type { Queryable } from '../db/pool';
import { dueOf, isUnpaid } from '../domain/order-worth';
import { captured } from './money-events';
import { changeOf, type StepCause } from './order-step';

/**
 * Where an order goes that has become less: one that is paid for now does not wait for money any more; with nothing left
 * to ship the carrier has the rest, or everything has arrived.
 */
export function goesOn(order: OpenOrder): {
  readonly phase?: OrderPhase;
  readonly wait?: OrderWait | null;
} {
  if (isUnpaid(order) && dueOf(order) === 0) return { wait: null };
  if (order.phase !== 'fulfill') return {};
  const goods = order.lines.filter(({ requiresShipping }) => requiresShipping);
  if (goods.some(({ wanted, shipped }) => wanted > shipped)) return {};
  if (goods.every(({ wanted, delivered }) => wanted === delivered))
    return { phase: 'complete', wait: null };
  return { phase: 'track', wait: { code: null, detail: null, policy: 'deliverySla' } };
}

/** Cash on delivery is all there once everything has arrived. */
export async function collectCash(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
): Promise<void> {
  for (const { id, method, status, amountMinor } of order.payments)
    if (method === 'cod' && status === 'pending')
      await capturePrepaid(
        tx,
        id,
        changeOf(order, { ...cause, commandId: null }, [captured(amountMinor)]),
      );
}
