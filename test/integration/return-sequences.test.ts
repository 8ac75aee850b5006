import { randomUUID } from 'node:crypto';

import fc from 'fast-check';

import { approveReturn, openReturn } from '../../src/activities/return-decisions';
import { inspectReturn, receiveReturn } from '../../src/activities/return-goods';
import { insertCommand } from '../../src/db/oms/commands';
import { insertReturn, lockOrder, readReturnableLines } from '../../src/db/oms/return-create';
import { countReturns } from '../../src/db/oms/returns';
import { withTransaction } from '../../src/db/pool';
import { returnableUnits } from '../../src/domain/return';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { insertPaidOrder, type PaidOrder } from '../helpers/paid-order';

const CAPTURED = 2189;

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

type Command = (
  deps: { oms: TestDatabase['oms']; crm: TestDatabase['crm']; cardProvider: string },
  input: { returnId: string; commandId: string },
) => Promise<unknown>;

/** One return of the given units of each line: so many accepted, the rest of what came rejected. */
interface Attempt {
  readonly units: readonly number[];
  readonly missing: number;
  readonly rejected: number;
}

/** Runs a return's steps as its workflow does. False: nothing of it is left to return. */
async function giveBack(order: PaidOrder, attempt: Attempt): Promise<boolean> {
  const { orderId } = order;
  const deps = { oms: db.oms, crm: db.crm, cardProvider: 'sandbox' };
  const free = await readReturnableLines(db.oms, orderId);
  const lines = free
    .map((line, n) => ({
      lineId: line.lineId,
      quantity: Math.min(attempt.units[n] ?? 0, returnableUnits(line)),
      reason: 'other',
    }))
    .filter(({ quantity }) => quantity > 0);
  if (lines.length === 0) return free.some((line) => returnableUnits(line) > 0);
  const { id: returnId } = await withTransaction(db.oms, async (tx) => {
    await lockOrder(tx, orderId);
    const made = await insertReturn(tx, {
      ...{ orderId, requestKey: null, kind: 'return', lines, exchangeLines: [], note: null },
      requestedBy: 'staff',
    });
    await countReturns(tx, orderId);
    return made;
  });
  await openReturn(deps, { returnId });
  const run = async (step: Command, kind: string, body: Record<string, unknown>) => {
    const id = randomUUID();
    await insertCommand(db.oms, {
      ...{ id, orderId, kind, body, actorType: 'api_key', actorId: 'test', requestId: 'test' },
    });
    await step(deps, { returnId, commandId: id });
    // The same command again, as after a lost answer.
    await step(deps, { returnId, commandId: id });
  };
  await run(approveReturn, 'return-approve', { label: false });
  let missing = attempt.missing;
  const came = lines.map(({ lineId, quantity }) => {
    const short = Math.min(missing, quantity);
    missing -= short;
    return { lineId, quantity: quantity - short, condition: 'new' };
  });
  const received = came.filter(({ quantity }) => quantity > 0);
  await run(receiveReturn, 'return-receive', { lines: received, complete: true });
  let { rejected } = attempt;
  for (const { lineId, quantity } of received) {
    const refused = Math.min(rejected, quantity);
    rejected -= refused;
    const accepted = quantity - refused;
    const disposition = accepted > 0 ? 'restock' : null;
    await run(inspectReturn, 'return-inspect', {
      lines: [{ lineId, accepted, rejected: refused, disposition }],
    });
  }
  return true;
}

async function readSums(orderId: string) {
  const { rows } = await db.admin.query<{
    refunded: number;
    pending: number;
    returned: number;
    open: number;
    least: number;
  }>(
    `select (select coalesce(sum(amount_minor), 0)::int from oms.refunds where order_id = $1) as refunded,
       (select coalesce(min(amount_minor), 1)::int from oms.refunds where order_id = $1) as least,
       (select sum(refund_pending_minor)::int from oms.payments where order_id = $1) as pending,
       (select sum(qty_returned)::int from oms.order_lines where order_id = $1) as returned,
       (select sum(qty_delivered - qty_returned - qty_return_rejected)::int from oms.order_lines where order_id = $1) as open`,
    [orderId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no sums');
  return row;
}

describe('random sequences of returns', () => {
  const attempt = fc.record({
    units: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 1 })),
    missing: fc.nat({ max: 1 }),
    rejected: fc.nat({ max: 1 }),
  });
  const split = fc.integer({ min: 0, max: CAPTURED });

  it('never give back more than was captured, and all of it when all came back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 5 }), split, async (attempts, first) => {
        const payments = [first, CAPTURED - first].filter((minor) => minor > 0);
        const order = await insertPaidOrder(
          db,
          payments.map((capturedMinor) => ({ method: 'card', capturedMinor })),
        );
        for (const one of attempts) await giveBack(order, one);
        const rest = { units: [3, 1], missing: 0, rejected: 0 };
        while (await giveBack(order, rest)) continue;

        const { refunded, pending, returned, open, least } = await readSums(order.orderId);
        expect({ open, isPositive: least > 0 }).toEqual({ open: 0, isPositive: true });
        expect(pending).toBe(refunded);
        expect(refunded).toBeLessThanOrEqual(CAPTURED);
        expect(refunded === CAPTURED).toBe(returned === 4);
      }),
      { numRuns: 200 },
    );
  }, 240_000);
});
