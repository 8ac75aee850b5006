import { randomUUID } from 'node:crypto';

import { signWebhook } from '../../src/platform/standard-webhooks';
import {
  deliverAll,
  expectStatus,
  pick,
  post,
  readOrder,
  shipAll,
  untilStage,
} from '../helpers/orders';
import { recordHistory } from '../helpers/record-history';
import { expectHistoriesReplay } from '../helpers/replayed';
import { startSystem, WEBHOOK_SECRET, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
});

function command(orderId: string, name: string, body: object, idempotencyKey?: string) {
  const options = idempotencyKey === undefined ? {} : { idempotencyKey };
  return system.api('POST', `/v1/orders/${orderId}/${name}`, body, options);
}

async function inWarehouse(overrides: Record<string, unknown> = {}) {
  const order = await post(system, overrides);
  return untilStage(system, order.id, 'warehouse');
}

describe('a command', () => {
  it('with the same key has one effect and one answer', async () => {
    const order = await inWarehouse();
    const key = randomUUID();

    const first = await command(order.id, 'notes', { text: 'call first' }, key);
    const again = await command(order.id, 'notes', { text: 'call first' }, key);
    const other = await command(order.id, 'notes', { text: 'something else' }, key);

    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_key_reused']);
    const events = await system.api('GET', `/v1/orders/${order.id}/events`);
    const notes = events.body.items.filter((event: { type: string }) => event.type === 'note');
    expect(notes).toHaveLength(1);
    expect(notes[0].data).toEqual({ text: 'call first' });
  });

  it('for an order that does not exist is 404, and keeps nothing', async () => {
    const answer = await command(randomUUID(), 'notes', { text: 'x' });

    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    expect((await system.api('GET', '/v1/orders/nonsense')).status).toBe(404);
  });

  it('that is not legal names the status and what is', async () => {
    const order = await inWarehouse();

    const answer = await command(order.id, 'approve', { reason: 'fine' });

    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      code: 'illegal_transition',
      currentStatus: 'processing',
      allowedActions: ['cancel', 'amend', 'hold', 'move-fulfillment', 'notes'],
    });
  });

  it('on a completed order: a note is taken, a cancel offers a return, the rest is refused', async () => {
    const order = await post(system);
    await shipAll(system, order.id);
    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');

    const noted = await command(order.id, 'notes', { text: 'late thanks' });
    const canceled = await command(order.id, 'cancel', { reason: 'changed_mind' });
    const held = await command(order.id, 'hold', { type: 'manual', reason: 'why not' });

    expect(noted.status).toBe(200);
    expect(canceled.body).toMatchObject({
      code: 'illegal_transition',
      currentStatus: 'completed',
      allowedActions: ['notes'],
      offers: ['return', 'intercept'],
    });
    expect(held.status).toBe(409);
    const events = await system.api('GET', `/v1/orders/${order.id}/events?limit=100`);
    expect(events.body.items.at(-1)).toMatchObject({ type: 'note', data: { text: 'late thanks' } });
  });

  it('that cancels a held order ends its hold', async () => {
    const order = await inWarehouse();
    expectStatus(await command(order.id, 'hold', { type: 'manual', reason: 'stock check' }), 200);

    const canceled = await command(order.id, 'cancel', { reason: 'changed_mind' });

    expect(expectStatus(canceled, 200).order).toMatchObject({
      status: 'canceled',
      holds: [{ status: 'released', releaseReason: 'canceled' }],
    });
  });

  it('without a worker is 503, and the same key takes effect when one is back', async () => {
    const order = await inWarehouse();
    const key = randomUUID();
    await system.stopWorkers();

    const refused = await command(order.id, 'hold', { type: 'manual', reason: 'stock check' }, key);
    await system.startWorkers();
    const taken = await command(order.id, 'hold', { type: 'manual', reason: 'stock check' }, key);

    expect([refused.status, refused.body.code]).toEqual([503, 'engine_unavailable']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(taken.status).toBe(200);
    const after = await readOrder(system, order.id);
    expect(after.holds).toHaveLength(1);
  });
});

describe('two commands at once', () => {
  it('that no worker took at first leave a history that another worker can take over', async () => {
    const order = await inWarehouse();
    const [{ id: workId }] = order.fulfillmentOrders;
    const path = `/v1/fulfillment-orders/${workId}`;
    const packages = [{ weightGrams: 700, lines: await pick(system, workId) }];
    expectStatus(await system.api('POST', `${path}/pack`, { packages }), 200);
    await system.stopWorkers();
    const answers = [1, 2].map(() => system.api('POST', `${path}/hand-over`, {}));
    await system.startWorkers();

    const codes = (await Promise.all(answers)).map(({ status }) => status);

    expect(codes.toSorted()).toEqual([200, 409]);
    await untilStage(system, order.id, 'carrier');
    await waitFor('the capture', async () => {
      return (await readOrder(system, order.id)).paymentStatus === 'paid';
    });
    await expectHistoriesReplay(system);
    await recordHistory(system, order.id, 'handed-over-twice-at-once');
  });
});

