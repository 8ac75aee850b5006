import type { OpenReturn } from '../db/oms/returns';
import type { RefundableOrder } from '../db/oms/refund-facts';
import {
  type RefundLine,
  refundOfShipping,
  refundOfUnits,
  type RefundParts,
} from '../domain/refund';
import { unitsToRefund } from '../domain/return';

/** The accepted units of a return that were not refunded before, by the rounding rule. */
export function refundOfAccepted(open: OpenReturn, order: RefundableOrder): RefundParts {
  const lines = order.lines.flatMap((line) => {
    const back = open.lines.find(({ lineId }) => lineId === line.lineId);
    if (back === undefined) return [];
    const units = unitsToRefund({ ...line, returned: back.returned }, back.accepted);
    return units === 0 ? [] : [refundOfUnits(line, units)];
  });
  return { lines, shippingMinor: 0, shippingTaxMinor: 0, adjustmentMinor: 0 };
}

/** What a return gives back by the policies: shipping too with the last unit of the order. */
export function refundOfReturn(
  open: OpenReturn,
  order: RefundableOrder,
  policies: ReadonlyMap<string, unknown>,
): RefundParts {
  const parts = refundOfAccepted(open, order);
  const isBack = open.kind === 'return_to_sender';
  const ofSender = policies.get('returnToSenderRefund') ?? 'items';
  if (isBack && ofSender === 'none') return { ...parts, lines: [] };
  const isWithShipping = isBack
    ? ofSender === 'all'
    : policies.get('returnRefundShipping') === 'full_return';
  if (!isWithShipping || !isWhole(order, parts.lines)) return parts;
  const { shippingMinor, refundedMinor } = order.shipping;
  const rest = Math.max(0, shippingMinor - refundedMinor);
  return { ...parts, ...refundOfShipping(order.shipping, rest) };
}

/** With these lines every unit that the order still has is refunded. */
function isWhole(order: RefundableOrder, lines: readonly RefundLine[]): boolean {
  if (lines.length === 0) return false;
  const now = new Map(lines.map(({ lineId, quantity }) => [lineId, quantity]));
  return order.lines.every(
    ({ lineId, quantity, canceled, refundedShipped }) =>
      refundedShipped + (now.get(lineId) ?? 0) >= quantity - canceled,
  );
}
