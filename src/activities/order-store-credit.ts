import type { Placement } from '../db/oms/place-order';
import { lockStoreCredit, payFromStoreCredit } from '../db/oms/store-credit';
import type { Queryable } from '../db/pool';
import type { PlacedOrder } from '../domain/intake-facts';
import { documentFinding } from '../domain/review';

/**
 * An order with what its customer's store credit can give of what it asks, the balance locked until the transaction ends.
 * Less than was asked for holds the order: nobody has agreed that the rest is paid otherwise.
 */
export async function reserveCredit(
  tx: Queryable,
  order: PlacedOrder,
  customerId: string,
): Promise<PlacedOrder> {
  const { askedMinor } = order.storeCredit;
  if (askedMinor === 0) return order;
  const balanceMinor = await lockStoreCredit(tx, customerId, order.header.currency);
  const storeCredit = { askedMinor, takenMinor: Math.min(askedMinor, balanceMinor) };
  if (balanceMinor >= askedMinor) return { ...order, storeCredit };
  const detail = `${String(askedMinor)} of store credit asked for, ${String(balanceMinor)} there`;
  const finding = documentFinding('store_credit_short', detail);
  return { ...order, storeCredit, findings: [...order.findings, finding] };
}

/** Takes the credit of an order that was just placed from its customer's balance. */
export async function takeCredit(
  tx: Queryable,
  { intake, payments }: Pick<Placement, 'intake' | 'payments'>,
): Promise<void> {
  if (payments.some(({ method }) => method === 'store_credit'))
    await payFromStoreCredit(tx, intake.orderId);
}
