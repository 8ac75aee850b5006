import {
  announce,
  placeOrderRow,
  type PlacedOrder,
  setPolicy,
  silent,
} from '../helpers/crm-fixtures';
import { waitFor } from '../helpers/wait-for';
import { createTestApi, type TestApi } from '../helpers/api';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import {
  startReceiver,
  type ReceivedWebhook,
  type WebhookReceiver,
} from '../helpers/webhook-receiver';
import { runLane } from '../../src/activities/lane';
import { createWebhookSending, type WebhookSending } from '../../src/activities/webhook-sending';
import { claimWebhooks } from '../../src/db/oms/webhook-queue';
import { createWebhookSender } from '../../src/integrations/webhook-sender';
import { verifyWebhook } from '../../src/platform/standard-webhooks';
import { WebhookTargets } from '../../src/platform/webhook-targets';

let db: TestDatabase;
let api: TestApi;
const receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  api = createTestApi(db);
  await setPolicy(db.oms, 'webhookRetryInitial', 'PT0.2S');
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
  await db.admin.query(`delete from oms.webhook_deliveries`);
  await db.admin.query(`delete from oms.webhook_endpoints`);
  await setPolicy(db.oms, 'webhookBlockFor', 'PT5M');
  await setPolicy(db.oms, 'webhookRetryFor', 'P3D');
});
afterAll(async () => {
  await db.close();
});

async function receive(...behaviour: Parameters<typeof startReceiver>): Promise<WebhookReceiver> {
  const receiver = await startReceiver(...behaviour);
  receivers.push(receiver);
  return receiver;
}

async function endpointAt(url: string, events: readonly string[] = ['*']) {
  const { body } = await api
    .call('post', '/v1/webhook-endpoints')
    .send({ url, events })
    .expect(201);
  return body.webhookEndpoint;
}

function sendingOf(timeoutMs = 1000): WebhookSending {
  const targets = new WebhookTargets(['127.0.0.1']);
  return createWebhookSending({
    oms: db.oms,
    sendWebhook: createWebhookSender({ targets, timeoutMs }),
    linkTo: (workflowId) => `http://ui/${workflowId}`,
    logger: silent,
  });
}

/** Runs the lane while the work is done, then lets it finish what it has in hand. */
async function whileSending(work: () => Promise<unknown>, timeoutMs?: number): Promise<void> {
  const stop = new AbortController();
  const sending = sendingOf(timeoutMs);
  const lane = runLane(
    { cancellationSignal: stop.signal, heartbeat: () => undefined },
    {
      listen: [{ pool: db.oms, channel: 'oms_webhooks' }],
      pollMs: 50,
      drain: (_stopping, again) => sending.begin(again),
    },
  );
  try {
    await work();
  } finally {
    stop.abort();
    await lane;
    await sending.settled();
  }
}

async function deliveries(filter = '') {
  const { body } = await api.call('get', `/v1/webhook-deliveries?${filter}`).expect(200);
  return body.items;
}

async function untilStatus(type: string, status: string): Promise<void> {
  await waitFor('the deliveries to end', async () =>
    (await deliveries(`type=${type}`)).every((d: any) => d.status === status),
  );
}

const types = ({ received }: WebhookReceiver) => received.map(({ body }) => body.type);

function isSignedWith(secret: string, { headers, rawBody }: ReceivedWebhook): boolean {
  const verdict = verifyWebhook({
    id: String(headers['webhook-id']),
    timestamp: String(headers['webhook-timestamp']),
    signature: String(headers['webhook-signature']),
    rawBody,
    secrets: [secret],
    nowMs: Date.now(),
  });
  return verdict.kind === 'valid';
}

