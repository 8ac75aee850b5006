import { randomUUID } from 'node:crypto';

import { assertCleanAudit } from '../helpers/audit';
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
import { addOwnProduct, readStock } from '../helpers/stock';
import { stock } from '../helpers/warehouse';
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

const aProduct = (units: number) => addOwnProduct(system, 'AMEND', units);

async function inWarehouse(overrides: Record<string, unknown>): Promise<Document> {
  const { id } = await post(system, overrides);
  return untilStage(system, id, 'warehouse');
}

function send(order: Document, body: object, idempotencyKey?: string) {
  const whole = { baseVersion: order.version, confirm: true, ...body };
  const options = idempotencyKey === undefined ? {} : { idempotencyKey };
  return system.api('POST', `/v1/orders/${order.id}/amend`, whole, options);
}

async function amended(order: Document, changes: object[], more: object = {}): Promise<Document> {
  return expectStatus(await send(order, { changes, ...more }), 200);
}

async function delivered(orderId: string): Promise<Document> {
  await deliverAll(system, orderId);
  return untilStage(system, orderId, 'completed');
}

/** What is left of the warehouse's work, wherever a race left it. */
async function finish(
  task: Document,
  lines: { lineId: string; quantity: number }[],
): Promise<void> {
  const [{ lineId, quantity, picked }] = task.lines;
  if (picked < quantity) {
    const body = { lines: [{ lineId, quantity: quantity - picked }] };
    expectStatus(await system.api('POST', `/v1/fulfillment-orders/${task.id}/pick`, body), 200);
  }
  if (task.packedAt === null) return packAndHandOver(system, task.id, lines);
  const handed = await system.api('POST', `/v1/fulfillment-orders/${task.id}/hand-over`, {});
  expectStatus(handed, 200);
}

async function gatewayOf(orderId: string): Promise<unknown[]> {
  const entries = await gatewayEntries(system, orderId);
  return entries
    .filter(({ status }: Document) => status === 'succeeded')
    .map(({ kind, amountMinor }: Document) => [kind, amountMinor]);
}

describe('a preview', () => {
  it('shows what confirming then does, and stores nothing', async () => {
    const sku = await aProduct(5);
    const order = await inWarehouse({
      lines: [
        { sku, quantity: 2 },
        { sku: 'MUG-RED', quantity: 1 },
      ],
      discounts: [{ code: 'TEN', type: 'percent', valuePercent: 10 }],
    });
    const changes = [{ type: 'setQuantity', lineId: order.lines[0].id, quantity: 4 }];

    const preview = expectStatus(await send(order, { confirm: false, changes }), 200);
    const untouched = await readOrder(system, order.id);
    const { order: after, change } = await amended(order, changes);

    expect(untouched).toEqual(order);
    expect(preview.change).toMatchObject({
      id: null,
      status: 'preview',
      stock: [{ sku, delta: 2, available: 3, short: 0 }],
      payment: { action: 'authorize', amountMinor: preview.change.priceDeltaMinor },
    });
    expect(change).toEqual({ ...preview.change, id: expect.any(String), status: 'confirmed' });
    expect(after).toMatchObject({
      version: order.version + 1,
      totalMinor: change.after.totalMinor,
      lines: [{ quantity: 4, allocated: 4, discountMinor: 360 }, order.lines[1]],
    });
    expect(after.amounts.authorizedMinor).toBe(after.totalMinor);
    expect(after.payments).toHaveLength(2);
    expect(await readStock(system, sku)).toMatchObject({ reserved: 4, heldByOrders: 4 });
  });

  it('of a stale version is a conflict, and so is confirming it', async () => {
    const order = await inWarehouse({ lines: [{ sku: 'MUG-RED', quantity: 2 }] });
    const changes = [{ type: 'setPriority', priority: 'urgent' }];
    await amended(order, changes);

    const preview = await send(order, { confirm: false, changes });
    const confirmed = await send(order, { changes });

    expect([preview.status, preview.body.code]).toEqual([409, 'version_conflict']);
    expect([confirmed.status, confirmed.body.code]).toEqual([409, 'version_conflict']);
  });
});

