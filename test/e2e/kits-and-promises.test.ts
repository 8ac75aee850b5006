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
import { setPolicies, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { adjust, level, stock, work } from '../helpers/warehouse';

describe('kits, promises and the second review', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: { reviewAmountAboveMinor: { USD: 100_000 } } });
  });
  afterAll(async () => {
    await system.stop();
  });
  afterEach(async () => {
    await assertCleanAudit(system);
  });

  const SET = [
    { sku: 'KIT-CUP', quantity: 2 },
    { sku: 'KIT-POT', quantity: 1 },
  ];

  it('a kit is reserved and handed over by its parts; lines that share a part are summed', async () => {
    await stock(system, 'KIT-CUP', { BOS: 5, LON: 2 });
    await stock(system, 'KIT-POT', { BOS: 9, LON: 1 });
    await stock(system, 'KIT-SET', {}, SET);
    expect(await level(system, 'KIT-SET', 'BOS')).toMatchObject({ onHand: 2, available: 2 });
    const refused = await system.api('POST', '/v1/inventory/adjustments', {
      ...{ sku: 'KIT-SET', location: 'BOS', delta: 1, reason: 'receipt' },
    });
    expect(refused.status).toBe(422);

    const lines = [
      { sku: 'KIT-SET', quantity: 2 },
      { sku: 'KIT-CUP', quantity: 1 },
    ];
    const order = await post(system, { lines });
    const ready = await untilStage(system, order.id, 'warehouse');
    expect(ready.lines).toMatchObject([{ allocated: 2 }, { allocated: 1 }]);
    expect(ready.fulfillmentOrders).toMatchObject([
      {
        lines: [
          { sku: 'KIT-SET', quantity: 2 },
          { sku: 'KIT-CUP', quantity: 1 },
        ],
      },
    ]);
    expect(await level(system, 'KIT-CUP', 'BOS')).toMatchObject({ reserved: 5, available: 0 });
    expect(await level(system, 'KIT-POT', 'BOS')).toMatchObject({ reserved: 2 });
    expect(await level(system, 'KIT-SET', 'BOS')).toMatchObject({ available: 0 });
    await shipAll(system, order.id);
    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');
    expect(await level(system, 'KIT-CUP', 'BOS')).toMatchObject({ onHand: 0, reserved: 0 });
    expect(await level(system, 'KIT-POT', 'BOS')).toMatchObject({ onHand: 7, reserved: 0 });
    await recordHistory(system, order.id, 'kit');
  });

  it('a kit that is short moves, is reported short and waits by its parts', async () => {
    await adjust(system, { sku: 'KIT-CUP', location: 'BOS', delta: 2 });
    const order = await post(system, { lines: [{ sku: 'KIT-SET', quantity: 1 }] });
    const ready = await untilStage(system, order.id, 'warehouse');
    const [{ id, lines }] = ready.fulfillmentOrders;
    const target = { fulfillmentOrderId: id, location: 'LON' };
    expectStatus(await system.api('POST', `/v1/orders/${order.id}/move-fulfillment`, target), 200);
    expect(await level(system, 'KIT-CUP', 'LON')).toMatchObject({ reserved: 2, available: 0 });
    const body = { lines: [{ lineId: lines[0].lineId, quantity: 1 }], reason: 'broken' };
    expectStatus(await work(system, id, 'report-short', body), 200);
    expect(await level(system, 'KIT-CUP', 'LON')).toMatchObject({ reserved: 0, unavailable: 2 });
    const moved = await untilStage(system, order.id, 'warehouse');
    const open = moved.fulfillmentOrders.find(
      ({ status }: { status: string }) => status === 'open',
    );
    expect(open).toMatchObject({ location: 'BOS' });
    const short = await post(system, { lines: [{ sku: 'KIT-SET', quantity: 1 }] });
    await untilStage(system, short.id, 'shortage');
    await adjust(system, { sku: 'KIT-CUP', location: 'BOS', delta: 1 });
    await adjust(system, { sku: 'KIT-CUP', location: 'BOS', delta: 1 });
    await untilStage(system, short.id, 'warehouse');
    const cancel = { reason: 'changed mind' };
    expectStatus(await system.api('POST', `/v1/orders/${short.id}/cancel`, cancel), 200);
    await untilStage(system, short.id, 'canceled');
    expect(await level(system, 'KIT-CUP', 'BOS')).toMatchObject({ reserved: 2, available: 2 });
    await ship(system, open.id);
  });

  it('a promise is flagged once, before it is missed', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const order = await post(system, { promisedBy: inAnHour });
    const relaxed = await post(system, { promisedBy: '2099-01-01T00:00:00Z' });
    const plain = await post(system);
    expect((await readOrder(system, order.id)).promise.state).toBe('at_risk');
    expect((await readOrder(system, relaxed.id)).promise.state).toBe('ok');
    expect((await readOrder(system, plain.id)).promise.state).toBe('none');
    await waitFor('the flag', async () => (await countFlags(order.id)) > 0);
    await setPolicies(system.db, { promiseRiskLead: 'PT25H' });
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    expect(await countFlags(order.id)).toBe(1);
    expect(await countFlags(relaxed.id)).toBe(0);
    await shipAll(system, order.id);
    expect((await readOrder(system, order.id)).promise.state).toBe('ok');
    const missed = await post(system, { promisedBy: '2026-01-01T00:00:00Z' });
    expect((await readOrder(system, missed.id)).promise.state).toBe('missed');
  });

  async function countFlags(orderId: string): Promise<number> {
    const { body } = await system.api('GET', `/v1/orders/${orderId}/events?limit=100`);
    return body.items.filter(({ type }: { type: string }) => type === 'promise_at_risk').length;
  }

  it('above the finance limit a second review follows the first, each with its deadline', async () => {
    const lines = [{ sku: 'MUG-RED', quantity: 2, unitPriceMinor: 300_000 }];
    const order = await post(system, { lines });
    expect(order).toMatchObject({ stage: 'review', waitingFor: { code: 'review' } });
    expect(order.findings.map(({ code }: { code: string }) => code)).toContain('finance_review');
    const approve = (body: object) =>
      system.api('POST', `/v1/orders/${order.id}/approve`, { reason: 'known', ...body });
    expect((await approve({ findingCodes: ['finance_review'] })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'findingCodes.0' }],
    });
    const first = expectStatus(await approve({}), 200).order;
    expect(first).toMatchObject({
      status: 'in_review',
      stage: 'finance_review',
      waitingFor: { code: 'finance_review' },
    });
    expect(first.waitingFor.until).not.toBeNull();
    expect(first.allowedActions).toEqual(expect.arrayContaining(['approve', 'reject']));
    expect(expectStatus(await approve({}), 200).order.status).toBe('confirmed');
    await untilStage(system, order.id, 'warehouse');
    await recordHistory(system, order.id, 'finance-approved');

    await setPolicies(system.db, { reviewAmountAboveMinor: {}, reviewFirstOrderAboveMinor: {} });
    const only = await post(system, { lines });
    expect(only).toMatchObject({ status: 'in_review', stage: 'finance_review' });
    expectStatus(await system.api('POST', `/v1/orders/${only.id}/reject`, { reason: 'no' }), 200);
    await untilStage(system, only.id, 'canceled');
  });
});
