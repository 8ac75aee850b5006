import { toStockDemand } from './allocation';
import { applyChanges, totalsOf } from './change';
import type { Change, ChangeBase, ChangeCatalogue, ChangeTotals } from './change-facts';
import { type PaymentPlan, planPayment, type WorthOrder } from './change-money';
import { DomainError } from './errors';
import { type MoneyView, toMoney, toWorth } from './order-worth';

/** What somebody wants changed, of which version. */
export interface AmendRequest {
  readonly baseVersion: number;
  readonly changes: readonly Change[];
}

export interface AmendStock {
  readonly sku: string;
  /** At all active locations, less safety stock. */
  readonly available: number;
  /** May be sold without being there. */
  readonly backorder: boolean;
}

export interface AmendFacts {
  readonly base: ChangeBase;
  readonly catalogue: ChangeCatalogue;
  readonly stock: readonly AmendStock[];
}

/** An order as an amend finds it. */
export interface AmendView extends MoneyView {
  readonly version: number;
  readonly shipments: readonly {
    readonly fulfillmentOrderId: string;
    readonly bookingStatus: string;
  }[];
  readonly fulfillments: readonly {
    readonly id: string;
    readonly status: string;
    readonly packed: boolean;
    readonly shippingCapturedMinor: number;
  }[];
}

export interface StockChange {
  readonly sku: string;
  readonly delta: number;
  readonly available: number;
  /** Units that are not there. */
  readonly short: number;
}

export interface AmendPlan {
  readonly before: ChangeTotals;
  readonly after: ChangeTotals;
  readonly order: ChangeBase;
  readonly stock: readonly StockChange[];
  readonly payment: PaymentPlan;
}

/**
 * What an amend would do: prices, taxes, stock and money together. Pure; confirming the same changes of the same version
 * gives the same. Throws `version_conflict` on a stale version, `already_packed` while units are packed and not handed
 * over, `validation_failed` with the path of a change that is not possible.
 */
export function planAmend(view: AmendView, facts: AmendFacts, request: AmendRequest): AmendPlan {
  if (request.baseVersion !== view.version)
    throw new DomainError('version_conflict', `the order is at version ${String(view.version)}`, {
      extra: { version: view.version },
    });
  if (view.fulfillments.some((fulfillment) => isPacked(view, fulfillment)))
    throw new DomainError('already_packed', 'units are packed and not handed over yet');
  const { base, catalogue } = facts;
  const order = applyChanges(base, request.changes, catalogue);
  const worth = toWorth(view);
  if (order.taxIncluded !== base.taxIncluded && worth.lines.some((l) => l.capturedMinor > 0))
    throw new DomainError('validation_failed', 'the rest would be taxed in another way', {
      errors: [
        { path: 'changes', message: 'a part is captured: its prices cannot change their tax' },
      ],
    });
  return {
    before: totalsOf(base),
    after: totalsOf(order),
    order,
    stock: stockOf(base, order, facts.stock),
    payment: planPayment(worth, worthAfter(worth, order), toMoney(view)),
  };
}

/** The refusal of an amend that wants more than there is. */
export function lackOfStock(
  missing: readonly { readonly sku: string; readonly quantity: number }[],
): DomainError {
  return new DomainError('insufficient_stock', 'the stock does not suffice', {
    errors: missing.map(({ sku, quantity }) => ({
      path: 'changes',
      message: `${sku}: ${String(quantity)} units are missing`,
    })),
  });
}

/** Packed, or just being packed: the carrier may hold a booking for it. */
export function isPacked(
  { shipments }: Pick<AmendView, 'shipments'>,
  {
    id,
    status,
    packed,
  }: { readonly id: string; readonly status: string; readonly packed: boolean },
): boolean {
  if (status === 'closed' || status === 'canceled') return false;
  return (
    packed || shipments.some((s) => s.fulfillmentOrderId === id && s.bookingStatus === 'pending')
  );
}

function worthAfter(worth: WorthOrder, order: ChangeBase): WorthOrder {
  return {
    ...worth,
    taxIncluded: order.taxIncluded,
    shippingMinor: order.shippingMinor,
    shippingTaxMinor: order.shippingTaxMinor,
    lines: order.lines.map((line) => ({
      lineId: line.lineId,
      quantity: line.quantity,
      canceled: line.canceled,
      itemMinor: line.unitPriceMinor * line.quantity - line.discountMinor,
      taxMinor: line.taxMinor,
      capturedMinor: worth.lines.find(({ lineId }) => lineId === line.lineId)?.capturedMinor ?? 0,
    })),
  };
}

function stockOf(base: ChangeBase, order: ChangeBase, stock: readonly AmendStock[]): StockChange[] {
  const deltas = new Map<string, number>();
  for (const { lineNo, sku, quantity, requiresShipping, kitParts } of order.lines) {
    const old = base.lines.find((line) => line.lineNo === lineNo)?.quantity ?? 0;
    if (sku === null || !requiresShipping || quantity === old) continue;
    const demand = { lineId: String(lineNo), sku, quantity: quantity - old, kitParts };
    for (const [item, units] of toStockDemand([demand]))
      deltas.set(item, (deltas.get(item) ?? 0) + units);
  }
  return [...deltas].map(([sku, delta]) => {
    const level = stock.find((candidate) => candidate.sku === sku);
    const available = Math.max(0, level?.available ?? 0);
    const short = level?.backorder === true ? 0 : Math.max(0, delta - available);
    return { sku, delta, available, short };
  });
}
