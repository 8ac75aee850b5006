import { placeOrder } from '../../src/activities/order-placing';
import type { Order } from '../../src/contracts/orders';
import { signShopifyBody } from '../../src/platform/shopify-signature';
import { anOrder } from '../helpers/orders';
import { aShopifyLine, aShopifyOrder } from '../fixtures/shopify-orders';
import { createTestApi, type TestApi } from '../helpers/api';
import { createTestDatabase, type TestDatabase } from '../helpers/database';

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await createTestDatabase();
  api = createTestApi(db);
});
afterAll(async () => {
  await db.close();
});

function post(body: object, key?: string) {
  const call = api.call('post', '/v1/orders');
  return (key === undefined ? call : call.set('Idempotency-Key', key)).send(body);
}

function shopify(topic: string, document: object, eventId: string, secret = 'shopify-test-secret') {
  const raw = JSON.stringify(document);
  return api
    .call('post', '/v1/webhooks/shopify')
    .set('Content-Type', 'application/json')
    .set('X-Shopify-Topic', topic)
    .set('X-Shopify-Event-Id', eventId)
    .set('X-Shopify-Hmac-Sha256', signShopifyBody(secret, raw))
    .send(raw);
}

async function countIntakes(where: string, value: unknown): Promise<number> {
  const { rows } = await db.admin.query<{ n: number }>(
    `select count(*)::int as n from oms.intakes where ${where}`,
    [value],
  );
  return rows[0]?.n ?? 0;
}

async function orderIdOf(channel: string, externalId: string): Promise<string> {
  const { rows } = await db.admin.query<{ order_id: string }>(
    'select order_id from oms.intakes where channel = $1 and external_id = $2',
    [channel, externalId],
  );
  const id = rows[0]?.order_id;
  if (id === undefined) throw new Error('no such intake');
  return id;
}

/** What the workflow's first step does, without an engine. */
async function place(orderId: string): Promise<Order> {
  await placeOrder({ oms: db.oms, crm: db.crm, cardProvider: 'sandbox' }, { orderId });
  const res = await api.call('get', `/v1/orders/${orderId}`).expect(200);
  return res.body.order;
}

async function paths(body: object): Promise<string[]> {
  const res = await post(body).expect(422);
  expect(res.body.code).toBe('validation_failed');
  return res.body.errors.map((error: { path: string }) => error.path);
}

describe('POST /v1/orders with the engine down', () => {
  it('accepts the order, says where to look, and lists it as waiting for the engine', async () => {
    const res = await post(anOrder()).expect(202);

    expect(res.body).toMatchObject({
      status: 'accepted',
      statusUrl: `/v1/intakes/${res.body.intakeId}`,
    });
    const intake = await api.call('get', res.body.statusUrl).expect(200);
    expect(intake.body.intake).toMatchObject({
      status: 'accepted',
      waitingFor: { code: 'engine' },
    });
  });

  it('gives the same intake to two identical requests at once', async () => {
    const body = anOrder();

    const answers = await Promise.all([post(body), post(body)]);

    expect(answers.map((res) => res.status)).toEqual([202, 202]);
    expect(answers[0].body.intakeId).toBe(answers[1].body.intakeId);
    expect(await countIntakes('external_id = $1', body['externalId'])).toBe(1);
  });

  it('refuses another body under the same external id', async () => {
    const body = anOrder();
    await post(body).expect(202);

    const res = await post({ ...body, note: 'other' }).expect(409);

    expect(res.body.code).toBe('external_id_reused');
  });

  it('takes equal bodies as equal, however they are written', async () => {
    const body = anOrder();
    const first = await post(body).expect(202);
    const reversed = Object.fromEntries(Object.entries(body).reverse());

    const second = await post({ ...reversed, note: null, discounts: [] }).expect(202);

    expect(second.body.intakeId).toBe(first.body.intakeId);
  });

  it('lets the idempotency key stand for the external id, and asks for one of them', async () => {
    const { externalId: _none, ...body } = anOrder();

    expect(await paths(body)).toEqual(['externalId']);
    const first = await post(body, 'key-for-order').expect(202);
    expect(await countIntakes('id = $1 and external_id is null', first.body.intakeId)).toBe(1);
  });

  it('keeps 60 orders of 360 requests over 60 keys', async () => {
    const bodies = Array.from({ length: 60 }, () => {
      const { externalId: _none, ...body } = anOrder({ channel: 'race' });
      return body;
    });
    const statuses = new Set<number>();

    for (let round = 0; round < 3; round += 1) {
      const twice = [...bodies.entries(), ...bodies.entries()];
      const answers = await Promise.all(twice.map(([n, body]) => post(body, `race-${String(n)}`)));
      for (const answer of answers) statuses.add(answer.status);
    }

    expect(await countIntakes('channel = $1', 'race')).toBe(60);
    expect(statuses).toEqual(new Set([202, 409]));
  });
});

