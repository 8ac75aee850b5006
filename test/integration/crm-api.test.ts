import request from 'supertest';

import { createTestApi, type TestApi } from '../helpers/api';
import {
  announce,
  createFakeMailServer,
  LINK_SECRET,
  type PlacedOrder,
  placeOrderRow,
  setPolicy,
  silent,
} from '../helpers/crm-fixtures';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { recordOrderFact } from '../../src/db/crm/order-history';
import { resolveCustomer } from '../../src/db/crm/customers';
import { queueDueMessages } from '../../src/activities/message-queueing';
import { sendDueMessages } from '../../src/activities/message-sending';
import { createSurveyActivities } from '../../src/activities/survey-activities';
import { seedTemplates } from '../../src/db/crm/seed-templates';
import { linkToken } from '../../src/platform/secret-links';

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await createTestDatabase();
  await seedTemplates(db.crm);
  api = createTestApi(db);
});
afterAll(async () => {
  await db.close();
});

async function tellPlaced(order: PlacedOrder, at = '2026-11-22T10:00:00Z'): Promise<void> {
  await recordOrderFact(db.crm, {
    eventKey: `test/${order.orderId}`,
    customerId: order.customerId,
    at: new Date(at),
    entry: {
      kind: 'order_placed',
      refType: 'order',
      refId: order.orderId,
      summary: `Order ${order.orderNo} placed`,
      data: { orderNo: order.orderNo },
    },
    totals: {
      currency: 'USD',
      orderCount: 1,
      capturedMinor: 500,
      refundedMinor: 100,
      orderAt: new Date(at),
    },
  });
}

describe('GET /v1/customers/{id}', () => {
  it('shows profile, identities, totals and open orders', async () => {
    const order = await placeOrderRow(db, { email: 'Profile@example.com' });
    await tellPlaced(order);

    const response = await api.call('get', `/v1/customers/${order.customerId}`);

    expect(response.status).toBe(200);
    expect(response.body.customer).toMatchObject({
      id: order.customerId,
      status: 'active',
      name: 'Ada Park',
      email: 'profile@example.com',
      identities: [
        {
          channel: 'email',
          value: 'profile@example.com',
          valid: true,
          primary: true,
          verifiedAt: expect.any(String),
        },
      ],
      totals: [
        {
          currency: 'USD',
          orderCount: 1,
          capturedMinor: 500,
          refundedMinor: 100,
          netMinor: 400,
          firstOrderAt: '2026-11-22T10:00:00.000Z',
        },
      ],
      openOrders: [{ id: order.orderId, orderNo: order.orderNo }],
      mergedIds: [],
    });
  });

  it('sends a merged id on to the survivor, with the query', async () => {
    const loser = await placeOrderRow(db);
    const survivor = await placeOrderRow(db);
    await db.admin.query(
      `update crm.customers set status = 'merged', merged_into = $2 where id = $1`,
      [loser.customerId, survivor.customerId],
    );

    const one = await api.call('get', `/v1/customers/${loser.customerId}`);
    const timeline = await api.call('get', `/v1/customers/${loser.customerId}/timeline?kind=note`);

    expect([one.status, one.headers['location']]).toEqual([
      301,
      `/v1/customers/${survivor.customerId}`,
    ]);
    expect(timeline.status).toBe(301);
    expect(timeline.headers['location']).toMatch(`/v1/customers/${survivor.customerId}/timeline?`);
    expect(timeline.headers['location']).toContain('kind=note');
    const shown = await api.call('get', `/v1/customers/${survivor.customerId}`);
    expect(shown.body.customer).toMatchObject({
      mergedIds: [loser.customerId],
      openOrders: [{ id: survivor.orderId }, { id: loser.orderId }].sort((a, b) =>
        a.id < b.id ? 1 : -1,
      ),
    });
  });

  it('is 404 for a customer that does not exist', async () => {
    const response = await api.call('get', `/v1/customers/${crypto.randomUUID()}`);

    expect([response.status, response.body.code]).toEqual([404, 'not_found']);
  });
});

