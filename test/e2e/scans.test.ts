import type { PoolClient } from 'pg';
import fc from 'fast-check';

import { type WakeDeps, wakeOnce } from '../../src/activities/wake-activities';
import { insertInboxEvent } from '../../src/db/oms/inbox';
import type { Pool } from '../../src/db/pool';
import { silent } from '../helpers/crm-fixtures';
import { post, readOrder, shipAll, untilStage } from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

const RUNS = 500;

interface Scan {
  readonly id: string;
  readonly code: string;
  readonly occurredAt: string;
}

/** One parcel's way, with a failed attempt, a code of the carrier's own, and two scans in the same second. */
const CODES = [
  ['picked_up', '08:00:00'],
  ['in_transit', '12:00:00'],
  ['hub_scan', '12:00:00'],
  ['in_transit', '18:00:00'],
  ['out_for_delivery', '20:00:00'],
  ['delivery_failed', '21:00:00'],
  ['out_for_delivery', '22:00:00'],
  ['delivered', '23:00:00'],
] as const;
const SCANS: readonly Scan[] = CODES.map(([code, time], n) => ({
  id: `scan-${String(n)}`,
  code,
  occurredAt: `2026-11-20T${time}Z`,
}));

/**
 * The first `count` scans at least once and up to six twice, in any order, in webhooks of any size; the lane looks once
 * in between.
 */
function arrivalsOf(count: number): fc.Arbitrary<Arrivals> {
  return fc.array(fc.nat(count - 1), { maxLength: 6 }).chain((again) => {
    const all = [...Array.from({ length: count }, (_, n) => n), ...again];
    return fc.record({
      order: fc.shuffledSubarray(all, { minLength: all.length }),
      sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 3 }),
      pauseAfter: fc.nat(4),
    });
  });
}

interface Arrivals {
  readonly order: number[];
  readonly sizes: number[];
  readonly pauseAfter: number;
}

jest.setTimeout(240_000);