describe('what the catalogue or the contract cannot serve', () => {
  it.each([
    [
      'an unknown SKU',
      {
        lines: [
          { sku: 'MUG-RED', quantity: 1 },
          { sku: 'NO-SUCH', quantity: 1 },
        ],
      },
      ['lines.1.sku'],
    ],
    ['no unit', { lines: [{ sku: 'MUG-RED', quantity: 0 }] }, ['lines.0.quantity']],
    ['less than none', { lines: [{ sku: 'MUG-RED', quantity: -1 }] }, ['lines.0.quantity']],
    ['half a unit', { lines: [{ sku: 'MUG-RED', quantity: 1.5 }] }, ['lines.0.quantity']],
    ['too many units', { lines: [{ sku: 'MUG-RED', quantity: 100_001 }] }, ['lines.0.quantity']],
    [
      'a negative price',
      { lines: [{ sku: 'MUG-RED', quantity: 1, unitPriceMinor: -1 }] },
      ['lines.0.unitPriceMinor'],
    ],
    ['no currency of this world', { currency: 'ZZZ' }, ['currency']],
    ['a currency without prices', { currency: 'KWD' }, ['currency', 'lines.0.unitPriceMinor']],
    ['an unknown method', { shippingMethod: 'pigeon' }, ['shippingMethod']],
    ['no lines', { lines: [] }, ['lines']],
    ['a coupon', { discounts: [{ code: 'FREE' }] }, ['discounts.0.type']],
    ['a foreign field', { colour: 'red' }, ['colour']],
    ['nobody', { customer: { name: 'Ada' } }, ['customer.email']],
    ['no e-mail address', { customer: { email: 'ada@' } }, ['customer.email']],
    [
      'no country',
      { shippingAddress: { line1: 'x', city: 'y', country: 'USA' } },
      ['shippingAddress.country'],
    ],
    ['no token', { payment: { method: 'card' } }, ['payment.token']],
    ['NUL in a name', { customer: { email: 'a@example.com', name: 'A\0da' } }, ['customer.name']],
  ])('%s is refused by its path and keeps nothing', async (_what, overrides, expected) => {
    const body = anOrder(overrides);

    expect(await paths(body)).toEqual(expected);
    expect(await countIntakes('external_id = $1', body['externalId'])).toBe(0);
  });

  it('1e20 units are refused once per complaint, by path', async () => {
    const found = await paths(anOrder({ lines: [{ sku: 'MUG-RED', quantity: 1e20 }] }));

    expect(new Set(found)).toEqual(new Set(['lines.0.quantity']));
  });

  it('a missing field is named', async () => {
    const { lines: _lines, currency: _currency, ...body } = anOrder();

    expect((await paths(body)).sort()).toEqual(['currency', 'lines']);
  });

  it('501 lines are refused, 500 are taken', async () => {
    const line = { sku: 'MUG-RED', quantity: 1 };

    expect(await paths(anOrder({ lines: Array(501).fill(line) }))).toEqual(['lines']);
    await post(anOrder({ lines: Array(500).fill(line) })).expect(202);
  });

  it('amounts beyond exactness are refused', async () => {
    const lines = Array(200).fill({
      sku: 'MUG-RED',
      quantity: 100_000,
      unitPriceMinor: 1_000_000_000_000,
    });

    expect(await paths(anOrder({ lines }))).toEqual(['lines']);
  });
});