describe('the lane webhooks', () => {
  it('tells what happened, signed, with the document as it is', async () => {
    const receiver = await receive();
    const { id: endpointId, secret } = await endpointAt(receiver.url);
    const order = await placeOrderRow(db);
    await whileSending(async () => {
      await announce(db.oms, order, 'order.confirmed');
      await untilStatus('order.confirmed', 'succeeded');
    });

    const [webhook] = receiver.received;
    const [delivery] = await deliveries();
    expect(webhook?.body).toEqual({
      id: webhook?.headers['webhook-id'],
      type: 'order.confirmed',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      aggregate: { type: 'order', id: order.orderId, seq: 1 },
      data: {
        order: expect.objectContaining({
          id: order.orderId,
          orderNo: order.orderNo,
          totalMinor: 2598,
        }),
      },
    });
    expect(webhook?.headers['content-type']).toBe('application/json');
    expect(webhook !== undefined && isSignedWith(secret, webhook)).toBe(true);
    expect(delivery).toEqual({
      id: expect.any(String),
      endpointId,
      eventId: webhook?.body.id,
      type: 'order.confirmed',
      aggregate: webhook?.body.aggregate,
      status: 'succeeded',
      attempts: 1,
      nextAttemptAt: null,
      lastStatus: 200,
      lastError: null,
      createdAt: expect.any(String),
      deliveredAt: expect.any(String),
    });
  });

  it('keeps the order of an aggregate through failures, and delays no other aggregate', async () => {
    const order = await placeOrderRow(db);
    const other = await placeOrderRow(db);
    let refusals = 2;
    const receiver = await receive(({ body }) => {
      if (body.aggregate.id !== order.orderId || refusals === 0) return 200;
      refusals -= 1;
      return 500;
    });
    await endpointAt(receiver.url);
    for (const type of ['order.placed', 'order.confirmed', 'order.completed'])
      await announce(db.oms, order, type);
    await announce(db.oms, other, 'order.placed');

    await whileSending(() => untilStatus('order.completed', 'succeeded'));

    const ofOrder = receiver.received.filter(({ body }) => body.aggregate.id === order.orderId);
    const ofOther = receiver.received.findIndex(({ body }) => body.aggregate.id === other.orderId);
    expect(ofOrder.map(({ body }) => body.aggregate.seq)).toEqual([1, 1, 1, 2, 3]);
    expect(new Set(ofOrder.slice(0, 3).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(ofOther).toBeLessThan(2);
    const [first] = await deliveries(`aggregateId=${order.orderId}&type=order.placed`);
    expect(first).toMatchObject({ attempts: 3, lastStatus: 200, lastError: null });
  });

  it('lets later ones out when one has been failing for webhookBlockFor', async () => {
    await setPolicy(db.oms, 'webhookBlockFor', 'PT0.5S');
    const order = await placeOrderRow(db);
    const receiver = await receive(({ body }) => (body.type === 'order.placed' ? 503 : 200));
    await endpointAt(receiver.url);
    await announce(db.oms, order, 'order.placed');
    await announce(db.oms, order, 'order.confirmed');

    await whileSending(() => untilStatus('order.confirmed', 'succeeded'));

    const failing = types(receiver).filter((type) => type === 'order.placed').length;
    expect(failing).toBeGreaterThanOrEqual(2);
    const [head] = await deliveries('type=order.placed');
    expect(head).toMatchObject({ status: 'pending', lastStatus: 503, lastError: 'http_503' });
  });

  it('gives up after webhookRetryFor; then the next one goes out', async () => {
    await setPolicy(db.oms, 'webhookRetryFor', 'PT0.7S');
    const order = await placeOrderRow(db);
    const receiver = await receive(({ body }) => (body.type === 'order.placed' ? 302 : 200));
    await endpointAt(receiver.url);
    await announce(db.oms, order, 'order.placed');
    await announce(db.oms, order, 'order.confirmed');

    await whileSending(() => untilStatus('order.confirmed', 'succeeded'));

    const [head] = await deliveries('type=order.placed');
    expect(head).toMatchObject({
      status: 'failed',
      lastStatus: 302,
      lastError: 'redirect',
      nextAttemptAt: null,
    });
    expect(head.attempts).toBeGreaterThanOrEqual(3);
  });

  it('a dead and a silent endpoint delay no other', async () => {
    const silentOne = await receive(() => null);
    const good = await receive();
    await endpointAt(silentOne.url);
    await endpointAt('http://127.0.0.1:1/');
    await endpointAt(good.url);
    const orders: PlacedOrder[] = [];
    for (let n = 0; n < 20; n += 1) orders.push(await placeOrderRow(db));
    let tookMs = 0;
    await whileSending(async () => {
      const began = Date.now();
      for (const order of orders) {
        await announce(db.oms, order, 'order.placed');
        await announce(db.oms, order, 'order.confirmed');
      }
      await waitFor('40 webhooks', () => good.received.length === 40);
      tookMs = Date.now() - began;
    }, 3000);

    expect(tookMs).toBeLessThan(3000);
    expect(new Set(silentOne.received.map(({ body }) => body.id)).size).toBeLessThanOrEqual(8);
  });

  it('no answer in time is a failure', async () => {
    const receiver = await receive(() => null);
    await endpointAt(receiver.url);
    await announce(db.oms, await placeOrderRow(db), 'order.placed');

    await whileSending(
      () => waitFor('a timeout', async () => (await deliveries())[0].lastError === 'timeout'),
      200,
    );
  });

  it('410 disables the endpoint and ends what it was still to get', async () => {
    const order = await placeOrderRow(db);
    const receiver = await receive(() => 410);
    const { id } = await endpointAt(receiver.url);
    await announce(db.oms, order, 'order.placed');
    await announce(db.oms, order, 'order.confirmed');

    await whileSending(() => untilStatus('order.confirmed', 'failed'));
    await announce(db.oms, order, 'order.completed');

    const { body } = await api.call('get', `/v1/webhook-endpoints/${id}`).expect(200);
    expect(body.webhookEndpoint).toMatchObject({ status: 'disabled', disabledReason: 'gone' });
    expect(types(receiver)).toEqual(['order.placed']);
    const rest = (await deliveries()).map((d: any) => [
      d.type,
      d.status,
      d.lastStatus,
      d.lastError,
    ]);
    expect(rest).toEqual([
      ['order.confirmed', 'failed', null, 'endpoint_disabled'],
      ['order.placed', 'failed', 410, 'gone'],
    ]);
    const [refused] = await deliveries('type=order.placed');
    await api.call('post', `/v1/webhook-deliveries/${refused.id}/redeliver`).send({}).expect(409);
  });

  it('signs with both secrets until the overlap is over, then with the new one alone', async () => {
    const receiver = await receive();
    const { id, secret } = await endpointAt(receiver.url);
    const rotate = async (overlap?: string) => {
      const { body } = await api
        .call('post', `/v1/webhook-endpoints/${id}/rotate-secret`)
        .send(overlap === undefined ? {} : { overlap })
        .expect(200);
      return body.webhookEndpoint.secret;
    };
    const order = await placeOrderRow(db);
    let second = '';
    let third = '';
    await whileSending(async () => {
      second = await rotate();
      await announce(db.oms, order, 'order.placed');
      await untilStatus('order.placed', 'succeeded');
      third = await rotate('PT0S');
      await announce(db.oms, order, 'order.confirmed');
      await untilStatus('order.confirmed', 'succeeded');
    });

    const signed = receiver.received.map((webhook) =>
      [secret, second, third].map((known) => isSignedWith(known, webhook)),
    );
    expect(signed).toEqual([
      [true, true, false],
      [false, false, true],
    ]);
    expect(String(receiver.received[0]?.headers['webhook-signature']).split(' ')).toHaveLength(2);
  });

  it('a process that dies between send and mark leaves it to be sent again, under the same id', async () => {
    const receiver = await receive();
    await endpointAt(receiver.url);
    const order = await placeOrderRow(db);
    await announce(db.oms, order, 'order.placed');
    await announce(db.oms, order, 'order.confirmed');

    // What a process did before it died: it claimed and sent, and marked nothing.
    const [claimed, ...others] = await claimWebhooks(db.oms, {
      limit: 10,
      perEndpoint: 8,
      leaseMs: 400,
    });
    await fetch(receiver.url, {
      method: 'POST',
      body: JSON.stringify({ id: claimed?.eventId, type: 'order.placed' }),
    });
    const meanwhile = await sendingOf().begin(() => undefined);
    await whileSending(() => untilStatus('order.confirmed', 'succeeded'));

    expect(others).toEqual([]);
    expect(meanwhile).toBe(0);
    expect(receiver.received.map(({ body }) => [body.id, body.type])).toEqual([
      [claimed?.eventId, 'order.placed'],
      [claimed?.eventId, 'order.placed'],
      [expect.any(String), 'order.confirmed'],
    ]);
  });

  it('two processes never send one twice', async () => {
    const receiver = await receive();
    await endpointAt(receiver.url);
    for (let n = 0; n < 30; n += 1) await announce(db.oms, await placeOrderRow(db), 'order.placed');

    await whileSending(() => whileSending(() => untilStatus('order.placed', 'succeeded')));

    const ids = receiver.received.map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(30);
    expect(ids).toHaveLength(30);
  });

  it('sends again what was asked for again: the same id, a new timestamp, and holds up nothing', async () => {
    const receiver = await receive();
    await endpointAt(receiver.url);
    const order = await placeOrderRow(db);
    await whileSending(async () => {
      await announce(db.oms, order, 'order.placed');
      await untilStatus('order.placed', 'succeeded');
    });
    const [delivery] = await deliveries();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    receiver.behave(({ body }) => (body.type === 'order.placed' ? 500 : 200));

    const { body } = await api
      .call('post', `/v1/webhook-deliveries/${delivery.id}/redeliver`)
      .send({})
      .expect(202);
    await whileSending(async () => {
      await waitFor('two tries', () => receiver.received.length >= 2);
      await announce(db.oms, order, 'order.confirmed');
      await untilStatus('order.confirmed', 'succeeded');
      receiver.behave(() => 200);
      await untilStatus('order.placed', 'succeeded');
    });

    expect(body.webhookDelivery).toMatchObject({
      id: delivery.id,
      eventId: delivery.eventId,
      status: 'pending',
    });
    const [first, again] = receiver.received;
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(Number(again?.headers['webhook-timestamp'])).toBeGreaterThan(
      Number(first?.headers['webhook-timestamp']),
    );
    expect(again?.body.timestamp).toBe(first?.body.timestamp);
    await api
      .call('post', '/v1/webhook-deliveries/0199d4a0-0000-7000-8000-000000000001/redeliver')
      .send({})
      .expect(404);
  });

  it('announcements of returns and refunds go out as they are announced', async () => {
    const receiver = await receive();
    await endpointAt(receiver.url, ['refund.*']);
    const { orderId } = await placeOrderRow(db);
    const refundId = '0199d4a0-0000-7000-8000-00000000000a';
    await whileSending(async () => {
      for (const type of ['refund.created', 'refund.succeeded'])
        await db.oms.query(`select oms.announce('refund', $1, $2, $3)`, [
          refundId,
          type,
          JSON.stringify({ orderId, amountMinor: 5 }),
        ]);
      await untilStatus('refund.succeeded', 'succeeded');
    });

    expect(receiver.received.map(({ body }) => [body.type, body.aggregate])).toEqual([
      ['refund.created', { type: 'refund', id: refundId, seq: 1 }],
      ['refund.succeeded', { type: 'refund', id: refundId, seq: 2 }],
    ]);
    expect(receiver.received[0]?.body.data).toMatchObject({ refund: { id: refundId } });
  });

  it('what slipped in while its endpoint was disabled is ended, not sent', async () => {
    const receiver = await receive();
    const { id } = await endpointAt(receiver.url);
    await announce(db.oms, await placeOrderRow(db), 'order.placed');
    await db.admin.query(`update oms.webhook_endpoints set status = 'disabled' where id = $1`, [
      id,
    ]);

    await whileSending(() => untilStatus('order.placed', 'failed'));

    expect(receiver.received).toEqual([]);
    expect((await deliveries())[0]).toMatchObject({ lastError: 'endpoint_disabled' });
  });

  it('an endpoint whose name or address is no target any more gets nothing', async () => {
    const receiver = await receive();
    const { id } = await endpointAt(receiver.url);
    await db.admin.query(
      `update oms.webhook_endpoints set url = replace(url, '127.0.0.1', '127.0.0.2') where id = $1`,
      [id],
    );
    await announce(db.oms, await placeOrderRow(db), 'order.placed');

    await whileSending(() =>
      waitFor('a refusal', async () => (await deliveries())[0].lastError === 'target_not_allowed'),
    );

    expect(receiver.received).toEqual([]);
  });
});
