import type { OrderChange } from '../contracts/order-process';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { adjustAsked, countCredited } from '../db/oms/open-units';
import { createRefund } from '../db/oms/refund-create';
import type { Queryable } from '../db/pool';
import { balanceOf, refundOf } from '../domain/change-money';
import { share } from '../domain/money';
import { toMoney, toWorth } from '../domain/order-worth';
import { requireOrder, type StepCause } from './order-step';

export interface GivenUp {
  readonly before: OpenOrder;
  readonly after: OpenOrder;
  /** Units that were canceled; none where only prices changed. */
  readonly units: ReadonlyMap<string, number>;
  readonly cause: StepCause;
}

/** Refunds what was captured for units or prices that are gone: a `refund/{id}` of its own, asked once per command. */
export async function giveBack(tx: Queryable, given: GivenUp): Promise<void> {
  const { after, cause } = given;
  const worth = toWorth(after);
  const amountMinor = refundOf(worth, toMoney(after));
  if (amountMinor === 0) return;
  const { lines, shippingOverMinor } = balanceOf(worth);
  await countCredited(tx, after.id, lines, shippingOverMinor);
  const parts = canceledParts(given);
  const partsMinor = parts.reduce(
    (sum, { itemMinor, taxMinor }) => sum + itemMinor + (after.taxIncluded ? 0 : taxMinor),
    0,
  );
  const isByLine = partsMinor === amountMinor;
  await createRefund(tx, {
    orderId: after.id,
    causeKey: `change:${cause.commandId ?? `${after.id}:${String(after.version)}`}`,
    reason: cause.reason ?? 'changed',
    destination: 'original',
    lines: isByLine ? parts : [],
    isOfCanceled: true,
    shippingMinor: 0,
    shippingTaxMinor: 0,
    adjustmentMinor: isByLine ? 0 : amountMinor,
    needsApproval: false,
    requestedBy: cause.actor,
    requestId: cause.requestId,
  });
}

/** The end of a step that canceled units of an unpaid or short order: less is asked for, and what was captured goes back. */
export async function settleCanceled(
  tx: Queryable,
  before: OpenOrder,
  canceled: readonly { readonly lineId: string; readonly quantity: number }[],
  cause: StepCause,
): Promise<OrderChange> {
  await adjustAsked(tx, before.id);
  const after = await requireOrder(tx, before.id, null);
  const units = new Map(canceled.map(({ lineId, quantity }) => [lineId, quantity]));
  await giveBack(tx, { before, after, units, cause });
  return toOrderState(await requireOrder(tx, before.id, null));
}

/** What the canceled units were worth, taken from the end of their lines. */
function canceledParts({ before, after, units }: GivenUp) {
  return [...units].flatMap(([lineId, quantity]) => {
    const old = before.lines.find(({ id }) => id === lineId);
    const line = after.lines.find(({ id }) => id === lineId);
    if (old === undefined || line === undefined) return [];
    const part = (whole: number) =>
      share(whole, old.wanted, old.ordered) - share(whole, line.wanted, line.ordered);
    return [{ lineId, quantity, itemMinor: part(line.itemMinor), taxMinor: part(line.taxMinor) }];
  });
}
