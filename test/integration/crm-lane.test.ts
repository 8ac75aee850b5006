import {
  announce,
  laneContext,
  LINK_SECRET,
  createFakeMailServer,
  placeOrderRow,
  silent,
} from '../helpers/crm-fixtures';
import { waitFor } from '../helpers/wait-for';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { runLane } from '../../src/activities/lane';
import { drainDeliveries } from '../../src/activities/lane-deliveries';
import { runMessagesLaneIn } from '../../src/activities/message-activities';
import { seedTemplates } from '../../src/db/crm/seed-templates';
import { claimDeliveries } from '../../src/db/oms/outbox-deliveries';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  await seedTemplates(db.crm);
});
afterEach(async () => {
  await db.admin.query(`update oms.outbox_deliveries set done_at = now() where done_at is null`);
});
afterAll(async () => {
  await db.close();
});

const LANE = 'messages';

/** Drains with a handler that fails for some deliveries; says which ones were handled, in order. */
async function drainWith(fails: (outboxId: number) => boolean): Promise<number[]> {
  const handled: number[] = [];
  await drainDeliveries({
    name: LANE,
    oms: db.oms,
    logger: silent,
    prepare: () =>
      Promise.resolve((delivery) => {
        if (fails(delivery.outboxId)) return Promise.reject(new Error('poison'));
        handled.push(delivery.outboxId);
        return Promise.resolve();
      }),
  });
  return handled;
}

async function deliveryRow(outboxId: number) {
  const { rows } = await db.oms.query<{
    attempts: number;
    last_error: string | null;
    done: boolean;
    due: boolean;
  }>(
    `select attempts, last_error, done_at is not null as done, next_attempt_at <= now() as due
     from oms.outbox_deliveries where outbox_id = $1 and lane = $2`,
    [outboxId, LANE],
  );
  return rows[0];
}

describe('deliveries', () => {
  it('come in the order of their aggregate, one at a time', async () => {
    const order = await placeOrderRow(db);
    const other = await placeOrderRow(db);
    const first = await announce(db.oms, order, 'order.confirmed');
    const second = await announce(db.oms, order, 'order.canceled');
    const third = await announce(db.oms, other, 'order.confirmed');

    expect(await drainWith(() => false)).toEqual([first, third]);
    expect(await drainWith(() => false)).toEqual([second]);
    expect(await drainWith(() => false)).toEqual([]);
  });

  it('one that fails is put off and holds up only its own aggregate', async () => {
    const order = await placeOrderRow(db);
    const other = await placeOrderRow(db);
    const poisoned = await announce(db.oms, order, 'order.confirmed');
    const behind = await announce(db.oms, order, 'order.canceled');
    const free = await announce(db.oms, other, 'order.confirmed');

    const handled = [
      ...(await drainWith((id) => id === poisoned)),
      ...(await drainWith((id) => id === poisoned)),
    ];

    expect(handled).toEqual([free]);
    expect(await deliveryRow(poisoned)).toEqual({
      attempts: 1,
      last_error: 'Error',
      done: false,
      due: false,
    });
    await db.oms.query(
      `update oms.outbox_deliveries set next_attempt_at = now() where outbox_id = $1`,
      [poisoned],
    );
    expect(await drainWith(() => false)).toEqual([poisoned]);
    expect(await drainWith(() => false)).toEqual([behind]);
  });

  it('a dead worker’s lease runs out', async () => {
    const order = await placeOrderRow(db);
    const id = await announce(db.oms, order, 'order.confirmed');

    const leased = await claimDeliveries(db.oms, LANE, { limit: 10, leaseMs: 300 });
    const meanwhile = await drainWith(() => false);
    await waitFor('the delivery to be due', async () => (await deliveryRow(id))?.due === true);
    const afterwards = await drainWith(() => false);

    expect(leased.map((delivery) => delivery.outboxId)).toEqual([id]);
    expect(meanwhile).toEqual([]);
    expect(afterwards).toEqual([id]);
  });

  it('two workers never hold the same delivery', async () => {
    for (let n = 0; n < 20; n += 1)
      await announce(db.oms, await placeOrderRow(db), 'order.confirmed');

    const claims = await Promise.all(
      Array.from({ length: 8 }, () => claimDeliveries(db.oms, LANE, { limit: 5, leaseMs: 10_000 })),
    );

    const ids = claims.flat().map((delivery) => delivery.outboxId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(20);
  });

  it('an outage of a store is thrown, not put off', async () => {
    const id = await announce(db.oms, await placeOrderRow(db), 'order.confirmed');
    const outage = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });

    const drained = drainDeliveries({
      name: LANE,
      oms: db.oms,
      logger: silent,
      prepare: () => Promise.resolve(() => Promise.reject(outage)),
    });

    await expect(drained).rejects.toBe(outage);
    expect(await deliveryRow(id)).toMatchObject({ last_error: null, done: false });
  });
});

describe('runLane', () => {
  it('is woken by a notice long before it polls, also after its connection was cut', async () => {
    const stop = new AbortController();
    const ctx = laneContext(stop.signal);
    let drains = 0;
    const run = runLane(ctx, {
      listen: [{ pool: db.oms, channel: 'test_lane' }],
      pollMs: 60_000,
      drain: () => {
        drains += 1;
        return Promise.resolve(0);
      },
    });
    await waitFor('the first drain', () => drains === 1);

    await db.oms.query(`notify test_lane`);
    await waitFor('the second drain', () => drains === 2);
    await db.oms.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen "test_lane"'`,
    );
    await waitFor('the third drain', () => drains === 3);
    await db.oms.query(`notify test_lane`);
    await waitFor('the fourth drain', () => drains === 4);

    stop.abort();
    expect(await run).toBe(0);
    expect(ctx.beats()).toBeGreaterThan(0);
  });

  it('goes on at once while there is work, and ends when told, after the batch in hand', async () => {
    const stop = new AbortController();
    const batches: number[] = [];

    const total = await runLane(laneContext(new AbortController().signal), {
      listen: [],
      pollMs: 60_000,
      stop: stop.signal,
      drain: () => {
        batches.push(batches.length);
        if (batches.length === 5) stop.abort();
        return Promise.resolve(2);
      },
    });

    expect(total).toBe(10);
  });

  it('ends by itself when its time is over', async () => {
    const run = runLane(laneContext(new AbortController().signal), {
      listen: [],
      pollMs: 60_000,
      runForMs: 100,
      drain: () => Promise.resolve(0),
    });

    expect(await run).toBe(0);
  });

  it('throws what the drain throws', async () => {
    const run = runLane(laneContext(new AbortController().signal), {
      listen: [{ pool: db.oms, channel: 'test_lane' }],
      pollMs: 10,
      drain: () => Promise.reject(new Error('store down')),
    });

    await expect(run).rejects.toThrow('store down');
  });
});

describe('the messages lane', () => {
  it('sends the mail of an announcement at once and stops when cancelled', async () => {
    const stop = new AbortController();
    const server = createFakeMailServer();
    const run = runMessagesLaneIn(laneContext(stop.signal), {
      oms: db.oms,
      crm: db.crm,
      mailer: server,
      mailFrom: 'shop@example.com',
      publicUrl: 'http://127.0.0.1:3000',
      linkSecret: LINK_SECRET,
      logger: silent,
    });

    await announce(db.oms, await placeOrderRow(db), 'order.confirmed');
    await waitFor('the mail', () => server.taken.length === 1);

    stop.abort();
    expect((await run).done).toBeGreaterThanOrEqual(2);
  });
});
