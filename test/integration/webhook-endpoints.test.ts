import { announce, placeOrderRow, type PlacedOrder } from '../helpers/crm-fixtures';
import { createTestApi, type TestApi } from '../helpers/api';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { WEBHOOK_TYPES } from '../../src/domain/webhook-events';

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await createTestDatabase();
  api = createTestApi(db);
});
afterAll(async () => {
  await db.close();
});

const URL = 'https://93.184.215.14/hooks';

async function create(events: readonly string[] = ['*']) {
  const { body } = await api
    .call('post', '/v1/webhook-endpoints')
    .send({ url: URL, events })
    .expect(201);
  return body.webhookEndpoint;
}

async function keyWith(scopes: readonly string[]): Promise<string> {
  const { body } = await api.call('post', '/v1/api-keys').send({ name: 'k', scopes }).expect(201);
  return body.key;
}

describe('webhook endpoints', () => {
  it('are made with a secret that is shown once', async () => {
    const body = {
      url: URL,
      events: ['order.completed', 'refund.*', 'refund.*'],
      description: 'ERP',
    };
    const post = () =>
      api.call('post', '/v1/webhook-endpoints').set('Idempotency-Key', 'once').send(body);

    const made = await post().expect(201);
    const again = await post().expect(201);

    const { secret, ...endpoint } = made.body.webhookEndpoint;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(endpoint).toEqual({
      id: expect.any(String),
      url: URL,
      events: ['order.completed', 'refund.*'],
      description: 'ERP',
      status: 'active',
      disabledReason: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(again.body.webhookEndpoint).toEqual({ ...endpoint, secret: null });
    const one = await api.call('get', `/v1/webhook-endpoints/${endpoint.id}`).expect(200);
    const all = await api.call('get', '/v1/webhook-endpoints').expect(200);
    expect(one.body).toEqual({ webhookEndpoint: endpoint });
    expect(all.body.items).toContainEqual(endpoint);
    const { rows } = await db.admin.query(
      `select response::text as stored from oms.idempotency_keys where key = 'once'`,
    );
    expect(rows[0].stored).not.toContain('whsec_');
  });

  it.each([
    ['127.0.0.1', 'https://127.0.0.9/'],
    ['a decimal address', 'https://167772161/'],
    ['an octal address', 'https://0177.0.0.2/'],
    ['IPv4 in IPv6', 'https://[::ffff:10.0.0.1]/'],
    ['metadata', 'http://169.254.169.254/latest/meta-data/'],
    ['a private name', 'https://metadata.google.internal/'],
    ['http to a public address', 'http://93.184.215.14/'],
    ['another scheme', 'ftp://93.184.215.14/'],
    ['credentials', 'https://a:b@93.184.215.14/'],
    ['no URL', 'erp'],
  ])('refuse %s', async (_what, url) => {
    const { body } = await api
      .call('post', '/v1/webhook-endpoints')
      .send({ url, events: ['*'] })
      .expect(422);

    expect(body).toMatchObject({ code: 'target_not_allowed', errors: [{ path: 'url' }] });
  });

  it('take what the configuration names, by http too', async () => {
    const body = { url: 'http://127.0.0.1:9/hooks', events: ['*'] };

    await api.call('post', '/v1/webhook-endpoints').send(body).expect(201);
  });

  it.each([[[]], [['order']], [['order.lost']], [['*', 'x.*']], ['*']])(
    'refuse the events %j',
    async (events) => {
      const { body } = await api
        .call('post', '/v1/webhook-endpoints')
        .send({ url: URL, events })
        .expect(422);

      expect(body.code).toBe('validation_failed');
      expect(body.errors[0].path).toMatch(/^events/);
    },
  );

  it('are changed, refused a bad target, disabled and activated again', async () => {
    const { id } = await create();
    const patch = (body: object) => api.call('patch', `/v1/webhook-endpoints/${id}`).send(body);

    const bad = await patch({ url: 'https://10.0.0.1/' }).expect(422);
    const changed = await patch({ events: ['order.*'], description: 'x' }).expect(200);
    const off = await patch({ status: 'disabled', description: null }).expect(200);
    const on = await patch({ status: 'active' }).expect(200);

    expect(bad.body.code).toBe('target_not_allowed');
    expect(changed.body.webhookEndpoint).toMatchObject({
      events: ['order.*'],
      description: 'x',
      url: URL,
    });
    expect(off.body.webhookEndpoint).toMatchObject({
      status: 'disabled',
      disabledReason: 'by_request',
      description: null,
    });
    expect(on.body.webhookEndpoint).toMatchObject({ status: 'active', disabledReason: null });
  });

  it('rotate their secret, and refuse an overlap that is no duration', async () => {
    const { id, secret } = await create();
    const rotate = (body: object) =>
      api.call('post', `/v1/webhook-endpoints/${id}/rotate-secret`).send(body);

    const rotated = await rotate({ overlap: 'PT1H' }).expect(200);
    await rotate({ overlap: 'soon' }).expect(422);

    expect(rotated.body.webhookEndpoint.secret).toMatch(/^whsec_/);
    expect(rotated.body.webhookEndpoint.secret).not.toBe(secret);
    const { rows } = await db.admin.query(
      `select previous_secret, previous_secret_until - now() between '59 minutes' and '60 minutes' as in_time
       from oms.webhook_endpoints where id = $1`,
      [id],
    );
    expect(rows).toEqual([{ previous_secret: secret, in_time: true }]);
  });

  it('that are deleted are gone, with their secret', async () => {
    const { id } = await create();
    await api.call('delete', `/v1/webhook-endpoints/${id}`).expect(204);

    await api.call('get', `/v1/webhook-endpoints/${id}`).expect(404);
    await api.call('delete', `/v1/webhook-endpoints/${id}`).expect(404);
    await api.call('patch', `/v1/webhook-endpoints/${id}`).send({ status: 'active' }).expect(404);
    await api.call('post', `/v1/webhook-endpoints/${id}/rotate-secret`).send({}).expect(404);
    const { rows } = await db.admin.query(
      `select secret from oms.webhook_endpoints where id = $1`,
      [id],
    );
    expect(rows).toEqual([{ secret: null }]);
  });

  it('need their scopes', async () => {
    const [reader, other] = [await keyWith(['webhooks:read']), await keyWith(['orders:write'])];
    const body = { url: URL, events: ['*'] };

    await api.call('get', '/v1/webhook-endpoints', reader).expect(200);
    await api.call('get', '/v1/webhook-deliveries', reader).expect(200);
    await api.call('post', '/v1/webhook-endpoints', reader).send(body).expect(403);
    await api.call('get', '/v1/webhook-endpoints', other).expect(403);
    await api.call('get', '/v1/webhook-deliveries', other).expect(403);
    const id = '0199d4a0-0000-7000-8000-000000000001';
    await api.call('post', `/v1/webhook-deliveries/${id}/redeliver`, reader).send({}).expect(403);
    await api.call('delete', `/v1/webhook-endpoints/${id}`, reader).expect(403);
  });
});

describe('the fan-out', () => {
  let order: PlacedOrder;
  beforeEach(async () => {
    await db.admin.query(`delete from oms.webhook_deliveries`);
    await db.admin.query(`delete from oms.webhook_endpoints`);
    order = await placeOrderRow(db);
  });

  it.each([
    [['*'], 'order.placed', true],
    [['order.placed'], 'order.placed', true],
    [['order.*'], 'order.placed', true],
    [['refund.*', 'order.completed'], 'order.completed', true],
    [['order.completed'], 'order.placed', false],
    [['refund.*'], 'order.placed', false],
    [['credit_note.*'], 'credit_note.issued', true],
    [['order.*'], 'orderly.placed', false],
    [['*'], 'internal.thing', false],
  ])('%j and %s: %s', async (events, type, isTold) => {
    const endpoint = await create(events);

    const outboxId = await announce(db.oms, order, type);

    const { rows } = await db.admin.query(
      `select d.endpoint_id, d.outbox_id, d.type, d.seq, d.event_id = o.event_id as same
       from oms.webhook_deliveries d join oms.outbox o on o.id = d.outbox_id`,
    );
    const told = { endpoint_id: endpoint.id, outbox_id: outboxId, type, seq: 1, same: true };
    expect(rows).toEqual(isTold ? [told] : []);
  });

  it('knows the types that the contract names', async () => {
    const { rows } = await db.admin.query(`select type from oms.webhook_types order by type`);

    expect(rows.map(({ type }) => type)).toEqual([...WEBHOOK_TYPES].sort());
  });

  it('writes nothing for endpoints that are disabled or deleted, and ends what those were to get', async () => {
    const [off, gone, on] = [await create(), await create(), await create()];
    await announce(db.oms, order, 'order.placed');

    await api
      .call('patch', `/v1/webhook-endpoints/${off.id}`)
      .send({ status: 'disabled' })
      .expect(200);
    await api.call('delete', `/v1/webhook-endpoints/${gone.id}`).expect(204);
    await announce(db.oms, order, 'order.confirmed');

    const { body } = await api.call('get', '/v1/webhook-deliveries').expect(200);
    const seen = body.items.map((item: any) => [
      item.endpointId,
      item.type,
      item.status,
      item.lastError,
    ]);
    expect(seen).toHaveLength(4);
    expect(seen).toEqual(
      expect.arrayContaining([
        [off.id, 'order.placed', 'failed', 'endpoint_disabled'],
        [gone.id, 'order.placed', 'failed', 'endpoint_disabled'],
        [on.id, 'order.placed', 'pending', null],
        [on.id, 'order.confirmed', 'pending', null],
      ]),
    );
  });

  it('lists deliveries by every filter', async () => {
    const [a, b] = [await create(), await create(['order.placed'])];
    const other = await placeOrderRow(db);
    await announce(db.oms, order, 'order.placed');
    await announce(db.oms, other, 'order.confirmed');
    const count = async (query: string) =>
      (await api.call('get', `/v1/webhook-deliveries?${query}`).expect(200)).body.items.length;

    expect(await count('')).toBe(3);
    expect(await count(`endpointId=${a.id}`)).toBe(2);
    expect(await count(`endpointId=${b.id}&aggregateId=${other.orderId}`)).toBe(0);
    expect(await count(`aggregateId=${order.orderId}`)).toBe(2);
    expect(await count('type=order.confirmed')).toBe(1);
    expect(await count('status=failed')).toBe(0);
    const page = await api.call('get', '/v1/webhook-deliveries?limit=2').expect(200);
    expect(await count(`cursor=${page.body.nextCursor}`)).toBe(1);
    await api.call('get', '/v1/webhook-deliveries?status=lost').expect(422);
  });

  it('tells of incidents of orders', async () => {
    await create(['incident.*']);
    await db.admin.query(`insert into oms.order_streams (order_id) values ($1)`, [order.orderId]);
    const insert = `insert into oms.incidents (kind, order_id, doc_type, doc_id, detail) values ('void_failed', $1, 'payment', 'p', 'x')
      on conflict (kind, doc_type, doc_id) where status = 'open' do update set attempts = oms.incidents.attempts + 1`;

    await db.oms.query(insert, [order.orderId]);
    await db.oms.query(insert, [order.orderId]);

    const { body } = await api.call('get', '/v1/webhook-deliveries').expect(200);
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      type: 'incident.opened',
      aggregate: { type: 'order', id: order.orderId, seq: 1 },
    });
  });
});
