import { Client, Connection, type ConnectionOptions } from '@temporalio/client';

import { announce, type PlacedOrder, placeOrderRow, silent } from '../helpers/crm-fixtures';
import { testContext } from '../helpers/context';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { type CrmSyncDeps, syncDueAnnouncements } from '../../src/activities/crm-sync-activities';

let db: TestDatabase;
let connection: Connection;
let deps: CrmSyncDeps;

beforeAll(async () => {
  db = await createTestDatabase();
  const { temporalAddress: address, temporalNamespace: namespace } = testContext();
  const options: ConnectionOptions = { address };
  connection = await Connection.connect(options);
  deps = {
    oms: db.oms,
    crm: db.crm,
    temporal: new Client({ connection, namespace }),
    taskQueuePrefix: `${db.name}-`,
    logger: silent,
  };
});
afterAll(async () => {
  await connection.close();
  await db.close();
});

async function drain(): Promise<void> {
  while ((await syncDueAnnouncements(deps)) > 0);
}

async function tellAgain(): Promise<void> {
  await db.admin.query(
    `update oms.outbox_deliveries set done_at = null, next_attempt_at = now() where lane = 'crm-sync'`,
  );
}

async function timeline(order: PlacedOrder): Promise<string[]> {
  const { rows } = await db.crm.query<{ kind: string }>(
    `select kind from crm.interactions where customer_id = $1 order by kind`,
    [order.customerId],
  );
  return rows.map((row) => row.kind);
}

async function totals(customerId: string) {
  const { rows } = await db.crm.query(
    `select currency, order_count, captured_minor, refunded_minor, first_order_at, last_order_at
     from crm.customer_totals where customer_id = $1 order by currency`,
    [customerId],
  );
  return rows;
}

async function wholeLife(order: PlacedOrder): Promise<void> {
  const shipmentId = crypto.randomUUID();
  await announce(db.oms, order, 'order.placed');
  await announce(db.oms, order, 'payment.captured', { amountMinor: 2598, currency: 'USD' });
  await announce(db.oms, order, 'fulfillment.handed_over', { shipmentId });
  await announce(db.oms, order, 'shipment.delivered', { shipmentId });
  await announce(db.oms, order, 'order.completed');
}

describe('crm-sync', () => {
  it('writes timeline and totals of an order’s life once, however often it is told', async () => {
    const order = await placeOrderRow(db, { placedAt: '2026-11-20T10:00:00Z' });
    await wholeLife(order);

    await drain();
    await tellAgain();
    await drain();

    expect(await timeline(order)).toEqual([
      'order_completed',
      'order_delivered',
      'order_placed',
      'order_shipped',
    ]);
    expect(await totals(order.customerId)).toEqual([
      {
        currency: 'USD',
        order_count: 1,
        captured_minor: 2598,
        refunded_minor: 0,
        first_order_at: new Date('2026-11-20T10:00:00Z'),
        last_order_at: new Date('2026-11-20T10:00:00Z'),
      },
    ]);
  });

  it('adds up orders and currencies of one person, with three workers told twice', async () => {
    const email = 'totals@example.com';
    const orders = [];
    for (const [currency, placedAt] of [
      ['USD', '2026-11-21T10:00:00Z'],
      ['USD', '2026-11-19T10:00:00Z'],
      ['JPY', '2026-11-22T10:00:00Z'],
    ] as const) {
      orders.push(await placeOrderRow(db, { email, currency, placedAt }));
    }
    for (const order of orders) {
      await announce(db.oms, order, 'order.placed');
      await announce(db.oms, order, 'payment.captured', { amountMinor: 1000 });
    }

    await Promise.all([drain(), drain(), drain()]);
    await tellAgain();
    await Promise.all([drain(), drain(), drain()]);
    await drain();

    expect(await totals(orders[0]?.customerId ?? '')).toEqual([
      expect.objectContaining({ currency: 'JPY', order_count: 1, captured_minor: 1000 }),
      {
        currency: 'USD',
        order_count: 2,
        captured_minor: 2000,
        refunded_minor: 0,
        first_order_at: new Date('2026-11-19T10:00:00Z'),
        last_order_at: new Date('2026-11-21T10:00:00Z'),
      },
    ]);
  });

  it('starts the survey of a completed order once', async () => {
    const order = await placeOrderRow(db);
    await announce(db.oms, order, 'order.completed');

    await drain();
    const handle = deps.temporal.workflow.getHandle(`survey/order/${order.orderId}`);
    const first = await handle.describe();
    await tellAgain();
    await drain();
    const second = await handle.describe();

    expect(first.type).toBe('surveyWorkflow');
    expect(first.taskQueue).toBe(`${db.name}-crm`);
    expect(second.runId).toBe(first.runId);
    await handle.terminate();
    await tellAgain();
    await drain();
    expect((await handle.describe()).runId).toBe(first.runId);
  });

  it('puts off an announcement without its order, and goes on with the others', async () => {
    const order = await placeOrderRow(db);
    const stray = await announce(
      db.oms,
      { orderId: crypto.randomUUID(), customerId: order.customerId },
      'order.placed',
    );
    await announce(db.oms, order, 'order.placed');

    await drain();

    expect(await timeline(order)).toEqual(['order_placed']);
    const { rows } = await db.oms.query<{ attempts: number; done_at: Date | null }>(
      `select attempts, done_at from oms.outbox_deliveries where outbox_id = $1 and lane = 'crm-sync'`,
      [stray],
    );
    expect(rows).toEqual([{ attempts: 1, done_at: null }]);
  });
});
