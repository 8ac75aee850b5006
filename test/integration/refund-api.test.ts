import { createTestApi, type TestApi } from '../helpers/api';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { insertPaidOrder, type PaidOrder } from '../helpers/paid-order';

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await createTestDatabase();
  api = createTestApi(db);
});
afterAll(() => db.close());

describe('refunds while the engine is away', () => {
  let order: PaidOrder;
  beforeEach(async () => {
    order = await insertPaidOrder(db, [{ method: 'card', capturedMinor: 2189 }]);
  });

  function ask(body: object, key = `key-${order.orderId}`) {
    return api
      .call('post', `/v1/orders/${order.orderId}/refunds`)
      .set('Idempotency-Key', key)
      .send({ reason: 'x', ...body });
  }

  it('are taken at once and go on later', async () => {
    const [lineId] = order.lineIds;

    const { body } = await ask({ lines: [{ lineId, quantity: 2 }], shippingMinor: 245 }).expect(
      201,
    );

    expect(body.refund).toMatchObject({
      ...{ status: 'pending', amountMinor: 667 + 67 + 245 + 25, shippingTaxMinor: 25 },
      lines: [{ lineId, quantity: 2, itemMinor: 667, taxMinor: 67 }],
    });
    const { rows } = await db.admin.query(
      'select kind, signaled_at from oms.wakes where workflow_id = $1',
      [body.refund.workflowId],
    );
    expect(rows).toEqual([{ kind: 'refund_created', signaled_at: null }]);
  });

  it('commands are 503, and the same key may try again', async () => {
    const { body } = await ask({ amountMinor: 100 }).expect(201);
    await db.admin.query(
      `update oms.refunds set needs_approval = true, wait_code = 'refund_approval', wait_detail = 'x' where id = $1`,
      [body.refund.id],
    );

    const approve = () =>
      api
        .call('post', `/v1/refunds/${body.refund.id}/approve`)
        .set('Idempotency-Key', 'approve-1')
        .send({});

    expect((await approve().expect(503)).body.code).toBe('engine_unavailable');
    expect((await approve().expect(503)).body.code).toBe('engine_unavailable');
    const refused = await api
      .call('post', `/v1/refunds/${body.refund.id}/record`)
      .send({ reference: 'bank' })
      .expect(409);
    expect(refused.body).toMatchObject({ allowedActions: ['approve', 'decline'] });
  });

  it('lists by order and status, newest first', async () => {
    const first = await ask({ amountMinor: 1 }, 'a').expect(201);
    const second = await ask({ amountMinor: 2 }, 'b').expect(201);

    const { body } = await api
      .call('get', `/v1/refunds?orderId=${order.orderId}&status=pending`)
      .expect(200);

    expect(body.items).toEqual([second.body.refund, first.body.refund]);
    await api.call('get', '/v1/refunds?status=unheard').expect(422);
    await api.call('get', `/v1/refunds/${order.orderId}`).expect(404);
  });
});

describe('incidents', () => {
  async function open(kind: string, docType: string): Promise<string> {
    const { orderId } = await insertPaidOrder(db, []);
    const { rows } = await db.admin.query<{ id: string }>(
      `insert into oms.incidents (kind, order_id, doc_type, doc_id, detail) values ($1, $2::uuid, $3, $2::uuid::text, 'x') returning id`,
      [kind, orderId, docType],
    );
    return rows[0]?.id ?? '';
  }

  it('of what an order tries again by itself: a retry wakes it', async () => {
    const id = await open('void_failed', 'payment');

    const { body } = await api
      .call('post', `/v1/incidents/${id}/retry`)
      .send({ note: 'the gateway is back' })
      .expect(200);

    expect(body.incident).toMatchObject({ status: 'open', attempts: 1 });
    const { rows } = await db.admin.query('select kind from oms.wakes where workflow_id = $1', [
      `order/${body.incident.orderId}`,
    ]);
    expect(rows).toEqual([{ kind: 'state_changed' }]);
  });

  it('are resolved by hand, once; what cannot be retried says so', async () => {
    const id = await open('webhook_unmatched', 'webhook');

    const retry = await api
      .call('post', `/v1/incidents/${id}/retry`)
      .send({ note: 'x' })
      .expect(409);
    const credit = { note: 'x', to: 'store_credit' };
    const wrong = await api.call('post', `/v1/incidents/${id}/resolve`).send(credit).expect(422);
    const resolve = () =>
      api.call('post', `/v1/incidents/${id}/resolve`).send({ note: 'seen to' }).expect(200);

    expect(retry.body).toMatchObject({ code: 'illegal_transition', allowedActions: ['resolve'] });
    expect(wrong.body.errors).toMatchObject([{ path: 'to' }]);
    expect((await resolve()).body.incident).toMatchObject({ status: 'resolved', note: 'seen to' });
    expect((await resolve()).body.incident).toMatchObject({ status: 'resolved', note: 'seen to' });
    await api
      .call('post', '/v1/incidents/018f0000-0000-7000-8000-000000000000/retry')
      .send({ note: 'x' })
      .expect(404);
  });
});
