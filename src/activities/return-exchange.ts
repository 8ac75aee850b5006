import { findRefundable, type RefundableOrder } from '../db/oms/refund-facts';
import { createRefund, type RefundRequest } from '../db/oms/refund-create';
import { insertPaymentAttempt } from '../db/oms/payments';
import { insertExchangeIntake, type WantedItem } from '../db/oms/return-exchange';
import { type OpenReturn, recordReturn } from '../db/oms/returns';
import { insertWorkflowWake } from '../db/oms/wakes';
import type { Queryable } from '../db/pool';
import type { PlacedOrder, PlacedPayment } from '../domain/intake-facts';
import { share } from '../domain/money';
import { capRefund, type RefundParts, sumOfRefund } from '../domain/refund';
import type { StepCause } from './order-step';
import { refundOfAccepted } from './return-refund';
import { RETURN_BY_ITSELF, requireReturn, returnChangeOf } from './return-step';

/** Keeps the order that an exchange is for; the lane places it. Without wishes it is for what was accepted. */
export async function askForExchange(
  tx: Queryable,
  open: OpenReturn,
  { actor, requestId }: StepCause,
): Promise<string> {
  const wished = open.exchangeLines.map(({ sku, quantity, unitPriceMinor }) => ({
    ...{ sku, quantity, unitPriceMinor: unitPriceMinor ?? null },
  }));
  const items = wished.length > 0 ? wished : open.lines.flatMap(sameAgain);
  return insertExchangeIntake(tx, open, items, { actor, requestId });
}

/** The same item for what was paid for it. */
function sameAgain({
  sku,
  accepted,
  itemMinor,
  ordered,
}: OpenReturn['lines'][number]): WantedItem[] {
  if (sku === null || accepted === 0) return [];
  const paidMinor = share(itemMinor, accepted, ordered);
  return [{ sku, quantity: accepted, unitPriceMinor: Math.floor(paidMinor / accepted) }];
}

type ExchangePayment = Extract<PlacedPayment, { method: 'exchange_credit' }>;

/** What an order of an exchange is paid with. */
export interface Exchange {
  readonly payment: ExchangePayment & { readonly creditMinor: number };
  readonly open: OpenReturn;
  readonly order: RefundableOrder;
  readonly parts: RefundParts;
  /** Of the accepted units, at most what is left of the first order's money. */
  readonly valueMinor: number;
  readonly restMinor: number;
}

/** The exchange that an order is placed for, with its return and first order locked; null: it is for none. */
export async function findExchange(
  tx: Queryable,
  { payment, header }: PlacedOrder,
): Promise<Exchange | null> {
  if (payment.method !== 'exchange_credit') return null;
  const open = await requireReturn(tx, payment.returnId, null);
  const order = await findRefundable(tx, open.orderId);
  if (order === null) throw new Error('the order of the return does not exist');
  const parts = refundOfAccepted(open, order);
  const valueMinor = Math.min(sumOfRefund(parts, order.isTaxIncluded), order.refundableMinor);
  const creditMinor = Math.min(valueMinor, header.totalMinor);
  const restMinor = header.totalMinor - creditMinor;
  return { payment: { ...payment, creditMinor }, open, order, parts, valueMinor, restMinor };
}

/**
 * Books an exchange with the order that is just being placed: what it takes of the return's worth is a refund there and
 * a payment here, what it leaves is refunded, what it lacks is a payment by the card that paid first.
 */
export async function bookExchange(
  tx: Queryable,
  { payment, open, order, parts, valueMinor, restMinor }: Exchange,
  placed: { readonly orderId: string; readonly cardProvider: string },
): Promise<void> {
  const { creditMinor, means } = payment;
  const { actor } = RETURN_BY_ITSELF;
  const shared = {
    orderId: open.orderId,
    returnId: open.id,
    needsApproval: false,
    requestedBy: actor,
    requestId: null,
  } as const;
  const asks: RefundRequest[] = [
    {
      ...shared,
      ...capRefund(parts, creditMinor, order.isTaxIncluded),
      causeKey: `exchange:${open.id}`,
      reason: 'exchanged',
      destination: 'exchange',
      exchangeOrderId: placed.orderId,
    },
    {
      ...shared,
      ...(creditMinor === 0 ? parts : NOTHING),
      ...(creditMinor === 0 ? {} : { adjustmentMinor: valueMinor - creditMinor }),
      causeKey: `return:${open.id}`,
      reason: 'returned',
      destination: 'original',
    },
  ];
  for (const ask of asks)
    if (sumOfRefund(ask, order.isTaxIncluded) > 0) await createRefund(tx, ask);
  if (restMinor > 0) {
    const seq = creditMinor > 0 ? 2 : 1;
    await insertPaymentAttempt(tx, {
      orderId: placed.orderId,
      seq,
      provider: placed.cardProvider,
      idempotencyKey: `pay:${placed.orderId}:${String(seq)}`,
      token: means,
      currency: order.currency,
      amountMinor: restMinor,
    });
  }
  await recordReturn(tx, open, {
    ...returnChangeOf(RETURN_BY_ITSELF),
    event: 'return_exchanged',
    data: { exchangeOrderId: placed.orderId, valueMinor, creditMinor, restMinor },
  });
  await insertWorkflowWake(tx, `return/${open.id}`, 'refund_asked', placed.orderId);
}

const NOTHING: RefundParts = {
  lines: [],
  shippingMinor: 0,
  shippingTaxMinor: 0,
  adjustmentMinor: 0,
};
