import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

import { assertCleanAudit } from '../helpers/audit';
import {
  deliverAll,
  expectStatus,
  post,
  readOrder,
  ship,
  shipAll,
  untilStage,
} from '../helpers/orders';
import { recordHistory } from '../helpers/record-history';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { adjust, level, stock, work } from '../helpers/warehouse';

const ORDER_STAGE = defineSearchAttributeKey('OrderStage', SearchAttributeType.KEYWORD);

describe('choices of a short order', () => {
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

  async function shortOrder(
    lines: { sku: string; quantity: number }[],
    overrides: Record<string, unknown> = {},
  ) {
    const order = await post(system, { lines, ...overrides });
    return untilStage(system, order.id, 'shortage');
  }

  async function resolve(orderId: string, choice: string, key?: string) {
    const options = key === undefined ? {} : { idempotencyKey: key };
    return system.api('POST', `/v1/orders/${orderId}/resolve-shortage`, { choice }, options);
  }

  it('split: what is there is sent now, the rest is a backorder that new stock opens', async () => {
    await stock(system, 'SPLIT-A', { BOS: 2 });
    const order = await shortOrder([{ sku: 'SPLIT-A', quantity: 5 }]);
    const split = expectStatus(await resolve(order.id, 'split', 'split-once'), 200).order;
    expect(split.allocationStatus).toBe('backordered');
    expectStatus(await resolve(order.id, 'split', 'split-once'), 200);

    const ready = await untilStage(system, order.id, 'warehouse');
    expect(ready.fulfillmentOrders).toMatchObject([
      { status: 'open', backorder: false, location: 'BOS', lines: [{ quantity: 2 }] },
      { status: 'scheduled', backorder: true, location: null, lines: [{ quantity: 3 }] },
    ]);
    expect(ready.allocationStatus).toBe('backordered');
    const [first, rest] = ready.fulfillmentOrders;
    expect((await work(system, rest.id, 'start')).body).toMatchObject({
      status: 409,
      currentStatus: 'scheduled',
      allowedActions: [],
    });
    await ship(system, first.id);
    expect(await readOrder(system, order.id)).toMatchObject({
      stage: 'backorder',
      waitingFor: { code: 'backorder' },
      fulfillmentStatus: 'partially_shipped',
    });
    const shown = await system.client.workflow.getHandle(`order/${order.id}`).describe();
    expect(shown.typedSearchAttributes.get(ORDER_STAGE)).toBe('backorder');
    await adjust(system, { sku: 'SPLIT-A', location: 'BOS', delta: 2 });
    await adjust(system, { sku: 'SPLIT-A', location: 'BOS', delta: 1 });
    const served = await untilStage(system, order.id, 'warehouse');
    expect(served.fulfillmentOrders[1]).toMatchObject({
      id: rest.id,
      status: 'open',
      backorder: true,
      location: 'BOS',
    });
    await ship(system, rest.id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done.amounts.capturedMinor).toBe(done.totalMinor);
    await recordHistory(system, order.id, 'backorder-served');
  });

  it('split with nothing there: all of it is a backorder; a cancel gives its place up', async () => {
    await stock(system, 'SPLIT-B', {});
    const order = await shortOrder([{ sku: 'SPLIT-B', quantity: 2 }]);
    expectStatus(await resolve(order.id, 'split'), 200);
    const waiting = await untilStage(system, order.id, 'backorder');
    expect(waiting).toMatchObject({ status: 'processing', allocationStatus: 'backordered' });
    expect((await resolve(order.id, 'split')).status).toBe(409);
    const cancel = { reason: 'changed mind' };
    expectStatus(await system.api('POST', `/v1/orders/${order.id}/cancel`, cancel), 200);
    await untilStage(system, order.id, 'canceled');
    await adjust(system, { sku: 'SPLIT-B', location: 'BOS', delta: 2 });
    expect(await level(system, 'SPLIT-B', 'BOS')).toMatchObject({ reserved: 0, available: 2 });
    await recordHistory(system, order.id, 'backorder-canceled');
  });

  it('a backorder served from two locations becomes work at both', async () => {
    await stock(system, 'SPLIT-C', { BOS: 1 });
    const order = await shortOrder([{ sku: 'SPLIT-C', quantity: 4 }]);
    expectStatus(await resolve(order.id, 'split'), 200);
    const ready = await untilStage(system, order.id, 'warehouse');
    await adjust(system, { sku: 'SPLIT-C', location: 'LON', delta: 2 });
    await adjust(system, { sku: 'SPLIT-C', location: 'BOS', delta: 1 });
    const served = await waitFor('the backorder', async () => {
      const seen = await readOrder(system, order.id);
      return seen.allocationStatus === 'full' && seen.fulfillmentOrders.length === 3 ? seen : null;
    });
    expect(served.fulfillmentOrders.map(({ location }: { location: string }) => location)).toEqual(
      expect.arrayContaining(['BOS', 'LON']),
    );
    expect(served.fulfillmentOrders.map(({ id }: { id: string }) => id)).toContain(
      ready.fulfillmentOrders[1].id,
    );
    await shipAll(system, order.id);
    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');
  });

  it('cancel_lines: what is missing is canceled, the rest is sent and charged', async () => {
    await stock(system, 'DROP-A', { BOS: 1 });
    await stock(system, 'DROP-B', { BOS: 5 });
    const order = await shortOrder([
      { sku: 'DROP-A', quantity: 3 },
      { sku: 'DROP-B', quantity: 1 },
    ]);
    const kept = expectStatus(await resolve(order.id, 'cancel_lines'), 200).order;
    expect(kept.lines).toMatchObject([{ canceled: 2 }, { canceled: 0 }]);
    const ready = await untilStage(system, order.id, 'warehouse');
    expect(ready.fulfillmentOrders).toMatchObject([{ lines: [{ quantity: 1 }, { quantity: 1 }] }]);
    expect(ready.amounts.authorizedMinor).toBe(ready.currentTotalMinor);
    await shipAll(system, order.id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done.amounts.capturedMinor).toBe(done.currentTotalMinor);
    expect(done.currentTotalMinor).toBeLessThan(done.totalMinor);
    await recordHistory(system, order.id, 'shortage-lines-canceled');
  });

  it('cancel_lines with nothing there cancels the order', async () => {
    await stock(system, 'DROP-C', {});
    const order = await shortOrder([{ sku: 'DROP-C', quantity: 1 }]);
    expectStatus(await resolve(order.id, 'cancel_lines'), 200);
    expect(await untilStage(system, order.id, 'canceled')).toMatchObject({ status: 'canceled' });
  });

  it('a receipt serves two backorders by priority, promise and age; two at once overserve none', async () => {
    await stock(system, 'RANK-A', {});
    const late = '2031-01-02T00:00:00Z';
    const soon = '2031-01-01T00:00:00Z';
    const orders = {
      old: await backorder('RANK-A', { priority: 'normal' }),
      late: await backorder('RANK-A', { priority: 'normal', promisedBy: late }),
      soon: await backorder('RANK-A', { priority: 'normal', promisedBy: soon }),
      urgent: await backorder('RANK-A', { priority: 'urgent' }),
    };
    await Promise.all([
      adjust(system, { sku: 'RANK-A', location: 'BOS', delta: 2 }),
      adjust(system, { sku: 'RANK-A', location: 'LON', delta: 1 }),
    ]);
    for (const { id } of [orders.urgent, orders.soon, orders.late])
      await untilStage(system, id, 'warehouse');
    expect((await readOrder(system, orders.old.id)).stage).toBe('backorder');
    const levels = await Promise.all(['BOS', 'LON'].map((at) => level(system, 'RANK-A', at)));
    expect(levels).toMatchObject([{ available: 0 }, { available: 0 }]);
  });

  async function backorder(sku: string, overrides: Record<string, unknown>) {
    const order = await shortOrder([{ sku, quantity: 1 }], overrides);
    expectStatus(await resolve(order.id, 'split'), 200);
    return untilStage(system, order.id, 'backorder');
  }
});