describe('a placed order', () => {
  it('has the complete document, and is found by every name it has', async () => {
    const body = anOrder({
      customer: { email: 'Wén@Example.com', phone: '+86 138 0013 8000', name: '文 🎁' },
      lines: [
        { sku: 'MUG-RED', quantity: 2, unitPriceMinor: 1299 },
        { sku: 'MUG-BLUE', quantity: 1 },
      ],
      discounts: [{ code: 'WELCOME', type: 'fixed', valueMinor: 500 }],
    });
    await post({
      ...body,
      customer: { ...Object(body['customer']), email: 'wen@example.com' },
    }).expect(202);
    const id = await orderIdOf('web', String(body['externalId']));

    const order = await place(id);

    expect(order).toMatchObject({
      id,
      channel: 'web',
      status: 'confirmed',
      workflowId: `order/${id}`,
    });
    expect(order.customer).toMatchObject({ name: '文 🎁', email: 'wen@example.com' });
    const parts = order.lines.reduce((sum, line) => sum + line.totalMinor, order.shippingMinor);
    expect(parts + (order.taxIncluded ? 0 : order.shippingTaxMinor)).toBe(order.totalMinor);
    expect(order.lines.reduce((sum, line) => sum + line.discountMinor, 0)).toBe(500);
    expect(order.allowedActions).toEqual(['cancel', 'amend', 'hold', 'notes']);
    for (const q of [
      order.orderNo,
      order.orderNo.toLowerCase(),
      order.externalId,
      'WEN@example.com',
      '+8613800138000',
      '+86 138 0013 8000',
    ]) {
      const res = await api
        .call('get', `/v1/orders?q=${encodeURIComponent(String(q))}`)
        .expect(200);
      expect(res.body.items.map((item: Order) => item.id)).toContain(id);
    }
    const events = await api.call('get', `/v1/orders/${id}/events`).expect(200);
    expect(events.body.items[0]).toMatchObject({
      seq: 1,
      type: 'placed',
      actor: { type: 'api_key' },
    });
  });

  it('answers the same request again with 200, without the engine and without its token', async () => {
    const body = anOrder();
    await post(body).expect(202);
    const id = await orderIdOf('web', String(body['externalId']));
    await place(id);

    const res = await post(body).expect(200);

    expect(res.body.order.id).toBe(id);
    const { rows } = await db.admin.query<{ body: string }>(
      'select body::text as body from oms.intakes where order_id = $1',
      [id],
    );
    expect(rows[0]?.body).not.toContain('tok_ok');
  });

  it('is listed newest first, page by page, by each filter', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const body = anOrder({ channel: 'listed' });
      await post(body).expect(202);
      ids.push((await place(await orderIdOf('listed', String(body['externalId'])))).id);
    }
    const first = await api
      .call('get', '/v1/orders?channel=listed&sku=MUG-RED&limit=2')
      .expect(200);
    const second = await api
      .call('get', `/v1/orders?channel=listed&sku=MUG-RED&limit=2&cursor=${first.body.nextCursor}`)
      .expect(200);

    const listed = [...first.body.items, ...second.body.items].map((item: Order) => item.id);
    expect(listed).toEqual(ids.toReversed());
    expect(second.body.nextCursor).toBeNull();
    const none = await api.call('get', '/v1/orders?channel=listed&status=canceled').expect(200);
    expect(none.body.items).toEqual([]);
    await api.call('get', '/v1/orders?cursor=nonsense').expect(422);
    await api.call('get', '/v1/orders?limit=101').expect(422);
  });
});

describe('POST /v1/quotes', () => {
  it('prices like an order and stores nothing', async () => {
    const { payment: _payment, externalId: _id, ...body } = anOrder({ channel: 'quoted' });
    const quote = await api.call('post', '/v1/quotes').send(body).expect(200);
    const kept = anOrder({ channel: 'quoted2' });
    await post(kept).expect(202);
    const order = await place(await orderIdOf('quoted2', String(kept['externalId'])));

    expect(quote.body.quote).toMatchObject({
      totalMinor: order.totalMinor,
      taxMinor: order.taxMinor,
    });
    expect(await countIntakes('channel = $1', 'quoted')).toBe(0);
    await api
      .call('post', '/v1/quotes')
      .send({ ...body, lines: [{ sku: 'NO-SUCH', quantity: 1 }] })
      .expect(422);
  });
});

