import { audit } from '../helpers/audit';
import { gatewayEntries, untilSettled } from '../helpers/gateway';
import {
  deliverAll,
  expectStatus,
  packAndHandOver,
  pick,
  post,
  readOrder,
  ship,
  shipAll,
  untilStage,
} from '../helpers/orders';
import { recordHistory } from '../helpers/record-history';
import { addOwnProduct, readStock, receive } from '../helpers/stock';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
});

const aProduct = (units: number) => addOwnProduct(system, 'CANCEL', units);

function cancel(orderId: string, body: object) {
  return system.api('POST', `/v1/orders/${orderId}/cancel`, { reason: 'changed mind', ...body });
}

async function canceled(orderId: string, body: object): Promise<Document> {
  return expectStatus(await cancel(orderId, body), 200).order;
}

async function split(first: number, second: number): Promise<Document> {
  const sku = await aProduct(first);
  const body = { sku, location: 'LON', delta: second, reason: 'receipt' };
  expectStatus(await system.api('POST', '/v1/inventory/adjustments', body), 200);
  const order = await post(system, { lines: [{ sku, quantity: first + second }] });
  return untilStage(system, order.id, 'warehouse');
}

describe('a cancel of units', () => {
  it('gives up their stock and work, captures less, and releases what is over at the last hand-over', async () => {
    const sku = await aProduct(10);
    const { id } = await post(system, {
      lines: [
        { sku, quantity: 3 },
        { sku: 'MUG-RED', quantity: 1 },
      ],
      discounts: [{ code: 'TEN', type: 'fixed', valueMinor: 1000 }],
    });
    const before = await untilStage(system, id, 'warehouse');
    const [line, mug] = before.lines;

    const order = await canceled(id, {
      lines: [{ lineId: line.id, quantity: 2 }],
      lineIds: [mug.id],
    });

    expect(order).toMatchObject({ status: 'processing', version: before.version + 1 });
    expect(order.totalMinor).toBe(before.totalMinor);
    expect(order.currentTotalMinor).toBeLessThan(before.totalMinor);
    expect(order.lines.map((l: Document) => [l.canceled, l.allocated])).toEqual([
      [2, 1],
      [1, 0],
    ]);
    expect(order.fulfillmentOrders[0].lines).toMatchObject([{ lineId: line.id, quantity: 1 }]);
    expect(await readStock(system, sku)).toMatchObject({
      reserved: 1,
      heldByOrders: 1,
      ledgerReserved: 1,
    });

    await shipAll(system, id);
    const after = await untilSettled(system, id);
    expect(after.amounts).toMatchObject({
      capturedMinor: order.currentTotalMinor,
      voidedMinor: before.totalMinor - order.currentTotalMinor,
      balanceDueMinor: 0,
    });
    expect(after.paymentStatus).toBe('paid');
    await deliverAll(system, id);
    await untilStage(system, id, 'completed');
    await recordHistory(system, id, 'units-canceled');
    const kinds = (await gatewayEntries(system, id)).map(({ kind, amountMinor }) => [
      kind,
      amountMinor,
    ]);
    expect(kinds).toEqual([
      ['authorization', before.totalMinor],
      ['capture', order.currentTotalMinor],
      ['void', before.totalMinor - order.currentTotalMinor],
    ]);
  });

  it('of packed ones opens the packages again; the carrier takes its booking back, and the rest is packed anew', async () => {
    const sku = await aProduct(5);
    const { id } = await post(system, { lines: [{ sku, quantity: 3 }] });
    const [task] = (await untilStage(system, id, 'warehouse')).fulfillmentOrders;
    const lines = await pick(system, task.id);
    const packages = [{ weightGrams: 700, lines }];
    expectStatus(
      await system.api('POST', `/v1/fulfillment-orders/${task.id}/pack`, { packages }),
      200,
    );
    const lineId = lines[0]?.lineId ?? '';

    const order = await canceled(id, { lines: [{ lineId, quantity: 1 }] });

    expect(order.fulfillmentOrders).toMatchObject([
      { id: task.id, status: 'in_progress', packedAt: null, allowedActions: ['pack'] },
    ]);
    expect(order.lines).toMatchObject([{ fulfilled: 0, allocated: 2, canceled: 1 }]);
    expect(order.shipments).toMatchObject([{ status: 'canceled' }]);
    await packAndHandOver(system, task.id, [{ lineId, quantity: 2 }]);
    const after = await untilSettled(system, id);
    expect(after.amounts.capturedMinor).toBe(after.currentTotalMinor);
    expect(after.shipments.map(({ status }: Document) => status)).toEqual(['canceled', 'pending']);
    await recordHistory(system, id, 'units-canceled-packed');
  });

  it('after a partial hand-over takes the remaining ones; what is handed over is refused and offers a return', async () => {
    const ready = await split(2, 3);
    const [line] = ready.lines;
    const [first] = ready.fulfillmentOrders;
    await ship(system, first.id);
    const { shipped } = (await readOrder(system, ready.id)).lines[0];

    const whole = await cancel(ready.id, {});
    const many = await cancel(ready.id, { lines: [{ lineId: line.id, quantity: 5 }] });
    const order = await canceled(ready.id, { lineIds: [line.id] });
    const again = await canceled(ready.id, { lineIds: [line.id] });

    for (const refused of [whole, many])
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { code: 'illegal_transition', offers: ['return', 'intercept'] },
      ]);
    expect(order).toMatchObject({ status: 'processing', stage: 'carrier' });
    expect(order.lines).toMatchObject([{ shipped, canceled: 5 - shipped, allocated: 0 }]);
    expect(again.version).toBe(order.version);
    const after = await untilSettled(system, ready.id);
    expect(after.amounts).toMatchObject({
      capturedMinor: order.currentTotalMinor,
      balanceDueMinor: 0,
    });
    expect(after.amounts.voidedMinor).toBe(order.totalMinor - order.currentTotalMinor);
    await deliverAll(system, ready.id);
    await untilStage(system, ready.id, 'completed');
    await recordHistory(system, ready.id, 'units-canceled-after-hand-over');
    const late = await cancel(ready.id, { lineIds: [line.id] });
    expect([late.status, late.body.offers]).toEqual([409, ['return', 'intercept']]);
  });

  it('that are all that is left of delivered ones completes the order', async () => {
    const ready = await split(1, 1);
    const [first] = ready.fulfillmentOrders;
    await ship(system, first.id);
    await deliverAll(system, ready.id);
    await waitFor(
      'the delivery',
      async () => (await readOrder(system, ready.id)).lines[0].delivered === 1,
    );

    await canceled(ready.id, { lineIds: [ready.lines[0].id] });

    const done = await untilStage(system, ready.id, 'completed');
    expect(done).toMatchObject({ fulfillmentStatus: 'delivered', paymentStatus: 'paid' });
    expect(done.amounts.capturedMinor).toBe(done.currentTotalMinor);
  });

  it('of prepaid ones refunds them to the unit, once for each cancel', async () => {
    const sku = await aProduct(5);
    const { id } = await post(system, {
      lines: [{ sku, quantity: 3, unitPriceMinor: 999 }],
      payment: { method: 'prepaid', reference: 'bank 7' },
    });
    const ready = await untilStage(system, id, 'warehouse');
    const [{ id: lineId }] = ready.lines;

    await canceled(id, { lines: [{ lineId, quantity: 1 }] });
    const order = await canceled(id, { lines: [{ lineId, quantity: 1 }] });

    const { rows } = await system.db.admin.query<{ minor: number; units: number }>(
      `select sum(r.amount_minor)::int as minor, sum(l.quantity)::int as units from oms.refunds r
       join oms.refund_lines l on l.refund_id = r.id where r.order_id = $1 and r.is_of_canceled`,
      [id],
    );
    expect(rows).toEqual([{ minor: ready.totalMinor - order.currentTotalMinor, units: 2 }]);
  });

  it('of an order that is paid on delivery lets the carrier collect less', async () => {
    const sku = await aProduct(5);
    const { id } = await post(system, {
      lines: [{ sku, quantity: 3 }],
      payment: { method: 'cod' },
    });
    const ready = await untilStage(system, id, 'warehouse');
    const order = await canceled(id, { lines: [{ lineId: ready.lines[0].id, quantity: 1 }] });

    await shipAll(system, id);
    await deliverAll(system, id);

    const done = await untilStage(system, id, 'completed');
    expect(done.amounts.capturedMinor).toBe(order.currentTotalMinor);
    expect(done.paymentStatus).toBe('paid');
  });

  it('that nobody has lets a short order go on, and frees stock for those who wait', async () => {
    const sku = await aProduct(2);
    const { id } = await post(system, {
      lines: [
        { sku, quantity: 1 },
        { sku: await aProduct(0), quantity: 1 },
      ],
    });
    const short = await untilStage(system, id, 'shortage');
    const next = await post(system, { lines: [{ sku, quantity: 2 }] });
    await untilStage(system, next.id, 'warehouse');

    await canceled(id, { lineIds: [short.lines[1].id] });
    const waiting = await untilStage(system, id, 'shortage');
    expect(waiting.lines[1].canceled).toBe(1);
    await canceled(next.id, { lines: [{ lineId: next.lines[0].id, quantity: 1 }] });

    const served = await untilStage(system, id, 'warehouse');
    expect(served.amounts.authorizedMinor).toBe(served.currentTotalMinor);
    await receive(system, sku, 1);
  });

  it('that were to follow leaves the queue, and the order goes on without them', async () => {
    const sku = await aProduct(2);
    const { id } = await post(system, { lines: [{ sku, quantity: 3 }] });
    const short = await untilStage(system, id, 'shortage');
    const choice = { choice: 'split', reason: 'send what is there' };
    expectStatus(await system.api('POST', `/v1/orders/${id}/resolve-shortage`, choice), 200);
    await untilStage(system, id, 'warehouse');

    const lines = [{ lineId: short.lines[0].id, quantity: 1 }];
    const order = await canceled(id, { lines });

    const byStatus = order.fulfillmentOrders.map(({ status }: Document) => status).toSorted();
    expect(byStatus).toEqual(['canceled', 'open']);
    expect(order).toMatchObject({
      allocationStatus: 'full',
      lines: [{ canceled: 1, allocated: 2 }],
    });
    const task = order.fulfillmentOrders.find(({ status }: Document) => status === 'open');
    await ship(system, task.id);
    await receive(system, sku, 1);
    await deliverAll(system, id);
    const done = await untilStage(system, id, 'completed');
    expect(done.amounts.capturedMinor).toBe(done.currentTotalMinor);
    expect(await readStock(system, sku)).toMatchObject({ onHand: 1, reserved: 0 });
  });

  it('races with a hand-over: one of them comes first, never both for the same units', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const sku = await aProduct(3);
        const { id } = await post(system, { lines: [{ sku, quantity: 2 }] });
        const [task] = (await untilStage(system, id, 'warehouse')).fulfillmentOrders;
        const lines = await pick(system, task.id);
        const lineId = lines[0]?.lineId ?? '';
        const packages = [{ weightGrams: 700, lines }];
        expectStatus(
          await system.api('POST', `/v1/fulfillment-orders/${task.id}/pack`, { packages }),
          200,
        );
        const [handed, units] = await Promise.all([
          system.api('POST', `/v1/fulfillment-orders/${task.id}/hand-over`, {}),
          cancel(id, { lines: [{ lineId, quantity: 1 }] }),
        ]);
        const [line] = (await readOrder(system, id)).lines;
        return [handed.status, units.status, line.shipped, line.canceled].join(' ');
      }),
    );

    for (const outcome of outcomes) expect(['200 409 2 0', '409 200 0 1']).toContain(outcome);
  });

  it('leaves a clean audit', async () => {
    const { broken, lines } = await audit(system);
    expect({ broken, lines: lines.filter((line) => line.startsWith('FAIL')) }).toEqual({
      broken: [],
      lines: [],
    });
  });
});
