import { createOrderActivities } from '../../src/activities/order-activities';
import { anOrder, untilStage } from '../helpers/orders';
import { pooled } from '../helpers/pooled';
import { addProduct, countStages, readStock, receive } from '../helpers/stock';
import { type Answer, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

const ORDERS = 1280;
const UNITS = 200;
const KEYS = 60;
const CLIENTS = 64;
/** About 40 s on two cores of its own. */
const LIMIT_MS = 240_000;

/** The cheapest order: nobody outside is called for an invoice. */
function orderOf(sku: string, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return anOrder({
    lines: [{ sku, quantity: 1 }],
    payment: { method: 'invoice' },
    ...overrides,
  });
}

jest.setTimeout(2 * LIMIT_MS);

describe('many callers at once', () => {
  let system: System;
  beforeEach(async () => {
    system = await startSystem({ poolMax: 40 });
  });
  afterEach(async () => {
    await system.stop();
  });

  it(`sells ${String(UNITS)} units to exactly ${String(UNITS)} of ${String(ORDERS)} orders`, async () => {
    await addProduct(system, 'HOT', UNITS);
    const startedAt = performance.now();

    const bodies = Array.from({ length: ORDERS }, () => orderOf('HOT'));
    const statuses = await pooled(bodies, CLIENTS, async (body) => {
      const { status } = await postUntilTaken(system, body);
      return status;
    });
    expect(statuses.filter((status) => ![200, 201, 202].includes(status))).toEqual([]);
    const stages = await waitFor(
      'every order to be reserved or short',
      async () => {
        const counts = await countStages(system);
        return (counts['warehouse'] ?? 0) + (counts['shortage'] ?? 0) === ORDERS ? counts : null;
      },
      LIMIT_MS,
    );
    report(`${String(ORDERS)} orders for ${String(UNITS)} units`, startedAt);

    expect(stages).toEqual({ warehouse: UNITS, shortage: ORDERS - UNITS });
    expect(await readStock(system, 'HOT')).toEqual({
      onHand: UNITS,
      reserved: UNITS,
      ledgerOnHand: UNITS,
      ledgerReserved: UNITS,
      heldByOrders: UNITS,
    });
  });

  it(`makes ${String(KEYS)} orders of ${String(ORDERS)} posts with ${String(KEYS)} keys`, async () => {
    await addProduct(system, 'KEYED', ORDERS);
    const startedAt = performance.now();
    const bodies = Array.from({ length: KEYS }, () => orderOf('KEYED'));

    const posts = Array.from({ length: ORDERS }, (_, n) => n % KEYS);
    const answers = await pooled(posts, CLIENTS, (n) => postUntilAnswered(system, n, bodies[n]));
    report(`${String(ORDERS)} posts over ${String(KEYS)} keys`, startedAt);

    const ids = new Map<number, Set<string>>();
    answers.forEach((id, index) => {
      const key = posts[index] ?? -1;
      ids.set(key, (ids.get(key) ?? new Set()).add(id));
    });
    expect([...ids.values()].filter((found) => found.size !== 1)).toEqual([]);
    expect(new Set(answers).size).toBe(KEYS);
    const stages = await waitFor('all to be placed', async () => {
      const counts = await countStages(system);
      return (counts['warehouse'] ?? 0) >= KEYS ? counts : null;
    });
    expect(stages).toEqual({ warehouse: KEYS });
    const { rows } = await system.db.admin.query(`select count(*)::int as n from oms.intakes`);
    expect(rows).toEqual([{ n: KEYS }]);
    expect((await readStock(system, 'KEYED')).reserved).toBe(KEYS);
  });

  it('gives new stock to waiting orders by priority, then age, and to as many as it serves', async () => {
    await addProduct(system, 'SCARCE', 0);
    await receive(system, 'SCARCE', 1);
    await post('filler');
    const normalOld = await post('normal');
    const normalLate = await post('normal', 2);
    const urgent = await post('urgent');
    const low = await post('low');
    const high = await post('high');

    await receive(system, 'SCARCE', 3);
    for (const id of [urgent, high, normalOld]) await untilStage(system, id, 'warehouse');
    expect(await stagesOf([normalLate, low])).toEqual(['shortage', 'shortage']);

    // Two are wanted before one: the second in line is passed over, not the queue held up.
    await receive(system, 'SCARCE', 1);
    await untilStage(system, low, 'warehouse');
    await receive(system, 'SCARCE', 5);
    await untilStage(system, normalLate, 'warehouse');
    expect(await readStock(system, 'SCARCE')).toMatchObject({ onHand: 10, reserved: 7 });

    async function post(priority: string, quantity = 1): Promise<string> {
      const body = orderOf('SCARCE', {
        lines: [{ sku: 'SCARCE', quantity }],
        ...(priority === 'filler' ? {} : { priority }),
      });
      const { status, body: answer } = await system.api('POST', '/v1/orders', body);
      expect(status).toBe(201);
      return answer.order.id;
    }
    function stagesOf(ids: string[]): Promise<string[]> {
      return Promise.all(
        ids.map(async (id) => (await system.api('GET', `/v1/orders/${id}`)).body.order.stage),
      );
    }
  });
});

describe('steps of many workers at once', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ withoutWorkers: true, poolMax: 40 });
  });
  afterAll(async () => {
    await system.stop();
  });

  it('reserve no unit twice', async () => {
    await addProduct(system, 'RACED', 5);
    const bodies = Array.from({ length: 40 }, () => orderOf('RACED'));
    const kept = await Promise.all(bodies.map((body) => system.api('POST', '/v1/orders', body)));
    expect(kept.map(({ status }) => status)).toEqual(kept.map(() => 202));
    const { rows } = await system.db.admin.query<{ orderId: string }>(
      `select order_id as "orderId" from oms.intakes`,
    );

    const { placeOrder } = createOrderActivities({ ...system.db, cardProvider: 'sandbox' });
    const states = await Promise.all(rows.map((row) => placeOrder(row)));
    expect(states.filter(({ phase }) => phase === 'pay')).toHaveLength(5);
    expect(states.filter(({ phase }) => phase === 'reserve')).toHaveLength(35);
    expect(await readStock(system, 'RACED')).toMatchObject({ reserved: 5, heldByOrders: 5 });
  });
});

/**
 * Says which order a post made, by the id of its order or of its intake (202 where the engine is slow). A caller that
 * comes while the first one runs is told so (409) and asks again.
 */
async function postUntilAnswered(system: System, n: number, body: unknown): Promise<string> {
  return waitFor(
    'an answer',
    async () => {
      const idempotencyKey = `key-${String(n)}`;
      const answer = await system.api('POST', '/v1/orders', body, { idempotencyKey });
      if (answer.status === 409 && answer.body.code === 'idempotency_in_progress') return null;
      if (answer.status !== 201 && answer.status !== 202) throw new Error(JSON.stringify(answer));
      return answer.status === 201 ? answer.body.order.id : answer.body.intakeId;
    },
    LIMIT_MS,
  );
}

function report(what: string, startedAt: number): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`      ${what}: ${seconds} s\n`);
}

/** A 503 says that nothing was kept and to try again: a caller does, with the same order. */
async function postUntilTaken(
  system: System,
  body: Record<string, unknown>,
  tries = 10,
): Promise<Answer> {
  const answer = await system.api('POST', '/v1/orders', body);
  if (answer.status !== 503 || tries === 0) return answer;
  return postUntilTaken(system, body, tries - 1);
}
