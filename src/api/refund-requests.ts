import type { Refund, RefundBody } from '../contracts/refunds';
import { isApprovalNeeded } from '../db/oms/refund-approval';
import { createRefund, findRefundByCause } from '../db/oms/refund-create';
import { findRefundable, lockForRefund, type RefundableOrder } from '../db/oms/refund-facts';
import { findRefund } from '../db/oms/refund-views';
import { withTransaction } from '../db/pool';
import { DomainError, type FieldError } from '../domain/errors';
import { refundOfShipping, refundOfUnits, type RefundParts, sumOfRefund } from '../domain/refund';

import { commandIdOf, type CommandContext } from './commands';
import type { ApiDeps } from './deps';
import { workflowLinks } from './order-answers';

/** One refund. Throws `not_found`. */
export async function requireRefund(deps: ApiDeps, id: string): Promise<Refund> {
  const refund = await findRefund(deps.oms, id, workflowLinks(deps));
  if (refund === null) throw new DomainError('not_found', 'There is no such refund.');
  return refund;
}

/**
 * Asks for a refund of an order: of units, shipping, or an amount. Answers with its id; it goes on by itself. The same key
 * again finds the first one. Throws where the units or the money are not there.
 */
export async function requestRefund(
  ctx: CommandContext,
  orderId: string,
  body: RefundBody,
): Promise<string> {
  const { deps, actor, requestId } = ctx;
  return withTransaction(deps.oms, async (tx) => {
    if (!(await lockForRefund(tx, orderId)))
      throw new DomainError('not_found', 'There is no such order.');
    const causeKey =
      ctx.idempotencyKey === null ? null : `request:${commandIdOf(ctx, 'refund', orderId)}`;
    const known = await findRefundByCause(tx, causeKey);
    if (known !== null) return known.refundId;
    const order = await findRefundable(tx, orderId);
    if (order === null) throw new DomainError('not_found', 'There is no such order.');
    const parts = toParts(order, body);
    const amountMinor = sumOfRefund(parts, order.isTaxIncluded);
    const created = await createRefund(tx, {
      ...{ ...parts, orderId, causeKey, reason: body.reason, destination: body.to },
      needsApproval: await isApprovalNeeded(tx, amountMinor, order.currency),
      requestedBy: { type: actor.type, id: actor.id },
      requestedStaff: body.staffId ?? null,
      requestId,
      isExact: true,
    });
    if (created === null) throw exceedsCaptured(body, order);
    return created.refundId;
  });
}

function exceedsCaptured(body: RefundBody, { refundableMinor }: RefundableOrder): DomainError {
  const path = body.amountMinor === undefined ? 'lines' : 'amountMinor';
  return new DomainError('refund_exceeds_captured', 'More than what was captured and is left.', {
    errors: [{ path, message: `more than the ${refundableMinor} that are refundable` }],
    extra: { refundableMinor },
  });
}

function toParts(order: RefundableOrder, body: RefundBody): RefundParts {
  if (body.to === 'store_credit' && order.customerId === null)
    throw invalid([{ path: 'to', message: 'the order has no customer to give store credit to' }]);
  const { amountMinor = 0, lines = [], shippingMinor = 0 } = body;
  const { shipping } = order;
  if (shippingMinor > Math.max(0, shipping.shippingMinor - shipping.refundedMinor))
    throw new DomainError('refund_exceeds_captured', 'More than the shipping that is left.', {
      errors: [{ path: 'shippingMinor', message: 'more than the shipping that is left' }],
    });
  const known = new Map(order.lines.map((line) => [line.lineId, line]));
  const unknown = lines.flatMap(({ lineId }, n): FieldError[] => {
    const path = `lines.${n}.lineId`;
    if (!known.has(lineId)) return [{ path, message: 'is not a line of this order' }];
    const isRepeated = lines.findIndex((line) => line.lineId === lineId) < n;
    return isRepeated ? [{ path, message: 'is named twice' }] : [];
  });
  if (unknown.length > 0) throw invalid(unknown);
  const tooMany = lines.flatMap(({ lineId, quantity }, n): FieldError[] => {
    const line = known.get(lineId);
    const left = line === undefined ? 0 : Math.max(0, line.shipped - line.refundedShipped);
    if (quantity <= left) return [];
    return [{ path: `lines.${n}.quantity`, message: `more than the ${left} left to refund` }];
  });
  if (tooMany.length > 0)
    throw new DomainError(
      'refund_exceeds_quantity',
      'Units that were not handed over, or are refunded already.',
      { errors: tooMany },
    );
  return {
    lines: lines.flatMap(({ lineId, quantity }) => {
      const line = known.get(lineId);
      return line === undefined ? [] : [refundOfUnits(line, quantity)];
    }),
    ...refundOfShipping(shipping, shippingMinor),
    adjustmentMinor: amountMinor,
  };
}

function invalid(errors: readonly FieldError[]): DomainError {
  return new DomainError('validation_failed', 'The refund cannot be made like this.', { errors });
}
