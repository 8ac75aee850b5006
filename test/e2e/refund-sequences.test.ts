import { readOrder, completeOrder } from '../helpers/orders';
import { askRefund, untilRefund } from '../helpers/refunds';
import { startSystem, type System } from '../helpers/system';
import { audit } from '../helpers/audit';

/** Prices, discounts and tax that do not divide by the units. */
const ORDERS = [
  { lines: [{ sku: 'MUG-RED', quantity: 3, unitPriceMinor: 1299 }] },
  {
    lines: [
      { sku: 'MUG-RED', quantity: 7, unitPriceMinor: 333 },
      { sku: 'MUG-WHITE', quantity: 2, unitPriceMinor: 1 },
    ],
    discounts: [{ code: 'ODD', type: 'fixed', valueMinor: 101 }],
  },
  {
    lines: [
      { sku: 'MUG-RED', quantity: 5, unitPriceMinor: 799 },
      { sku: 'SOAP-OLIVE', quantity: 4, unitPriceMinor: 255 },
    ],
    discounts: [{ code: 'PART', type: 'percent', valuePercent: 7.5 }],
  },
] as const;

/** The same numbers on every run. */
function createRandom(seed: number): (max: number) => number {
  let state = seed;
  return (max) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * (max + 1));
  };
}

describe('sequences of refunds', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: { refundApprovalLimitMinor: {} } });
  });
  afterAll(() => system.stop());

  it.each([
    ...[1, 2, 3, 4].flatMap((seed) => ORDERS.map((order, n) => [seed * 10 + n, order] as const)),
  ])('%i: parts in any order add up to what was captured', async (seed, overrides) => {
    const random = createRandom(seed);
    const order = await completeOrder(system, overrides);
    const left = new Map<string, number>(
      order.lines.map((line: { id: string; quantity: number }) => [line.id, line.quantity]),
    );
    let shippingMinor: number = order.shippingMinor;
    const refunded: number[] = [];

    while (left.size > 0 || shippingMinor > 0) {
      const lines = [...left].flatMap(([lineId, units]) => {
        const quantity =
          left.size === 1 && shippingMinor === 0 ? 1 + random(units - 1) : random(units);
        return quantity === 0 ? [] : [{ lineId, quantity }];
      });
      const shipping = Math.min(shippingMinor, random(300));
      if (lines.length === 0 && shipping === 0) continue;
      for (const { lineId, quantity } of lines) {
        const rest = (left.get(lineId) ?? 0) - quantity;
        if (rest === 0) left.delete(lineId);
        else left.set(lineId, rest);
      }
      shippingMinor -= shipping;
      const to = random(3) === 0 ? 'store_credit' : 'original';
      const { id } = await askRefund(system, order.id, {
        ...(lines.length > 0 ? { lines } : {}),
        ...{ shippingMinor: shipping, to },
      });
      const { amountMinor } = await untilRefund(system, id, 'succeeded');
      refunded.push(amountMinor);
    }

    const after = await readOrder(system, order.id);
    expect(refunded.reduce((sum, part) => sum + part, 0)).toBe(after.amounts.capturedMinor);
    expect(after.amounts).toMatchObject({
      ...{ refundedMinor: order.totalMinor, pendingRefundMinor: 0, refundableMinor: 0 },
    });
    expect(after.paymentStatus).toBe('refunded');
    expect(after.lines.map((line: { refunded: number }) => line.refunded)).toEqual(
      order.lines.map((line: { quantity: number }) => line.quantity),
    );
  });

  it('leaves nothing that the audit objects to', async () => {
    const { broken, lines } = await audit(system);
    expect(broken.length === 0 ? [] : lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  });
});