describe('an amend', () => {
  it('captures over several authorisations, oldest first, and releases what is over with the last hand-over', async () => {
    const [first, second] = [await aProduct(9), await aProduct(9)];
    const order = await inWarehouse({ lines: [{ sku: first, quantity: 2 }] });
    const raised = await amended(order, [{ type: 'addLine', sku: second, quantity: 3 }]);
    const lowered = await amended(raised.order, [
      { type: 'setQuantity', lineId: raised.order.lines[1].id, quantity: 1 },
    ]);

    expect(raised.change.payment.action).toBe('authorize');
    expect(lowered.change.payment).toEqual({
      action: 'capture_less',
      amountMinor: -lowered.change.priceDeltaMinor,
    });
    expect(lowered.order.fulfillmentOrders).toHaveLength(1);
    expect(lowered.order.fulfillmentOrders[0].lines).toMatchObject([
      { quantity: 2 },
      { quantity: 1 },
    ]);
    await shipAll(system, order.id);
    const paid = await untilSettled(system, order.id);
    const due = lowered.order.totalMinor;
    expect(paid).toMatchObject({ paymentStatus: 'paid', amounts: { capturedMinor: due } });
    const added = raised.change.priceDeltaMinor;
    expect(await gatewayOf(order.id)).toEqual([
      ['authorization', order.totalMinor],
      ['authorization', added],
      ['capture', order.totalMinor],
      ['capture', due - order.totalMinor],
      ['void', added - (due - order.totalMinor)],
    ]);
    await delivered(order.id);
    await recordHistory(system, order.id, 'amended');
  });

  it('that is declined changes nothing; another card may be named', async () => {
    const sku = await aProduct(9);
    const order = await inWarehouse({ lines: [{ sku, quantity: 1 }] });
    const changes = [{ type: 'setQuantity', lineId: order.lines[0].id, quantity: 3 }];

    const refused = await send(order, { changes, payment: { token: 'tok_declined' } });
    const after = await readOrder(system, order.id);
    const taken = await amended(order, changes, { payment: { token: 'tok_ok' } });

    expect([refused.status, refused.body.code]).toEqual([422, 'payment_declined']);
    expect(after).toMatchObject({ version: order.version, lines: order.lines });
    expect(after.payments.map(({ status }: Document) => status)).toEqual([
      'authorized',
      'declined',
    ]);
    expect(taken.order.lines[0].quantity).toBe(3);
    await recordHistory(system, order.id, 'amend-declined');
    const { rows } = await system.db.admin.query(
      `select id from oms.commands where order_id = $1 and body::text like '%tok_%'`,
      [order.id],
    );
    expect(rows).toEqual([]);
  });

  it('without the stock is refused, with everything as it was', async () => {
    const sku = await aProduct(2);
    const order = await inWarehouse({ lines: [{ sku, quantity: 1 }] });
    const changes = [{ type: 'setQuantity', lineId: order.lines[0].id, quantity: 4 }];

    const preview = expectStatus(await send(order, { confirm: false, changes }), 200);
    const refused = await send(order, { changes });

    expect(preview.change.stock).toEqual([{ sku, delta: 3, available: 1, short: 2 }]);
    expect([refused.status, refused.body.code]).toEqual([422, 'insufficient_stock']);
    expect(await readOrder(system, order.id)).toMatchObject({
      version: order.version,
      amounts: order.amounts,
    });
    expect(await readStock(system, sku)).toMatchObject({ reserved: 1, heldByOrders: 1 });
  });

  it('is refused while units are packed, and legal again for the rest once they are handed over', async () => {
    const sku = await aProduct(2);
    const body = { sku, location: 'LON', delta: 3, reason: 'receipt' };
    expectStatus(await system.api('POST', '/v1/inventory/adjustments', body), 200);
    const order = await inWarehouse({ lines: [{ sku, quantity: 4 }] });
    const [line] = order.lines;
    const [task] = order.fulfillmentOrders;
    const lines = await pick(system, task.id);
    const packages = [{ weightGrams: 700, lines }];
    expectStatus(
      await system.api('POST', `/v1/fulfillment-orders/${task.id}/pack`, { packages }),
      200,
    );

    const packed = await send(order, { changes: [{ type: 'setPriority', priority: 'high' }] });
    expectStatus(await system.api('POST', `/v1/fulfillment-orders/${task.id}/hand-over`, {}), 200);
    const { shipped } = (await readOrder(system, order.id)).lines[0];
    const below = await send(order, {
      changes: [{ type: 'setQuantity', lineId: line.id, quantity: shipped - 1 }],
    });
    const { order: after } = await amended(order, [
      { type: 'setQuantity', lineId: line.id, quantity: shipped },
    ]);

    expect([packed.status, packed.body.code]).toEqual([422, 'already_packed']);
    expect([below.status, below.body.errors[0].path]).toEqual([422, 'changes.0.quantity']);
    expect(after).toMatchObject({ stage: 'carrier', lines: [{ quantity: shipped, allocated: 0 }] });
    const paid = await untilSettled(system, order.id);
    expect(paid.amounts.capturedMinor).toBe(after.totalMinor);
    await delivered(order.id);
  });

  it('between two hand-overs gives back what a line is not worth any more', async () => {
    const [first, second] = [await aProduct(0), await aProduct(0)];
    for (const [sku, location] of [
      [first, 'BOS'],
      [second, 'LON'],
    ] as const) {
      const body = { sku, location, delta: 5, reason: 'receipt' };
      expectStatus(await system.api('POST', '/v1/inventory/adjustments', body), 200);
    }
    const order = await inWarehouse({
      lines: [
        { sku: first, quantity: 2 },
        { sku: second, quantity: 2 },
      ],
    });
    const task = order.fulfillmentOrders.find(({ location }: Document) => location === 'BOS');
    await ship(system, task.id);
    const half = await waitFor('the capture', async () => {
      const seen = await readOrder(system, order.id);
      return seen.amounts.capturedMinor > 0 ? seen : null;
    });

    const discount = { code: 'SORRY', type: 'fixed', valueMinor: 500 };
    const { order: after, change } = await amended(half, [
      { type: 'applyDiscount', discount, lineIds: [half.lines[0].id] },
    ]);

    expect(change.payment).toEqual({ action: 'refund', amountMinor: -change.priceDeltaMinor });
    const rest = after.fulfillmentOrders.find(({ location }: Document) => location === 'LON');
    await ship(system, rest.id);
    const paid = await untilSettled(system, order.id);
    expect(paid.amounts.capturedMinor).toBe(order.totalMinor);
    expect(paid.amounts.refundedMinor + paid.amounts.pendingRefundMinor).toBe(
      -change.priceDeltaMinor,
    );
    expect(paid.currentTotalMinor).toBe(order.totalMinor + change.priceDeltaMinor);
    await deliverAll(system, order.id);
  });

  it('changes address, shipping, priority and discount together, with the taxes of the new place', async () => {
    const order = await inWarehouse({ lines: [{ sku: 'MUG-RED', quantity: 2 }] });
    const shippingAddress = {
      ...order.shippingAddress,
      region: 'CA',
      city: 'Fresno',
      postalCode: '93650',
    };

    const { order: after, change } = await amended(
      order,
      [
        { type: 'setAddress', shippingAddress },
        { type: 'setShippingMethod', shippingMethod: 'express' },
        { type: 'applyDiscount', discount: { code: 'NEW', type: 'percent', valuePercent: 20 } },
        { type: 'setPriority', priority: 'urgent' },
      ],
      { payment: { token: 'tok_ok' } },
    );

    const quote = await system.api('POST', '/v1/quotes', {
      currency: 'USD',
      channel: 'web',
      lines: [{ sku: 'MUG-RED', quantity: 2 }],
      shippingAddress,
      shippingMethod: 'express',
      discounts: [{ code: 'NEW', type: 'percent', valuePercent: 20 }],
    });
    const { totalMinor, taxMinor, shippingMinor } = expectStatus(quote, 200).quote;
    expect(after).toMatchObject({
      totalMinor,
      taxMinor,
      shippingMinor,
      priority: 'urgent',
      shippingMethod: 'express',
    });
    expect(after.shippingAddress).toMatchObject({ city: 'Fresno' });
    expect(after.fulfillmentOrders[0].priority).toBe('urgent');
    expect(change.after.totalMinor).toBe(totalMinor);
    const events = await system.api('GET', `/v1/orders/${order.id}/events?limit=100`);
    const [event] = events.body.items.filter(({ type }: Document) => type === 'amended');
    expect(event.data).toMatchObject({ changeId: change.id, baseVersion: 1, version: 2 });
  });

  it('before the payment changes what will be authorised; a short order is served with less', async () => {
    const sku = await aProduct(1);
    const { id } = await post(system, { lines: [{ sku, quantity: 3 }] });
    const short = await untilStage(system, id, 'shortage');

    const { change } = await amended(short, [
      { type: 'setQuantity', lineId: short.lines[0].id, quantity: 1 },
    ]);

    expect(change.payment).toEqual({ action: 'none', amountMinor: 0 });
    const ready = await untilStage(system, id, 'warehouse');
    expect(ready.amounts.authorizedMinor).toBe(change.after.totalMinor);
    expect(ready.payments).toHaveLength(1);
  });

  it('of a prepaid order refunds what is less, and needs a card for what is more', async () => {
    const sku = await aProduct(5);
    const order = await inWarehouse({
      lines: [{ sku, quantity: 2 }],
      payment: { method: 'prepaid', reference: 'bank 9' },
    });
    const set = (quantity: number) => [
      { type: 'setQuantity', lineId: order.lines[0].id, quantity },
    ];

    const refused = await send(order, { changes: set(3) });
    const more = await amended(order, set(3), { payment: { token: 'tok_ok' } });
    const less = await amended(more.order, set(1));

    expect([refused.status, refused.body.errors[0].path]).toEqual([422, 'payment.token']);
    expect(more.change.payment.action).toBe('authorize');
    expect(less.change.payment).toEqual({
      action: 'refund',
      amountMinor: order.totalMinor - less.order.totalMinor,
    });
    await shipAll(system, order.id);
    const paid = await untilSettled(system, order.id);
    expect(paid.amounts.voidedMinor).toBe(more.change.priceDeltaMinor);
    await delivered(order.id);
  });

  it('moves a kit with its parts, and so does a cancel of single ones', async () => {
    await stock(system, 'AMEND-CUP', { BOS: 10 });
    await stock(system, 'AMEND-POT', { BOS: 5 });
    const parts = [
      { sku: 'AMEND-CUP', quantity: 2 },
      { sku: 'AMEND-POT', quantity: 1 },
    ];
    await stock(system, 'AMEND-SET', {}, parts);
    const order = await inWarehouse({ lines: [{ sku: 'AMEND-SET', quantity: 2 }] });
    const [{ id: lineId }] = order.lines;

    const raised = await amended(order, [{ type: 'setQuantity', lineId, quantity: 4 }]);
    const cups = [await readStock(system, 'AMEND-CUP'), await readStock(system, 'AMEND-POT')];
    const body = { reason: 'fewer', lines: [{ lineId, quantity: 3 }] };
    const canceled = await system.api('POST', `/v1/orders/${order.id}/cancel`, body);

    expect(raised.change.stock).toEqual([
      { sku: 'AMEND-CUP', delta: 4, available: 6, short: 0 },
      { sku: 'AMEND-POT', delta: 2, available: 3, short: 0 },
    ]);
    expect(cups.map(({ heldByOrders }) => heldByOrders)).toEqual([8, 4]);
    expect(expectStatus(canceled, 200).order.lines).toMatchObject([{ allocated: 1, canceled: 3 }]);
    expect(await readStock(system, 'AMEND-CUP')).toMatchObject({ heldByOrders: 2, reserved: 2 });
    await shipAll(system, order.id);
    const paid = await untilSettled(system, order.id);
    expect(paid.amounts.capturedMinor).toBe(paid.currentTotalMinor);
  });

  it('with the same key acts once', async () => {
    const sku = await aProduct(5);
    const order = await inWarehouse({ lines: [{ sku, quantity: 1 }] });
    const changes = [{ type: 'setQuantity', lineId: order.lines[0].id, quantity: 2 }];
    const key = randomUUID();

    const answers = await Promise.all([
      send(order, { changes }, key),
      send(order, { changes }, key),
    ]);
    const again = await send(order, { changes }, key);

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    const after = await readOrder(system, order.id);
    expect([after.version, after.payments.length]).toEqual([order.version + 1, 2]);
  });

  it('races with others of the same version, with pack and with a cancel: one comes first, whole', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const sku = await aProduct(9);
        const order = await inWarehouse({ lines: [{ sku, quantity: 2 }] });
        const [task] = order.fulfillmentOrders;
        const [line] = order.lines;
        const lines = await pick(system, task.id);
        const packages = [{ weightGrams: 700, lines }];
        const change = (quantity: number) =>
          send(order, { changes: [{ type: 'setQuantity', lineId: line.id, quantity }] });
        const [up, down, packed, less] = await Promise.all([
          change(3),
          change(1),
          system.api('POST', `/v1/fulfillment-orders/${task.id}/pack`, { packages }),
          system.api('POST', `/v1/orders/${order.id}/cancel`, {
            reason: 'race',
            lines: [{ lineId: line.id, quantity: 1 }],
          }),
        ]);
        const after = await readOrder(system, order.id);
        const wanted = after.lines[0].quantity - after.lines[0].canceled;
        const task2 = after.fulfillmentOrders.find(
          ({ status }: Document) => status === 'in_progress',
        );
        expect(wanted === 0 ? after.status : task2.lines[0].quantity).toBe(
          wanted === 0 ? 'canceled' : wanted,
        );
        expect([up, down].filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
        expect(less.status).toBe(200);
        expect([200, 409, 422]).toContain(packed.status);
        expect((await readStock(system, sku)).heldByOrders).toBe(wanted);
        if (wanted > 0) {
          await finish(task2, [{ lineId: line.id, quantity: wanted }]);
          expect((await untilSettled(system, order.id)).amounts.capturedMinor).toBe(
            (await readOrder(system, order.id)).currentTotalMinor,
          );
        }
        return [up.status, down.status].join(' ');
      }),
    );

    for (const outcome of outcomes) expect(outcome).toMatch(/^(200|409|422) (200|409|422)$/);
  });

  it('leaves a clean audit', async () => {
    await assertCleanAudit(system);
  });
});