describe('GET /v1/customers', () => {
  const ids = async (query: string): Promise<string[]> => {
    const response = await api.call('get', `/v1/customers?${query}`);
    expect(response.status).toBe(200);
    return response.body.items.map((item: { id: string }) => item.id);
  };

  it('finds by e-mail, phone in any spelling, order number and name', async () => {
    const order = await placeOrderRow(db, { email: 'seek@example.com', name: 'Grace Hopper' });
    await tellPlaced(order);
    await resolveCustomer(db.crm, {
      orderId: crypto.randomUUID(),
      channel: 'web',
      trusted: true,
      email: 'seek@example.com',
      phone: '+1 415 555 2671',
      name: null,
      locale: null,
      externalIds: [],
      addresses: [],
    });

    for (const query of [
      'email=SEEK@example.com',
      'phone=%2B14155552671',
      'phone=(415)%20555-2671',
      'q=seek@example.com',
      'q=4155552671',
      `q=${order.orderNo}`,
      'q=grace',
      'q=Hopper',
    ])
      expect(await ids(query)).toEqual([order.customerId]);
    expect(await ids('email=other@example.com')).toEqual([]);
    expect(await ids('q=nobody-like-this')).toEqual([]);
  });

  it('lists the best match first and pages without gap or repeat', async () => {
    const exact = await placeOrderRow(db, { name: 'Zora' });
    const begins = await placeOrderRow(db, { name: 'Zora Neale' });
    const contains = await placeOrderRow(db, { name: 'Miss Zora' });

    const all: string[] = [];
    let cursor = '';
    for (let page = 0; page < 3; page += 1) {
      const response = await api.call('get', `/v1/customers?q=zora&limit=1${cursor}`);
      all.push(response.body.items[0].id);
      cursor = `&cursor=${String(response.body.nextCursor)}`;
    }

    expect(all).toEqual([exact.customerId, begins.customerId, contains.customerId]);
    expect(cursor).toBe('&cursor=null');
  });

  it.each(['limit=101', 'limit=0', 'cursor=zzz', 'status=gone', 'nonsense=1'])(
    'refuses %s',
    async (query) => {
      const response = await api.call('get', `/v1/customers?${query}`);

      expect([response.status, response.body.code]).toEqual([422, 'validation_failed']);
    },
  );
});

describe('GET /v1/customers/{id}/timeline', () => {
  it('is latest first, filtered by kind and time, in pages', async () => {
    const email = 'timeline@example.com';
    const days = ['20', '21', '22'];
    const orders = [];
    for (const day of days) {
      const order = await placeOrderRow(db, { email });
      await tellPlaced(order, `2026-11-${day}T10:00:00Z`);
      orders.push(order);
    }
    const base = `/v1/customers/${orders[0]?.customerId ?? ''}/timeline`;

    const first = await api.call('get', `${base}?limit=2&kind=order_placed`);
    const rest = await api.call('get', `${base}?limit=2&cursor=${String(first.body.nextCursor)}`);
    const window = await api.call(
      'get',
      `${base}?from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z`,
    );

    const refs = (body: { items: { refId: string }[] }) => body.items.map((item) => item.refId);
    expect(refs(first.body)).toEqual([orders[2]?.orderId, orders[1]?.orderId]);
    expect(refs(rest.body)).toEqual([orders[0]?.orderId]);
    expect(rest.body.nextCursor).toBeNull();
    expect(refs(window.body)).toEqual([orders[1]?.orderId]);
  });
});

describe('GET /v1/messages', () => {
  it('lists by customer and state; only the single view has the text', async () => {
    const order = await placeOrderRow(db);
    await announce(db.oms, order, 'order.confirmed');
    const deps = { oms: db.oms, crm: db.crm, linkSecret: LINK_SECRET, logger: silent };
    await queueDueMessages(deps);
    await sendDueMessages({
      ...deps,
      mailer: createFakeMailServer(),
      mailFrom: 'shop@example.com',
      publicUrl: 'http://127.0.0.1:3000',
    });

    const list = await api.call('get', `/v1/messages?customerId=${order.customerId}&state=sent`);
    const none = await api.call('get', `/v1/messages?customerId=${order.customerId}&state=queued`);
    const one = await api.call('get', `/v1/messages/${String(list.body.items[0].id)}`);

    expect(list.body.items).toEqual([
      expect.objectContaining({
        customerId: order.customerId,
        template: 'order_confirmed',
        source: { type: 'order', id: order.orderId },
        state: 'sent',
        events: [],
      }),
    ]);
    expect(list.body.items[0]).not.toHaveProperty('body');
    expect(none.body.items).toEqual([]);
    expect(one.body.message.body.subject).toContain(order.orderNo);
  });
});

