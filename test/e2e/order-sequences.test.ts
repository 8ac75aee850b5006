import fc from 'fast-check';

import { assertCleanAudit } from '../helpers/audit';
import { drive } from '../helpers/driver';
import { type Command, COMMANDS, type Model, startModel } from '../helpers/order-model';
import { expectHistoriesReplay } from '../helpers/replayed';
import { addOwnProduct, readStock, receive } from '../helpers/stock';
import { startSystem, type System } from '../helpers/system';

// Documents are read by the contract, without our types.
type Document = any;

/** How many sequences: any number by hand (`SEQUENCES=300`), others each time; among the other tests always the same 10. */
const ASKED = process.env['SEQUENCES'];
const SEQUENCES = Number(ASKED ?? 10);
const SEED = ASKED === undefined ? { seed: 1 } : {};
/** So many orders live at once. */
const AT_ONCE = 10;
/** No sequence cancels or raises more units than this. */
const PLENTY = 100;

interface Life {
  readonly lines: readonly { readonly quantity: number; readonly stock: number }[];
  readonly discountMinor: number;
  readonly commands: readonly Command[];
}

/** The rounding rule as the contract writes it. */
function part(x: number, n: number, q: number): number {
  return q === 0 ? 0 : Math.floor((2 * x * n + q) / (2 * q));
}

/** What is wanted of an order is worth, shipping with it; prices come without tax. */
function worthOf(order: Document): number {
  const wanted = (line: Document): number => line.quantity - line.canceled;
  const lines = order.lines.map((line: Document) => {
    const itemMinor = line.unitPriceMinor * line.quantity - line.discountMinor;
    const item = part(itemMinor, wanted(line), line.quantity);
    return item + part(line.taxMinor, wanted(line), line.quantity);
  });
  const isWanted = order.lines.some((line: Document) => wanted(line) > 0);
  const shipping = isWanted ? order.shippingMinor + order.shippingTaxMinor : 0;
  return lines.reduce((sum: number, minor: number) => sum + minor, shipping);
}

describe('random commands on orders of a running system', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: { reviewAmountAboveMinor: {}, reviewVelocity: null } });
  });
  afterAll(() => system.stop());

  const life = fc.record({
    lines: fc.array(
      fc.record({ quantity: fc.integer({ min: 1, max: 5 }), stock: fc.nat({ max: 6 }) }),
      { minLength: 1, maxLength: 2 },
    ),
    discountMinor: fc.nat({ max: 500 }),
    commands: fc.array(COMMANDS, { maxLength: 7 }),
  });

  it(
    'end as a plain model says, with stock, money and books right',
    async () => {
      const batch = { minLength: AT_ONCE, maxLength: AT_ONCE };
      await fc.assert(
        fc.asyncProperty(fc.array(life, batch), async (lives) => {
          await Promise.all(lives.map(tryLive));
        }),
        // To shrink is to live ten orders each time: by hand.
        { ...SEED, numRuns: Math.ceil(SEQUENCES / AT_ONCE), endOnFailure: true },
      );
      await assertCleanAudit(system);
      await expectHistoriesReplay(system);
    },
    SEQUENCES * 2_000 + 120_000,
  );

  /** Fails with the life itself, so that it can be lived again alone. */
  async function tryLive(drawn: Life): Promise<void> {
    try {
      await live(drawn);
    } catch (err) {
      throw new Error(`${JSON.stringify(drawn)}: ${String(err)}`, { cause: err });
    }
  }

  async function live({ lines, discountMinor, commands }: Life): Promise<void> {
    const skus: string[] = [];
    for (const { stock } of lines) skus.push(await addOwnProduct(system, 'LIFE', stock));
    const model = await startModel(system, {
      lines: lines.map(({ quantity }, n) => ({ sku: skus[n], quantity })),
      discounts: [{ code: 'LIFE', type: 'fixed', valueMinor: discountMinor }],
    });
    for (const command of commands) await model.run(command);
    await model.releaseAll();
    for (const sku of skus) await receive(system, sku, PLENTY);
    const { status } = await drive(system, model.orderId, { timeoutMs: 60_000 });
    await expectEnd(model, status);
    await expectStock(model, lines, skus);
  }

  async function expectEnd(model: Model, status: string): Promise<void> {
    expect(status).toBe(model.isCanceled() ? 'canceled' : 'completed');
    const order = await model.settled();
    const units = order.lines.map((line: Document) => ({
      wanted: line.quantity - line.canceled,
      delivered: line.delivered,
    }));
    expect(units).toEqual(
      model.lines.map(({ wanted }) => ({ wanted, delivered: model.isCanceled() ? 0 : wanted })),
    );
    const { capturedMinor, refundedMinor, authorizedMinor, voidedMinor } = order.amounts;
    expect(order.currentTotalMinor).toBe(worthOf(order));
    expect(capturedMinor - refundedMinor).toBe(worthOf(order));
    expect(authorizedMinor).toBe(capturedMinor + voidedMinor);
  }

  async function expectStock(
    model: Model,
    lines: Life['lines'],
    skus: readonly string[],
  ): Promise<void> {
    for (const [n, sku] of skus.entries()) {
      const { onHand, reserved, ledgerOnHand, heldByOrders } = await readStock(system, sku);
      const received = (lines[n]?.stock ?? 0) + PLENTY + model.received(sku);
      const sold = model.isCanceled() ? 0 : (model.lines[n]?.wanted ?? 0);
      expect({ sku, onHand, ledgerOnHand }).toEqual({
        ...{ sku, onHand: received - sold, ledgerOnHand: received - sold },
      });
      expect({ reserved, heldByOrders }).toEqual({ reserved: 0, heldByOrders: 0 });
    }
  }
});