describe("a parcel's scans", () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  it(`give one final state and one arrival in each of ${String(RUNS)} orders of arrival`, async () => {
    await eachArrival({ count: SCANS.length, runs: RUNS }, async (signals, state) => {
      const arrivals = signals.filter((kind) => kind === 'shipment_delivered');
      // The failed attempt is told where it came before the arrival was known.
      expect([arrivals.length, signals.length <= 3]).toEqual([1, true]);
      expect(await state()).toEqual({
        status: 'delivered',
        failedAttempts: 1,
        deliveredAt: '2026-11-20T23:00:00.000Z',
        scans: SCANS.length,
        wakes: signals.length,
        waiting: 0,
      });
    });
  });

  it('leave a parcel that is on its way where its latest scan says, and wake nobody', async () => {
    await eachArrival({ count: 5, runs: 100 }, async (signals, state) => {
      expect(signals).toEqual([]);
      expect(await state()).toMatchObject({ status: 'out_for_delivery', scans: 5, wakes: 0 });
    });
  });

  it('count an attempt that failed once, and wake the order for it', async () => {
    await eachArrival({ count: 6, runs: 100 }, async (signals, state) => {
      expect(new Set(signals)).toEqual(new Set(['shipment_moved']));
      expect(await state()).toMatchObject({
        status: 'delivery_failed',
        failedAttempts: 1,
        scans: 6,
      });
    });
  });

  /** Lets the scans of a parcel arrive again and again, each time as if for the first time. */
  async function eachArrival(
    { count, runs }: { count: number; runs: number },
    check: (signals: string[], state: () => Promise<object | undefined>) => Promise<void>,
  ): Promise<void> {
    const shipment = await shipOne();
    await system.stopWorkers();
    const client = await system.db.oms.connect();
    try {
      const property = fc.asyncProperty(arrivalsOf(count), (arrivals) =>
        inRolledBack(client, async () => {
          const signals = await arrive(client, shipment, arrivals);
          await check(signals, () => stateOf(client, shipment.id));
        }),
      );
      await fc.assert(property, { numRuns: runs });
    } finally {
      client.release(true);
      await system.startWorkers();
    }
  }

  it('bring one mail for each milestone when they come shuffled, and doubled, and again', async () => {
    const { trackingNo, orderId } = await shipOne();
    const order = await readOrder(system, orderId);
    const scans = SCANS.map(({ code }, n) => ({
      code,
      occurredAt: new Date(Date.now() - (SCANS.length - n) * 1000).toISOString(),
    }));
    for (const deliver of ['shuffled', 'duplicated', 'in_order'])
      await system.sandbox('POST', `/carrier/shipments/${trackingNo}/scans`, { scans, deliver });
    await untilStage(system, orderId, 'completed');

    await waitFor('all scans and announcements to be applied', async () => {
      const { rowCount } = await system.db.admin.query(
        `select from oms.inbox where processed_at is null
         union all select from oms.outbox_deliveries where done_at is null
         union all select from crm.messages where state in ('queued', 'claimed', 'sending')`,
      );
      return rowCount === 0;
    });
    const { body } = await system.sandbox('GET', `/mail?to=${order.customer.email as string}`);
    const templates = body.items.map(
      ({ headers }: { headers: Record<string, string> }) => headers['x-throughline-template'],
    );
    // An attempt that is told of after the arrival brings no mail.
    const told = templates.filter((template: string) => template !== 'delivery_failed');
    expect(told.sort()).toEqual(['order_confirmed', 'order_delivered', 'order_shipped']);
    expect(templates.length - told.length).toBeLessThanOrEqual(1);
    const shown = await readOrder(system, orderId);
    expect(shown.shipments).toMatchObject([{ status: 'delivered' }]);
  });

  async function shipOne(): Promise<{ id: string; trackingNo: string; orderId: string }> {
    const { id: orderId } = await post(system);
    const order = await shipAll(system, orderId);
    const [{ id, trackingNo }] = order.shipments;
    await untilStage(system, orderId, 'carrier');
    return { id, trackingNo, orderId };
  }

  /** Puts the webhooks into the inbox and lets the lane apply them, now and then and at the end; gives its signals. */
  async function arrive(
    client: PoolClient,
    shipment: { readonly trackingNo: string },
    { order, sizes, pauseAfter }: Arrivals,
  ): Promise<string[]> {
    const { deps, signals } = laneOn(client);
    const rest = [...order];
    for (let n = 0; rest.length > 0; n += 1) {
      const scans = rest.splice(0, sizes[n % sizes.length]).map((index) => SCANS[index]);
      await insertInboxEvent(client, {
        source: 'carrier:sandbox',
        eventId: `webhook-${String(n)}`,
        topic: 'shipment.scanned',
        body: { data: { trackingNo: shipment.trackingNo, scans } },
        ...{ rawHash: '', reference: shipment.trackingNo, requestId: 'test' },
        ...{ result: null, reason: null },
      });
      if (n === pauseAfter) await wakeOnce(deps);
    }
    while ((await wakeOnce(deps)) > 0);
    return signals;
  }

  /** The wake lane on one open transaction, with an engine that only listens. */
  function laneOn(client: PoolClient): { deps: WakeDeps; signals: string[] } {
    const signals: string[] = [];
    const handle = {
      signal: (_name: string, fact: { kind: string }) =>
        Promise.resolve(void signals.push(fact.kind)),
    };
    const engine = new Proxy(system.client, {
      get: (target, key) =>
        key === 'workflow' ? { getHandle: () => handle } : Reflect.get(target, key),
    });
    return {
      signals,
      deps: {
        oms: poolOf(system.db.oms, client),
        crm: system.db.crm,
        engine: { client: engine, taskQueuePrefix: system.prefix },
        logger: silent,
      },
    };
  }
});

/** A pool whose transactions are savepoints of the one that the client has open. */
function poolOf(pool: Pool, client: PoolClient): Pool {
  const asSavepoint: Readonly<Record<string, string>> = {
    begin: 'savepoint step',
    commit: 'release savepoint step',
    rollback: 'rollback to savepoint step',
  };
  const query = (text: string, values?: unknown[]) =>
    client.query(asSavepoint[text] ?? text, values);
  const inner = { query, release: () => undefined };
  return new Proxy(pool, {
    get(target, key) {
      if (key === 'connect') return () => Promise.resolve(inner);
      if (key === 'query') return query;
      return Reflect.get(target, key);
    },
  });
}

async function inRolledBack(client: PoolClient, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
  } finally {
    await client.query('rollback');
  }
}

async function stateOf(client: PoolClient, shipmentId: string): Promise<object | undefined> {
  const { rows } = await client.query<object>(
    `select status, oms.iso(delivered_at) as "deliveredAt", failed_attempts as "failedAttempts",
       (select count(*)::int from oms.tracking_events where shipment_id = s.id) as scans,
       (select count(*)::int from oms.wakes where workflow_id = 'order/' || s.order_id) as wakes,
       (select count(*)::int from oms.inbox where processed_at is null) as waiting
     from oms.shipments s where id = $1::uuid`,
    [shipmentId],
  );
  return rows[0];
}