describe('/s/{token}', () => {
  async function openSurvey(overrides: Parameters<typeof placeOrderRow>[1] = {}) {
    await setPolicy(db.oms, 'surveyExpiry', 'P14D');
    const order = await placeOrderRow(db, overrides);
    const steps = createSurveyActivities({ oms: db.oms, crm: db.crm, linkSecret: LINK_SECRET });
    const { inviteId } = await steps.openSurvey(order);
    await steps.inviteToSurvey({ orderId: order.orderId, inviteId });
    return { order, inviteId, url: `/s/${linkToken(LINK_SECRET, 'survey', inviteId)}` };
  }

  it('shows an accessible form without scripts, in the language of the order', async () => {
    const english = await request(api.app).get((await openSurvey()).url);
    const chinese = await request(api.app).get((await openSurvey({ locale: 'zh-CN' })).url);

    expect(english.status).toBe(200);
    expect(english.headers['content-type']).toMatch('text/html');
    expect(english.headers['cache-control']).toBe('no-store');
    expect(english.headers['referrer-policy']).toBe('no-referrer');
    expect(english.text).toContain('<html lang="en">');
    expect(english.text).toContain('<legend>');
    expect(english.text).toContain('<label for="comment">');
    expect(english.text).not.toContain('<script');
    expect(chinese.text).toContain('<html lang="zh-CN">');
    expect(chinese.text).toContain('提交');
  });

  it('takes a form once; again it is 409, and the answer is on the timeline and in a wake', async () => {
    const { order, inviteId, url } = await openSurvey();

    const first = await request(api.app)
      .post(url)
      .type('form')
      .send({ score: '9', comment: 'Good <b>' });
    const again = await request(api.app).post(url).type('form').send({ score: '1', comment: '' });
    const page = await request(api.app).get(url);

    expect([first.status, again.status, page.status]).toEqual([200, 409, 409]);
    const timeline = await api.call(
      'get',
      `/v1/customers/${order.customerId}/timeline?kind=survey_answered`,
    );
    expect(timeline.body.items).toEqual([
      expect.objectContaining({
        refType: 'survey',
        refId: inviteId,
        data: expect.objectContaining({ score: 9 }),
      }),
    ]);
    const surveys = await api.call('get', `/v1/surveys?subjectId=${order.orderId}`);
    expect(surveys.body.items).toEqual([
      expect.objectContaining({ state: 'answered', score: 9, comment: 'Good <b>' }),
    ]);
    const { rows } = await db.crm.query(`select workflow_id, kind from crm.wakes where ref = $1`, [
      inviteId,
    ]);
    expect(rows).toEqual([
      { workflow_id: `survey/order/${order.orderId}`, kind: 'survey_answered' },
    ]);
  });

  it('takes JSON, and answers programs with problems', async () => {
    const { url } = await openSurvey();

    const wrong = await request(api.app).post(url).send({ score: 11 });
    const first = await request(api.app).post(url).send({ score: 0 });
    const again = await request(api.app).post(url).send({ score: 0 });

    expect([wrong.status, wrong.body.code]).toEqual([422, 'validation_failed']);
    expect(first.status).toBe(200);
    expect([again.status, again.body.code]).toEqual([409, 'survey_answered']);
  });

  it('of ten answers at once one is taken', async () => {
    const { url } = await openSurvey();

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, score) => request(api.app).post(url).send({ score })),
    );

    expect(answers.map((answer) => answer.status).sort()).toEqual([
      200,
      ...Array<number>(9).fill(409),
    ]);
  });

  it.each([
    [{}],
    [{ score: '' }],
    [{ score: '7.5' }],
    [{ score: '-1' }],
    [{ score: '99' }],
    [{ score: '5', comment: 'x'.repeat(4001) }],
  ])('shows the form again for %j', async (form) => {
    const { url } = await openSurvey();

    const refused = await request(api.app).post(url).type('form').send(form);

    expect(refused.status).toBe(422);
    expect(refused.text).toContain('role="alert"');
    expect((await request(api.app).get(url)).status).toBe(200);
  });

  it('is 410 after the expiry, and 404 for a token that was never given out', async () => {
    const { inviteId, url } = await openSurvey();
    await db.admin.query(`update crm.survey_invites set expires_at = now() where id = $1`, [
      inviteId,
    ]);

    const expired = [
      await request(api.app).get(url),
      await request(api.app).post(url).type('form').send({ score: '5' }),
    ];
    const unknown = await request(api.app)
      .get('/s/no-such-token')
      .set('Accept-Language', 'zh-CN,zh');
    const posted = await request(api.app)
      .post('/s/no-such-token')
      .type('form')
      .send({ score: '5' });

    expect(expired.map((page) => page.status)).toEqual([410, 410]);
    expect([unknown.status, posted.status]).toEqual([404, 404]);
    expect(unknown.text).toContain('页面不存在');
  });
});
