import type { PaymentRow } from '../db/oms/place-order';
import type { PlacedOrder } from '../domain/intake-facts';
import type { OrderStatus } from '../domain/order-state';

const STORE_CREDIT = 'store_credit';

/**
 * The payments that an order is placed with: what counts first (an exchange's worth, store credit) as one that is taken
 * at once, and the rest by the order's method. Of an order that is rejected at once only money that is there already is kept.
 */
export function toPayments(
  order: PlacedOrder,
  status: OrderStatus,
  from: { readonly orderId: string; readonly cardProvider: string },
): PaymentRow[] {
  const { payment, header, entry } = order;
  const isRejected = entry === 'open' && status === 'canceled';
  if (header.totalMinor === 0 || (isRejected && payment.method !== 'prepaid')) return [];
  const keyOf = (seq: number) => ({ seq, idempotencyKey: `pay:${from.orderId}:${String(seq)}` });
  if (payment.method === 'exchange_credit') {
    const { creditMinor = 0, returnId } = payment;
    if (creditMinor === 0) return [];
    const method = { method: 'exchange_credit', provider: 'exchange', reference: returnId };
    return [{ ...keyOf(1), ...method, ...takenAtOnce(creditMinor) }];
  }
  const creditMinor = isRejected ? 0 : order.storeCredit.takenMinor;
  const credit = { method: STORE_CREDIT, provider: STORE_CREDIT, reference: null };
  const rows = creditMinor === 0 ? [] : [{ ...keyOf(1), ...credit, ...takenAtOnce(creditMinor) }];
  const amountMinor = restMinor(order);
  if (amountMinor === 0) return rows;
  const isPaid = isPaidAtOnce(order, status);
  return [
    ...rows,
    {
      ...keyOf(rows.length + 1),
      method: payment.method,
      provider: providerOf(payment, from.cardProvider),
      reference: 'reference' in payment ? (payment.reference ?? null) : null,
      token: payment.method === 'card' && entry === 'open' ? (payment.token ?? null) : null,
      amountMinor,
      multicapture: payment.method !== 'card' || payment.reference === undefined,
      capturedMinor: isPaid ? amountMinor : 0,
      authorizedMinor: isPaid || isAuthorizedAtSource(payment) ? amountMinor : 0,
    },
  ];
}

function takenAtOnce(amountMinor: number) {
  const taken = { amountMinor, capturedMinor: amountMinor, authorizedMinor: amountMinor };
  return { ...taken, token: null, multicapture: true };
}

/** What the order's method pays beside store credit. Money that came in advance is not more because less credit was there. */
function restMinor({ payment, header, storeCredit }: PlacedOrder): number {
  const { askedMinor, takenMinor } = storeCredit;
  return header.totalMinor - (payment.method === 'prepaid' ? askedMinor : takenMinor);
}

/** What a return does not pay of an exchange is paid by card; an order that store credit pays as a whole has no other method. */
export function paymentMethodOf(order: PlacedOrder): string {
  const { payment } = order;
  if (payment.method === 'exchange_credit')
    return (payment.creditMinor ?? 0) < order.header.totalMinor ? 'card' : payment.method;
  return order.storeCredit.takenMinor > 0 && restMinor(order) === 0 ? STORE_CREDIT : payment.method;
}

/** Prepaid money of an order that has no pay step: history, or rejected at once. */
function isPaidAtOnce({ entry, payment }: PlacedOrder, status: OrderStatus): boolean {
  if (payment.method !== 'prepaid') return false;
  return entry === 'completed' || (entry === 'open' && status === 'canceled');
}

function isAuthorizedAtSource(payment: PlacedOrder['payment']): boolean {
  return payment.method === 'external' && payment.sourcePayment === 'authorized';
}

function providerOf(payment: PlacedOrder['payment'], cardProvider: string): string {
  if (payment.method === 'card') return payment.provider ?? cardProvider;
  return payment.method === 'external' ? `source:${payment.sourcePayment}` : 'terms';
}