describe('cancel', () => {
  it('of all named units is a cancel of the order; a foreign line is refused, and again it changes nothing', async () => {
    const order = await inWarehouse({
      lines: [
        { sku: 'MUG-RED', quantity: 2 },
        { sku: 'MUG-BLUE', quantity: 1 },
      ],
    });
    const [first, second] = order.lines;

    const foreign = await command(order.id, 'cancel', { reason: 'x', lineIds: [randomUUID()] });
    const many = await command(order.id, 'cancel', {
      reason: 'x',
      lines: [{ lineId: first.id, quantity: 3 }],
    });
    const whole = await command(order.id, 'cancel', {
      reason: 'customer',
      lines: [
        { lineId: first.id, quantity: 2 },
        { lineId: second.id, quantity: 1 },
      ],
    });

    expect([foreign.status, foreign.body.errors[0].path]).toEqual([422, 'lineIds.0']);
    expect([many.status, many.body.errors[0].path]).toEqual([422, 'lines.0.quantity']);
    expect(whole.body.order).toMatchObject({ status: 'canceled', cancelReason: 'customer' });
    const again = await command(order.id, 'cancel', { reason: 'again' });
    expect([again.status, again.body.order.version]).toEqual([200, whole.body.order.version]);
  });
});

describe('warehouse work', () => {
  it('follows start, pick, pack, hand-over; anything else names the status and what is legal', async () => {
    const order = await inWarehouse();
    const [work] = order.fulfillmentOrders;
    const route = `/v1/fulfillment-orders/${work.id}`;
    const line = { lineId: work.lines[0].lineId, quantity: 1 };
    expect(work.allowedActions).toEqual(['start', 'report-short', 'hold']);

    const tooEarly = await system.api('POST', `${route}/pick`, { lines: [line] });
    expect([tooEarly.status, tooEarly.body.currentStatus]).toEqual([409, 'open']);
    expectStatus(await system.api('POST', `${route}/start`, {}), 200);
    const twice = await system.api('POST', `${route}/start`, {});
    expect(twice.body).toMatchObject({
      currentStatus: 'in_progress',
      allowedActions: ['pick', 'report-short'],
    });

    const partly = await system.api('POST', `${route}/pick`, { lines: [line] });
    expect(partly.body.fulfillmentOrder.lines[0]).toMatchObject({ quantity: 2, picked: 1 });
    const tooMany = await system.api('POST', `${route}/pick`, {
      lines: [{ ...line, quantity: 2 }],
    });
    expect([tooMany.status, tooMany.body.errors[0].path]).toEqual([422, 'lines.0.quantity']);
    const stranger = await system.api('POST', `${route}/pick`, {
      lines: [{ lineId: randomUUID(), quantity: 1 }],
    });
    expect([stranger.status, stranger.body.errors[0].path]).toEqual([422, 'lines.0.lineId']);
    expectStatus(await system.api('POST', `${route}/pick`, { lines: [line] }), 200);

    const unpacked = await system.api('POST', `${route}/hand-over`, {});
    expect(unpacked.body).toMatchObject({ code: 'illegal_transition', allowedActions: ['pack'] });
    const packed = await system.api('POST', `${route}/pack`, { packages: [{ weightGrams: 500 }] });
    expect(packed.body.trackingNo).toEqual(expect.any(String));
    expect(packed.body.labelUrl).toEqual(expect.any(String));
    const handed = await system.api('POST', `${route}/hand-over`, {});
    expect(handed.body.fulfillmentOrder).toMatchObject({ status: 'closed', allowedActions: [] });

    const shipment = await system.api('GET', `/v1/shipments/${packed.body.shipments[0].id}`);
    expect(shipment.body.shipment).toMatchObject({
      trackingNo: packed.body.trackingNo,
      orderId: order.id,
    });
    const byNumber = await system.api('GET', `/v1/orders?q=${String(packed.body.trackingNo)}`);
    expect(byNumber.body.items[0].id).toBe(order.id);
  });

  it('with the same key is done once', async () => {
    const order = await inWarehouse();
    const [work] = order.fulfillmentOrders;
    const key = { idempotencyKey: randomUUID() };
    const route = `/v1/fulfillment-orders/${String(work.id)}`;
    const lines = [{ lineId: work.lines[0].lineId, quantity: 1 }];

    await system.api('POST', `${route}/start`, {}, { idempotencyKey: randomUUID() });
    await system.api('POST', `${route}/pick`, { lines }, key);
    const again = await system.api('POST', `${route}/pick`, { lines }, key);

    expect(again.body.fulfillmentOrder.lines[0].picked).toBe(1);
    const now = await system.api('GET', route);
    expect(now.body.fulfillmentOrder.lines[0].picked).toBe(1);
  });

  it('started by many at once is started once', async () => {
    const order = await inWarehouse();
    const route = `/v1/fulfillment-orders/${String(order.fulfillmentOrders[0].id)}/start`;

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => system.api('POST', route, {})),
    );

    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(7).fill(409)]);
    const events = await system.api('GET', `/v1/orders/${order.id}/events?limit=100`);
    const numbers = events.body.items.map((event: { seq: number }) => event.seq);
    expect(numbers).toEqual(numbers.map((_n: number, index: number) => index + 1));
  });

  it('is listed by location, status, priority and order', async () => {
    const order = await inWarehouse({ priority: 'urgent' });
    const [work] = order.fulfillmentOrders;
    const query = `location=${String(work.location)}&status=open&priority=urgent&orderId=${String(order.id)}`;

    const found = await system.api('GET', `/v1/fulfillment-orders?${query}`);
    const none = await system.api('GET', `/v1/fulfillment-orders?${query}&status=closed`);

    expect(found.body.items).toEqual([work]);
    expect(none.status === 422 || none.body.items.length === 0).toBe(true);
  });
});

