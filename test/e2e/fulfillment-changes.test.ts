import { recordPacked } from '../../src/db/oms/packing';
import { withTransaction } from '../../src/db/pool';
import { assertCleanAudit } from '../helpers/audit';
import {
  deliverAll,
  expectStatus,
  pick,
  packAndHandOver,
  post,
  readOrder,
  ship,
  untilStage,
} from '../helpers/orders';
import { recordHistory } from '../helpers/record-history';
import { startSystem, type System } from '../helpers/system';
import { adjust, level, stock, work } from '../helpers/warehouse';

describe('changes of fulfilment orders', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });
  afterEach(async () => {
    await assertCleanAudit(system);
  });

  async function inWarehouse(lines: { sku: string; quantity: number }[]) {
    const order = await post(system, { lines });
    return untilStage(system, order.id, 'warehouse');
  }

  async function move(orderId: string, fulfillmentOrderId: string, location: string, key?: string) {
    const body = { fulfillmentOrderId, location };
    const options = key === undefined ? {} : { idempotencyKey: key };
    return system.api('POST', `/v1/orders/${orderId}/move-fulfillment`, body, options);
  }

  it('packs once, and says so to a second run of the same command', async () => {
    await stock(system, 'PACK-1', { BOS: 1 });
    const order = await inWarehouse([{ sku: 'PACK-1', quantity: 1 }]);
    const [{ id: fulfillmentOrderId }] = order.fulfillmentOrders;
    await pick(system, fulfillmentOrderId);
    expectStatus(
      await work(system, fulfillmentOrderId, 'pack', { packages: [{ weightGrams: 700 }] }),
      200,
    );
    const { rows } = await system.db.admin.query<{ id: string }>(
      `select id from oms.commands where order_id = $1 and kind = 'pack'`,
      [order.id],
    );
    const before = (await readOrder(system, order.id)).version;

    // As a worker that was thought dead does it, whose booking the next run has recorded already.
    const again = await withTransaction(system.db.oms, (tx) =>
      recordPacked(
        tx,
        { orderId: order.id, fulfillmentOrderId, commandId: rows[0]?.id ?? '' },
        { actor: { type: 'api_key', id: 'test' }, requestId: null },
        [],
      ),
    );

    expect(again).toMatchObject({ phase: 'fulfill', packed: true });
    expect((await readOrder(system, order.id)).version).toBe(before);
  });

  it('refuses a package that names a line twice, and packs it once it does not', async () => {
    await stock(system, 'PACK-2', { BOS: 2 });
    const order = await inWarehouse([{ sku: 'PACK-2', quantity: 2 }]);
    const [{ id }] = order.fulfillmentOrders;
    const [line] = await pick(system, id);
    const one = { lineId: line?.lineId, quantity: 1 };
    const pack = (packages: object[]) => work(system, id, 'pack', { packages });

    expect(await pack([{ weightGrams: 700, lines: [one, one] }])).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'packages.0.lines.1.lineId' }] },
    });
    const apart = [1, 2].map(() => ({ weightGrams: 350, lines: [one] }));
    expect(expectStatus(await pack(apart), 200).shipments).toHaveLength(2);
  });

  it('hold and release: held work cannot begin, twice is refused, the same key is not', async () => {
    await stock(system, 'HOLD-1', { BOS: 2 });
    const order = await inWarehouse([{ sku: 'HOLD-1', quantity: 1 }]);
    const [{ id }] = order.fulfillmentOrders;

    const held = await work(system, id, 'hold', { reason: 'shelf is blocked' }, 'hold-once');
    expect(expectStatus(held, 200).fulfillmentOrder).toMatchObject({
      status: 'on_hold',
      allowedActions: ['release'],
    });
    expect((await readOrder(system, order.id)).fulfillmentStatus).toBe('on_hold');
    expectStatus(await work(system, id, 'hold', { reason: 'shelf is blocked' }, 'hold-once'), 200);
    expect((await work(system, id, 'hold', {})).body).toMatchObject({
      code: 'illegal_transition',
      currentStatus: 'on_hold',
      allowedActions: ['release'],
    });
    expect((await work(system, id, 'start')).status).toBe(409);

    expectStatus(await work(system, id, 'release', { reason: 'free again' }), 200);
    await ship(system, id);
    expect((await work(system, id, 'hold', {})).status).toBe(409);
    const { body } = await system.api('GET', `/v1/orders/${order.id}/events`);
    const types = body.items.map(({ type }: { type: string }) => type);
    expect(types).toEqual(expect.arrayContaining(['fulfillment_held', 'fulfillment_released']));
  });

  it('move: the reservation goes to the target with ledger rows, until something is picked', async () => {
    await stock(system, 'MOVE-1', { BOS: 3, LON: 2 });
    const order = await inWarehouse([{ sku: 'MOVE-1', quantity: 2 }]);
    const [{ id, location }] = order.fulfillmentOrders;
    expect(location).toBe('BOS');

    const moved = expectStatus(await move(order.id, id, 'LON', 'move-once'), 200).order;
    expect(moved.fulfillmentOrders).toMatchObject([{ id, location: 'LON', status: 'open' }]);
    expectStatus(await move(order.id, id, 'LON', 'move-once'), 200);
    expectStatus(await move(order.id, id, 'LON'), 200);
    expect(await level(system, 'MOVE-1', 'BOS')).toMatchObject({ reserved: 0, available: 3 });
    expect(await level(system, 'MOVE-1', 'LON')).toMatchObject({ reserved: 2, available: 0 });
    const { body } = await system.api('GET', '/v1/inventory/ledger?sku=MOVE-1');
    expect(
      body.items
        .filter(({ deltaReserved }: { deltaReserved: number }) => deltaReserved !== 0)
        .map(({ reason, location: at, deltaReserved }: Record<string, unknown>) => [
          reason,
          at,
          deltaReserved,
        ])
        .toSorted(),
    ).toEqual([
      ['release', 'BOS', -2],
      ['reserve', 'BOS', 2],
      ['reserve', 'LON', 2],
    ]);

    expect((await move(order.id, id, 'NOWHERE')).body).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'location' }],
    });
    await adjust(system, { sku: 'MOVE-1', location: 'BOS', delta: -2 });
    expect((await move(order.id, id, 'BOS')).body).toMatchObject({
      status: 422,
      code: 'insufficient_stock',
      errors: [{ path: 'location' }],
    });
    await adjust(system, { sku: 'MOVE-1', location: 'BOS', delta: 5 });
    const lines = await pick(system, id);
    expect((await move(order.id, id, 'BOS')).body).toMatchObject({ code: 'illegal_transition' });
    await packAndHandOver(system, id, lines);
    expect(await level(system, 'MOVE-1', 'LON')).toMatchObject({ onHand: 0, reserved: 0 });
    await recordHistory(system, order.id, 'fulfillment-moved');
  });

  it('move against pick: one of them wins, never both', async () => {
    await stock(system, 'MOVE-2', { BOS: 20, LON: 20 });
    const orders = await Promise.all(
      Array.from({ length: 8 }, () => inWarehouse([{ sku: 'MOVE-2', quantity: 1 }])),
    );
    const outcomes = await Promise.all(
      orders.map(async ({ id: orderId, fulfillmentOrders: [{ id, lines }] }) => {
        expectStatus(await work(system, id, 'start'), 200);
        const { lineId } = lines[0];
        const [picked, moved] = await Promise.all([
          work(system, id, 'pick', { lines: [{ lineId, quantity: 1 }] }),
          move(orderId, id, 'LON'),
        ]);
        const [after] = (await readOrder(system, orderId)).fulfillmentOrders;
        return { picked: picked.status, moved: moved.status, location: after.location };
      }),
    );
    for (const { picked, moved, location } of outcomes) {
      expect(picked).toBe(200);
      expect([moved, location]).toEqual(moved === 200 ? [200, 'LON'] : [409, 'BOS']);
    }
  });

  it('report-short: lost units become unavailable and are sent from another location', async () => {
    await stock(system, 'LOST-1', { BOS: 3, LON: 2 });
    const order = await inWarehouse([{ sku: 'LOST-1', quantity: 3 }]);
    const [{ id, lines }] = order.fulfillmentOrders;
    const { lineId } = lines[0];
    expectStatus(await work(system, id, 'start'), 200);
    expectStatus(await work(system, id, 'pick', { lines: [{ lineId, quantity: 2 }] }), 200);

    const tooMany = { lines: [{ lineId, quantity: 2 }], reason: 'shelf empty' };
    expect((await work(system, id, 'report-short', tooMany)).body).toMatchObject({
      status: 422,
      errors: [{ path: 'lines.0.quantity' }],
    });
    const body = { lines: [{ lineId, quantity: 1 }], reason: 'shelf empty' };
    const [first, twin] = await Promise.all([
      work(system, id, 'report-short', body, 'short-once'),
      work(system, id, 'report-short', body, 'short-once'),
    ]);
    expect([first.status, twin.status].filter((status) => status === 200).length).toBeGreaterThan(
      0,
    );
    expectStatus(await work(system, id, 'report-short', body, 'short-once'), 200);
    expect((await work(system, id, 'report-short', body)).status).toBe(409);

    expect(await level(system, 'LOST-1', 'BOS')).toMatchObject({
      onHand: 3,
      reserved: 2,
      unavailable: 1,
      available: 0,
    });
    expect(await level(system, 'LOST-1', 'LON')).toMatchObject({ reserved: 1, available: 1 });
    const ledger = await system.api('GET', '/v1/inventory/ledger?sku=LOST-1&location=BOS');
    expect(
      ledger.body.items.filter(({ reason }: { reason: string }) => reason === 'short'),
    ).toMatchObject([{ deltaOnHand: 0, deltaReserved: -1, deltaUnavailable: 1 }]);
    const seen = await readOrder(system, order.id);
    expect(seen).toMatchObject({ stage: 'warehouse', allocationStatus: 'full' });
    expect(seen.fulfillmentOrders).toMatchObject([
      { id, location: 'BOS', lines: [{ quantity: 2, picked: 2 }] },
      { location: 'LON', lines: [{ quantity: 1, picked: 0 }] },
    ]);
    await packAndHandOver(system, id, [{ lineId, quantity: 2 }]);
    await ship(system, seen.fulfillmentOrders[1].id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done.amounts.capturedMinor).toBe(done.totalMinor);
    await recordHistory(system, order.id, 'short-resourced');
  });

  it('report-short with nothing elsewhere: the order waits for stock while the rest ships', async () => {
    await stock(system, 'LOST-2', { BOS: 3 });
    const order = await inWarehouse([{ sku: 'LOST-2', quantity: 3 }]);
    const [{ id, lines }] = order.fulfillmentOrders;
    const { lineId } = lines[0];
    expectStatus(await work(system, id, 'start'), 200);
    const body = { lines: [{ lineId, quantity: 2 }], reason: 'shelf empty' };
    expectStatus(await work(system, id, 'report-short', body), 200);
    const short = await readOrder(system, order.id);
    expect(short).toMatchObject({ stage: 'shortage', waitingFor: { code: 'shortage' } });
    expect(short.waitingFor.until).not.toBeNull();
    expect(short.allowedActions).toContain('resolve-shortage');

    expectStatus(await work(system, id, 'pick', { lines: [{ lineId, quantity: 1 }] }), 200);
    await packAndHandOver(system, id, [{ lineId, quantity: 1 }]);
    expect(await readOrder(system, order.id)).toMatchObject({
      stage: 'shortage',
      fulfillmentStatus: 'partially_shipped',
    });
    await adjust(system, { sku: 'LOST-2', location: 'BOS', delta: 2 });
    const served = await untilStage(system, order.id, 'warehouse');
    expect(served.fulfillmentOrders).toHaveLength(2);
    await ship(system, served.fulfillmentOrders[1].id);
    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');
    await recordHistory(system, order.id, 'short-served');
  });

  it('report-short of all of it ends the work; under a hold the new work comes with its release', async () => {
    await stock(system, 'LOST-3', { BOS: 1, LON: 1 });
    const order = await inWarehouse([{ sku: 'LOST-3', quantity: 1 }]);
    const [{ id, lines }] = order.fulfillmentOrders;
    const held = await system.api('POST', `/v1/orders/${order.id}/hold`, { reason: 'wait' });
    const holdId = expectStatus(held, 200).order.holds[0].id;
    const body = { lines: [{ lineId: lines[0].lineId, quantity: 1 }], reason: 'shelf empty' };
    const gone = expectStatus(await work(system, id, 'report-short', body), 200);
    expect(gone.fulfillmentOrder).toMatchObject({ status: 'canceled', allowedActions: [] });
    expect(await readOrder(system, order.id)).toMatchObject({
      stage: 'hold',
      allocationStatus: 'full',
    });
    const release = { holdId, reason: 'go on' };
    expectStatus(await system.api('POST', `/v1/orders/${order.id}/release`, release), 200);
    const released = await untilStage(system, order.id, 'warehouse');
    const open = released.fulfillmentOrders.filter(
      ({ status }: { status: string }) => status === 'open',
    );
    expect(open).toMatchObject([{ location: 'LON' }]);
    await ship(system, open[0].id);
    await recordHistory(system, order.id, 'short-held');
  });
});