describe('POST /v1/webhooks/shopify', () => {
  it('makes one order of a document sent twice, by two events and by the API, all at once', async () => {
    const document = aShopifyOrder({ id: 81_001 });
    const answers = await Promise.all([
      shopify('orders/create', document, 'event-a'),
      shopify('orders/create', document, 'event-a'),
      shopify('orders/create', document, 'event-b'),
      post(anOrder({ channel: 'shopify', externalId: '81001' })),
    ]);

    expect(answers.slice(0, 3).every((res) => res.status === 200)).toBe(true);
    expect(await countIntakes("channel = 'shopify' and external_id = $1", '81001')).toBe(1);
    const again = await shopify('orders/create', document, 'event-a').expect(200);
    expect(again.body).toEqual({ status: 'duplicate' });
  });

  it('keeps the totals to the cent; an API call for the order is refused', async () => {
    await shopify('orders/create', aShopifyOrder({ id: 81_002 }), 'event-2').expect(200, {
      status: 'accepted',
    });

    const order = await place(await orderIdOf('shopify', '81002'));

    expect(order).toMatchObject({
      channel: 'shopify',
      externalId: '81002',
      totalMinor: 6408,
      taxMinor: 348,
    });
    expect(order.lines.map((line) => line.discountMinor)).toEqual([400, 340, 100]);
    const res = await post(anOrder({ channel: 'shopify', externalId: '81002' })).expect(409);
    expect(res.body.code).toBe('external_id_reused');
  });

  it('holds an order with a line that no product is, and one whose figures do not add up', async () => {
    const document = aShopifyOrder({
      id: 81_003,
      total_price: '1.00',
      line_items: [aShopifyLine({ sku: null, title: 'Surprise gift', price: '0.00' })],
    });
    await shopify('orders/create', document, 'event-3').expect(200);

    const order = await place(await orderIdOf('shopify', '81003'));

    expect(order).toMatchObject({
      status: 'in_review',
      totalMinor: 100,
      waitingFor: { code: 'review' },
    });
    expect(order.findings.map((finding) => finding.code).sort()).toEqual([
      'totals_inconsistent',
      'unknown_sku',
    ]);
    expect(order.lines[0]).toMatchObject({ sku: null, knownSku: false, title: 'Surprise gift' });
  });

  it('lets an order whose cancel came first enter as canceled', async () => {
    const document = aShopifyOrder({ id: 81_004 });
    const canceled = {
      ...document,
      cancelled_at: '2026-03-02T10:00:00Z',
      cancel_reason: 'customer',
    };
    await shopify('orders/cancelled', canceled, 'event-4c').expect(200, { status: 'accepted' });
    await shopify('orders/create', document, 'event-4').expect(200, { status: 'accepted' });

    const order = await place(await orderIdOf('shopify', '81004'));

    expect(order).toMatchObject({ status: 'canceled', cancelReason: 'customer', waitingFor: null });
  });

  it('stores what it cannot read as an order, and topics nobody handles', async () => {
    await shopify('orders/create', { id: 81_005 }, 'event-5').expect(200, { status: 'accepted' });
    await shopify('products/update', { id: 1, title: 'a\0b' }, 'event-6').expect(200, {
      status: 'ignored',
    });

    const { rows } = await db.admin.query(
      "select topic, result, reason from oms.inbox where event_id in ('event-5', 'event-6') order by event_id",
    );
    expect(rows).toEqual([
      { topic: 'orders/create', result: 'parked', reason: 'the currency is unknown' },
      { topic: 'products/update', result: 'ignored', reason: 'topic not handled' },
    ]);
  });

  it('refuses a bad signature and what is no JSON, and keeps neither', async () => {
    await shopify('orders/create', aShopifyOrder({ id: 81_007 }), 'event-7', 'other').expect(401);
    await api
      .call('post', '/v1/webhooks/shopify')
      .set('Content-Type', 'application/json')
      .set('X-Shopify-Hmac-Sha256', signShopifyBody('shopify-test-secret', '{'))
      .send('{')
      .expect(400);

    expect(await countIntakes('external_id = $1', '81007')).toBe(0);
  });
});
