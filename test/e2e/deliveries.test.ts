import { audit } from '../helpers/audit';
import { gatewayEntries } from '../helpers/gateway';
import { deliverAll, expectStatus, post, readOrder, shipAll, untilStage } from '../helpers/orders';
import { recordHistory } from '../helpers/record-history';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { stock } from '../helpers/warehouse';

// Documents are read by the contract, without our types.
type Document = any;

const SILENCE = { default: 'P7D', sandbox: 'PT1S' };

describe('a parcel that does not arrive as it should', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  async function policy(key: string, value: unknown): Promise<void> {
    expectStatus(await system.api('PUT', `/v1/policies/${key}`, { value }), 200);
  }

  /** An order of two mugs that is with the carrier, under the policies given for the time of its hand-over. */
  async function sent(policies: Record<string, unknown> = {}): Promise<Document> {
    for (const [key, value] of Object.entries(policies)) await policy(key, value);
    const { id } = await post(system);
    await shipAll(system, id);
    await policy('carrierSilence', 'P7D');
    const order = await waitFor('the capture', async () => {
      const seen = await readOrder(system, id);
      return seen.paymentStatus === 'paid' ? seen : null;
    });
    return order;
  }

  async function scan(
    order: Document,
    codes: readonly string[],
    deliver = 'in_order',
  ): Promise<void> {
    const start = Date.now() - codes.length * 1000;
    const scans = codes.map((code, n) => ({
      code,
      occurredAt: new Date(start + n * 1000).toISOString(),
    }));
    const { trackingNo } = order.shipments[0];
    const path = `/carrier/shipments/${trackingNo}/scans`;
    expectStatus(await system.sandbox('POST', path, { scans, deliver }), 200);
  }

  async function command(order: Document, action: string, body: object) {
    return system.api('POST', `/v1/shipments/${order.shipments[0].id}/${action}`, body);
  }

  async function mailsTo(order: Document): Promise<string[]> {
    const to = encodeURIComponent(order.customer.email);
    const { body } = await system.sandbox('GET', `/mail?to=${to}`);
    return body.items.map((mail: Document) => mail.headers['x-throughline-template']).sort();
  }

  async function untilMailed(order: Document, template: string, times = 1): Promise<void> {
    await waitFor(`${String(times)} × ${template}`, async () => {
      const mails = await mailsTo(order);
      return mails.filter((mail) => mail === template).length === times;
    });
  }

  async function incidentsOf(order: Document): Promise<Document[]> {
    const { body } = await system.api('GET', `/v1/incidents?orderId=${order.id}`);
    return body.items.map(({ kind, status }: Document) => ({ kind, status }));
  }

  it('counts failed attempts however they arrive, tells of each, and asks a person at the last', async () => {
    const order = await sent();
    await scan(order, ['picked_up', 'delivery_failed', 'delivery_failed'], 'shuffled');
    await untilMailed(order, 'delivery_failed', 2);
    expect(await readOrder(system, order.id)).toMatchObject({
      stage: 'carrier',
      shipments: [{ failedAttempts: 2, exception: null }],
    });

    await scan(order, ['delivery_failed'], 'duplicated');
    const asked = await untilStage(system, order.id, 'delivery_exception');
    expect(asked).toMatchObject({
      status: 'processing',
      waitingFor: { code: 'delivery_exception', since: expect.any(String) },
      shipments: [
        {
          status: 'delivery_failed',
          failedAttempts: 3,
          exception: 'delivery_failed',
          allowedActions: ['intercept', 'resolve'],
        },
      ],
    });
    expect(await incidentsOf(order)).toEqual([{ kind: 'delivery_failed', status: 'open' }]);

    const key = { idempotencyKey: `wait-${order.id}` };
    const body = { action: 'redeliver', reason: 'the customer is at home tomorrow' };
    const path = `/v1/shipments/${order.shipments[0].id}/resolve`;
    const { shipment } = expectStatus(await system.api('POST', path, body, key), 200);
    expect(shipment).toMatchObject({ exception: null, failedAttempts: 3 });
    expect((await system.api('POST', path, body, key)).headers.get('idempotency-replayed')).toBe(
      'true',
    );
    expect(await system.api('POST', path, body)).toMatchObject({
      status: 409,
      body: { code: 'illegal_transition', allowedActions: ['intercept'] },
    });
    expect(await readOrder(system, order.id)).toMatchObject({ stage: 'carrier' });
    expect(await incidentsOf(order)).toEqual([{ kind: 'delivery_failed', status: 'resolved' }]);

    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');
    await untilMailed(order, 'delivery_failed', 3);
    await untilMailed(order, 'order_delivered');
    await recordHistory(system, order.id, 'delivery-failed-redelivered');
  });

  it('takes a silent parcel for lost, and takes that back with its next scan', async () => {
    const order = await sent({ carrierSilence: SILENCE });
    const lost = await untilStage(system, order.id, 'delivery_exception', 15_000);
    expect(lost.shipments).toMatchObject([{ status: 'lost', exception: 'lost' }]);
    expect(await incidentsOf(order)).toEqual([{ kind: 'shipment_lost', status: 'open' }]);
    await untilMailed(order, 'order_lost');

    await scan(order, ['in_transit'], 'duplicated');
    const found = await untilStage(system, order.id, 'carrier');
    expect(found.shipments).toMatchObject([{ status: 'in_transit', exception: null }]);
    expect(await incidentsOf(order)).toEqual([{ kind: 'shipment_lost', status: 'resolved' }]);

    const again = await untilStage(system, order.id, 'delivery_exception', 15_000);
    expect(again.shipments).toMatchObject([{ status: 'lost' }]);
    await untilMailed(order, 'order_lost', 2);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done.shipments).toMatchObject([{ status: 'delivered', exception: null }]);
    await recordHistory(system, order.id, 'lost-and-found');
  });

  it('pays a lost parcel back, shipping too where nothing else was sent, and ends the order', async () => {
    const order = await sent({ carrierSilence: SILENCE });
    await untilStage(system, order.id, 'delivery_exception', 15_000);
    const body = { action: 'refund', reason: 'the carrier has lost it' };
    const { shipment } = expectStatus(await command(order, 'resolve', body), 200);
    expect(shipment).toMatchObject({ status: 'lost', givenUpAs: 'refund', allowedActions: [] });

    const done = await untilStage(system, order.id, 'completed');
    const { pendingRefundMinor, refundedMinor } = done.amounts;
    expect(pendingRefundMinor + refundedMinor).toBe(order.totalMinor);
    expect(await incidentsOf(order)).toEqual([{ kind: 'shipment_lost', status: 'resolved' }]);
    await recordHistory(system, order.id, 'lost-refunded');
  });

  it('sends a lost parcel again without a second capture', async () => {
    const order = await sent({ carrierSilence: SILENCE });
    await untilStage(system, order.id, 'delivery_exception', 15_000);
    const body = { action: 'resend', reason: 'the customer still wants it' };
    expectStatus(await command(order, 'resolve', body), 200);

    const again = await untilStage(system, order.id, 'warehouse');
    expect(again.fulfillmentOrders).toHaveLength(2);
    expect(again.lines).toMatchObject([{ shipped: 0, allocated: 2 }]);
    const open = again.fulfillmentOrders.filter(({ status }: Document) => status === 'open');
    await shipAll({ ...system, api: onlyOpen(system, open) }, order.id);
    await untilStage(system, order.id, 'carrier');
    const [, second] = (await readOrder(system, order.id)).shipments;
    await system.sandbox('POST', `/carrier/shipments/${second.trackingNo}/deliver`, {});
    const done = await untilStage(system, order.id, 'completed');
    expect(done).toMatchObject({ amounts: { capturedMinor: order.totalMinor } });
    expect(done.lines).toMatchObject([{ shipped: 2, delivered: 2 }]);
    const entries = await gatewayEntries(system, order.id);
    expect(entries.filter(({ kind }) => kind === 'capture')).toHaveLength(1);
    await recordHistory(system, order.id, 'lost-resent');
  });

  it.each([
    ['refund', 'completed'],
    ['resend', 'warehouse'],
  ])('does by itself what lostAction says: %s', async (lostAction, stage) => {
    const order = await sent({ carrierSilence: SILENCE, lostAction });
    await untilStage(system, order.id, stage, 15_000);
    await policy('lostAction', 'ask');
    const [shipment] = (await readOrder(system, order.id)).shipments;
    expect(shipment).toMatchObject({ status: 'lost', givenUpAs: lostAction });
    expect(await incidentsOf(order)).toEqual([{ kind: 'shipment_lost', status: 'resolved' }]);
  });

  it('makes a return of a parcel that comes back, once, and writes of it', async () => {
    const order = await sent();
    await scan(order, ['picked_up', 'delivery_failed', 'return_to_sender'], 'shuffled');
    await scan(order, ['in_transit'], 'duplicated');
    await untilMailed(order, 'order_returning');
    const { items: returns } = expectStatus(
      await system.api('GET', `/v1/returns?orderId=${order.id}`),
      200,
    );
    expect(returns).toMatchObject([
      {
        kind: 'return_to_sender',
        status: 'in_transit',
        waitingFor: { code: 'return_goods' },
        lines: [{ quantity: 2, reception: 'in_transit' }],
      },
    ]);
    expect(await readOrder(system, order.id)).toMatchObject({
      status: 'processing',
      stage: 'carrier',
      lines: [{ returnRequested: 2 }],
    });

    const before = await onHand();
    const [{ lineId }] = returns[0].lines;
    const receipt = { lines: [{ lineId, quantity: 2, condition: 'new' }] };
    const path = `/v1/returns/${returns[0].id}/receive`;
    expectStatus(await system.api('POST', path, receipt), 200);
    const done = await untilStage(system, order.id, 'completed');
    expect(done.shipments).toMatchObject([{ givenUpAs: 'returned' }]);
    expect(await onHand()).toBe(before + 2);
    await recordHistory(system, order.id, 'returned-to-sender');
  });

  it('calls a parcel back: its next scan says that it returns', async () => {
    const order = await sent();
    await scan(order, ['picked_up']);
    const body = { reason: 'the customer canceled' };
    const { shipment } = expectStatus(await command(order, 'intercept', body), 200);
    expect(shipment).toMatchObject({ interceptedAt: expect.any(String) });
    expectStatus(await command(order, 'intercept', body), 200);
    await scan(order, ['out_for_delivery']);
    await untilMailed(order, 'order_returning');
    const { shipments } = await readOrder(system, order.id);
    expect(shipments).toMatchObject([{ exception: null, allowedActions: [] }]);
    expect(await command(order, 'resolve', { action: 'wait', reason: 'x' })).toMatchObject({
      status: 409,
    });
    await recordHistory(system, order.id, 'intercepted');
  });

  async function disputed(): Promise<Document> {
    const order = await sent();
    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');
    const body = { reason: 'the customer has not got it' };
    const { shipment } = expectStatus(await command(order, 'dispute-delivery', body), 200);
    expect(shipment).toMatchObject({
      status: 'delivered',
      exception: 'delivery_disputed',
      allowedActions: ['resolve'],
    });
    expect((await command(order, 'dispute-delivery', body)).status).toBe(409);
    expect(await incidentsOf(order)).toEqual([{ kind: 'delivery_disputed', status: 'open' }]);
    return order;
  }

  it('sends what was delivered and did not arrive again, as a linked order at no charge', async () => {
    const order = await disputed();
    const key = { idempotencyKey: `resend-${order.id}` };
    const path = `/v1/shipments/${order.shipments[0].id}/resolve`;
    const body = { action: 'resend', reason: 'goodwill' };
    expectStatus(await system.api('POST', path, body, key), 200);
    expectStatus(await system.api('POST', path, body, key), 200);

    const linked = await waitFor('the linked order', async () => {
      const { body: found } = await system.api(
        'GET',
        `/v1/orders?q=resend:${order.shipments[0].id}`,
      );
      return found.items[0] ?? null;
    });
    expect(linked).toMatchObject({ origin: 'resend', totalMinor: 0, channel: 'web' });
    const shown = await untilStage(system, linked.id, 'warehouse');
    expect(shown.lines).toMatchObject([{ sku: 'MUG-RED', quantity: 2, totalMinor: 0 }]);
    expect(shown.resendOf).toBe(order.id);
    expect(shown.shippingAddress).toEqual(order.shippingAddress);
    expect(await incidentsOf(order)).toEqual([{ kind: 'delivery_disputed', status: 'resolved' }]);
    expect(await readOrder(system, order.id)).toMatchObject({
      status: 'completed',
      shipments: [{ status: 'delivered', givenUpAs: 'resend' }],
    });
  });

  it('pays back what was delivered and did not arrive', async () => {
    const order = await disputed();
    const body = { action: 'refund', reason: 'goodwill' };
    expectStatus(await command(order, 'resolve', body), 200);
    const { amounts, status } = await readOrder(system, order.id);
    expect(status).toBe('completed');
    expect(amounts.pendingRefundMinor + amounts.refundedMinor).toBe(order.totalMinor);
  });

  it('waits on for a parcel whose incident is resolved by hand, once, and says who did it', async () => {
    await stock(system, 'TWO-PLACES', { BOS: 1, LON: 1 });
    const { id } = await post(system, { lines: [{ sku: 'TWO-PLACES', quantity: 2 }] });
    await shipAll(system, id);
    const order = await untilStage(system, id, 'carrier');
    await scan(order, ['picked_up', 'delivered']);
    await waitFor('the first parcel', async () => {
      const [line] = (await readOrder(system, id)).lines;
      return line.delivered === 1 ? line : null;
    });
    const reason = 'only one parcel came';
    expectStatus(await command(order, 'dispute-delivery', { reason }), 200);
    const asked = await untilStage(system, id, 'delivery_exception');
    expect(asked.waitingFor).toMatchObject({ code: 'delivery_exception' });
    const { body: open } = await system.api('GET', `/v1/incidents?orderId=${id}`);
    const [incident] = open.items;
    expect(incident).toMatchObject({ kind: 'delivery_disputed', status: 'open', note: null });

    const path = `/v1/incidents/${incident.id}/resolve`;
    const body = { note: 'the neighbour has it' };
    const key = { idempotencyKey: `incident-${incident.id}` };
    const ended = expectStatus(await system.api('POST', path, body, key), 200);
    expect(ended.incident).toMatchObject({
      ...{ status: 'resolved', note: body.note, resolvedBy: expect.any(String) },
    });
    expectStatus(await system.api('POST', path, body, key), 200);
    expectStatus(await system.api('POST', path, { note: 'again' }), 200);
    const after = await readOrder(system, id);
    expect(after).toMatchObject({ stage: 'carrier', waitingFor: { code: 'carrier' } });
    expect(after.shipments[0]).toMatchObject({ status: 'delivered', exception: null });
    const { body: events } = await system.api('GET', `/v1/orders/${id}/events?limit=100`);
    const decided = events.items.filter(({ type }: Document) => type === 'delivery_resolved');
    expect(decided).toHaveLength(1);

    await deliverAll(system, id);
    await untilStage(system, id, 'completed');
    await recordHistory(system, id, 'delivery-disputed');
  });

  async function onHand(): Promise<number> {
    const { body } = await system.api('GET', '/v1/inventory?sku=MUG-RED');
    return body.items.reduce((sum: number, level: Document) => sum + level.onHand, 0);
  }

  it('leaves a clean audit', async () => {
    const { lines } = await audit(system);
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
  });
});

/** The order as a warehouse sees it that has only the open work left. */
function onlyOpen(system: System, open: Document[]): System['api'] {
  return async (method, route, body, options) => {
    const answer = await system.api(method, route, body, options);
    if (method === 'GET' && answer.body.order !== undefined) {
      const ids = open.map(({ id }: Document) => id);
      const fulfillmentOrders = answer.body.order.fulfillmentOrders.filter(({ id }: Document) =>
        ids.includes(id),
      );
      return { ...answer, body: { order: { ...answer.body.order, fulfillmentOrders } } };
    }
    return answer;
  };
}