describe('order templates', () => {
  it('are kept, changed and placed again and again', async () => {
    const created = await system.api('POST', '/v1/order-templates', {
      name: `weekly ${randomUUID()}`,
      body: {
        channel: 'phone',
        currency: 'USD',
        customer: { email: 'office@example.com', name: 'Office' },
        lines: [{ sku: 'MUG-RED', quantity: 1 }],
        shippingAddress: { line1: '1 Main St', city: 'Boston', region: 'MA', country: 'US' },
      },
    });
    const { id, name } = expectStatus(created, 201).orderTemplate;
    const route = `/v1/order-templates/${String(id)}`;

    const placed = await system.api('POST', `${route}/orders`, {
      externalId: randomUUID(),
      payment: { method: 'cod' },
    });
    const incomplete = await system.api('POST', `${route}/orders`, { externalId: 'x' });
    const taken = await system.api('POST', '/v1/order-templates', {
      name: name.toUpperCase(),
      body: {},
    });
    const removed = await system.api('DELETE', route);

    expect(expectStatus(placed, 201).order).toMatchObject({
      channel: 'phone',
      paymentMethod: 'cod',
    });
    expect([incomplete.status, incomplete.body.errors[0].path]).toEqual([422, 'payment']);
    expect([taken.status, taken.body.errors[0].path]).toEqual([422, 'name']);
    expect(removed.status).toBe(200);
    expect((await system.api('GET', route)).status).toBe(404);
  });
});

describe('autofill', () => {
  it("gives the customer's last address, method and terms", async () => {
    const email = `${randomUUID()}@example.com`;
    const payment = { method: 'invoice', terms: 'NET30' };
    const last = await post(system, { channel: 'web', customer: { email }, payment });
    const now = await post(system, { channel: 'web', customer: { email } });

    const answer = await system.api('GET', `/v1/orders/${now.id}/autofill`);

    expect(answer.body.autofill).toMatchObject({
      fromOrderId: last.id,
      shippingAddress: { line1: '1 Main St' },
      shippingMethod: 'standard',
      payment,
    });
  });
});

describe("the carrier's webhook", () => {
  function send(body: object, changes: { secret?: string; ageSeconds?: number; id?: string } = {}) {
    const rawBody = JSON.stringify(body);
    const signed = signWebhook([changes.secret ?? WEBHOOK_SECRET], {
      id: changes.id ?? randomUUID(),
      timestampSeconds: Math.floor(Date.now() / 1000) - (changes.ageSeconds ?? 0),
      body: rawBody,
    });
    return system.api('POST', '/v1/webhooks/carriers/sandbox', undefined, {
      rawBody,
      headers: { ...signed },
    });
  }
  const scan = { type: 'shipment.scanned', data: { trackingNo: 'NOBODY', scans: [] } };

  it('is kept once', async () => {
    const id = randomUUID();

    expect((await send(scan, { id })).body).toEqual({ status: 'accepted' });
    expect((await send(scan, { id })).body).toEqual({ status: 'duplicate' });
    expect((await send({ type: 'something.else', data: {} })).body).toEqual({ status: 'ignored' });
  });

  it('is refused with a bad signature or a stale timestamp', async () => {
    const secret = `whsec_${Buffer.from('another secret, not ours').toString('base64')}`;

    expect((await send(scan, { secret })).status).toBe(401);
    expect((await send(scan, { ageSeconds: 301 })).status).toBe(401);
    expect((await send(scan, { ageSeconds: -301 })).status).toBe(401);
  });
});

it('picks what an order needs and packs it by line', async () => {
  const order = await inWarehouse();
  const [work] = order.fulfillmentOrders;
  const lines = await pick(system, work.id);

  const several = await system.api('POST', `/v1/fulfillment-orders/${String(work.id)}/pack`, {
    packages: [{ weightGrams: 100 }, { weightGrams: 100, lines }],
  });
  const tooFew = await system.api('POST', `/v1/fulfillment-orders/${String(work.id)}/pack`, {
    packages: [{ weightGrams: 100, lines: [{ ...lines[0], quantity: 1 }] }],
  });

  expect([several.status, several.body.errors[0].path]).toEqual([422, 'packages.0.lines']);
  expect(tooFew.status).toBe(422);
});
