import { linkToken } from '../../src/platform/secret-links';
import { expectStatus, post, readOrder, completeOrder } from '../helpers/orders';
import { askReturn, commandReturn, readReturn, returnBody, untilReturn } from '../helpers/returns';
import { addProduct } from '../helpers/stock';
import { LINK_SECRET, setPolicies, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

/** Nothing can be returned any more by the policy, until it is as it was. */
async function afterTheWindow(system: System, look: () => Promise<void>): Promise<void> {
  await setPolicies(system.db, { returnWindow: 'PT0S' });
  try {
    await look();
  } finally {
    await setPolicies(system.db, { returnWindow: 'P30D' });
  }
}

describe('what may be returned', () => {
  let system: System;
  let order: Document;
  beforeAll(async () => {
    system = await startSystem();
    await addProduct(system, 'RULE-A', 20);
    await addProduct(system, 'RULE-B', 20);
    order = await completeOrder(system, {
      lines: [
        { sku: 'RULE-A', quantity: 4 },
        { sku: 'RULE-B', quantity: 1 },
      ],
      payment: { method: 'invoice' },
    });
  });
  afterAll(async () => {
    await system.stop();
  });

  async function refusal(units: readonly number[], overrides: object = {}): Promise<Document> {
    const body = { ...returnBody(order, units), ...overrides };
    return expectStatus(await system.api('POST', `/v1/orders/${order.id}/returns`, body), 422);
  }

  async function putProduct(sku: string, rule: object): Promise<void> {
    const body = { title: sku, prices: [{ currency: 'USD', priceMinor: 900 }], ...rule };
    expectStatus(await system.api('PUT', `/v1/products/${sku}`, body), 200);
  }

  it('is only what was delivered and is in no other return', async () => {
    const waiting = await post(system, { lines: [{ sku: 'RULE-A', quantity: 1 }] });
    const early = await system.api(
      'POST',
      `/v1/orders/${waiting.id}/returns`,
      returnBody(waiting, [1]),
    );
    expect(early).toMatchObject({ status: 422, body: { code: 'return_exceeds_delivered' } });

    expect(await refusal([5, 1])).toMatchObject({
      code: 'return_exceeds_delivered',
      errors: [{ path: 'lines.0' }],
    });
    const first = await askReturn(system, order, [3]);
    expect((await readOrder(system, order.id)).lines[0].returnRequested).toBe(3);
    expect(await refusal([2])).toMatchObject({ code: 'return_exceeds_delivered' });
    await commandReturn(system, first.id, 'decline', { reason: 'no' });
    expect((await readOrder(system, order.id)).lines[0].returnRequested).toBe(0);
  });

  it('is nothing of final sale or hazardous products', async () => {
    for (const returnRule of ['final_sale', 'hazardous']) {
      await putProduct('RULE-B', { returnRule });
      expect(await refusal([1, 1])).toMatchObject({
        code: 'not_returnable',
        errors: [{ path: 'lines.1' }],
      });
    }
    await putProduct('RULE-B', {});
  });

  it('is nothing after the window, of the product or else of the policy', async () => {
    await afterTheWindow(system, async () => {
      expect(await refusal([1])).toMatchObject({
        code: 'return_window_closed',
        errors: [{ path: 'lines.0' }],
      });
      await putProduct('RULE-B', { returnWindow: 'P10D' });
      const { id } = await askReturn(system, order, [0, 1]);
      expectStatus(await system.api('POST', `/v1/returns/${id}/cancel`, { reason: 'no' }), 200);
    });
  });

  it('is a hygiene product only as new', async () => {
    await putProduct('RULE-B', { returnRule: 'hygiene' });
    const { id } = await askReturn(system, order, [0, 1]);
    const lineId = order.lines[1].id;
    await commandReturn(system, id, 'approve', { label: false });
    await commandReturn(system, id, 'receive', {
      lines: [{ lineId, quantity: 1, condition: 'opened' }],
    });
    const lines = [{ lineId, accepted: 1, rejected: 0, disposition: 'restock' }];
    const refused = await system.api('POST', `/v1/returns/${id}/inspect`, { lines });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'lines.0.accepted' }] },
    });
    await commandReturn(system, id, 'inspect', { lines: [{ lineId, rejected: 1 }] });
    expect((await untilReturn(system, id, 'closed')).lines[0].acceptance).toBe('rejected');
  });

  it('gives one unit to one of two requests at a time, and one return to one key', async () => {
    const path = `/v1/orders/${order.id}/returns`;
    const body = returnBody(order, [3]);
    const answers = await Promise.all([1, 2, 3].map(() => system.api('POST', path, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422]);
    const made = answers.find(({ status }) => status === 201)?.body.return;
    await commandReturn(system, made.id, 'cancel', { reason: 'twice' });

    const key = { idempotencyKey: 'return-once' };
    const first = expectStatus(await system.api('POST', path, body, key), 201).return;
    await system.db.admin.query(`delete from oms.idempotency_keys where key = 'return-once'`);
    const again = expectStatus(await system.api('POST', path, body, key), 201).return;
    expect(again.id).toBe(first.id);
    await commandReturn(system, first.id, 'cancel', { reason: 'again' });
    expect((await commandReturn(system, first.id, 'cancel', { reason: 'again' })).status).toBe(
      'canceled',
    );
    const { body: list } = await system.api(
      'GET',
      `/v1/returns?orderId=${order.id}&status=canceled`,
    );
    expect(list.items.map(({ id }: Document) => id).slice(0, 2)).toEqual([first.id, made.id]);
  });

  it('refuses what its state does not allow, and names what it does', async () => {
    const { id } = await askReturn(system, order, [1]);
    const early = await system.api('POST', `/v1/returns/${id}/inspect`, {
      lines: [{ lineId: order.lines[0].id, accepted: 1, disposition: 'restock' }],
    });
    expect(early).toMatchObject({
      status: 409,
      body: {
        code: 'illegal_transition',
        currentStatus: 'requested',
        allowedActions: ['approve', 'decline', 'cancel'],
      },
    });
    const decided = await Promise.all([
      system.api('POST', `/v1/returns/${id}/approve`, { label: false }),
      system.api('POST', `/v1/returns/${id}/decline`, { reason: 'no' }),
    ]);
    expect(decided.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { status } = await readReturn(system, id);
    const again = await system.api('POST', `/v1/returns/${id}/approve`, {});
    expect(again).toMatchObject({ status: 409, body: { currentStatus: status } });
    if (status === 'approved') await commandReturn(system, id, 'cancel', { reason: 'end' });
  });

  it('takes the same command once, and never more than is awaited', async () => {
    const { id } = await askReturn(system, order, [2]);
    const lineId = order.lines[0].id;
    const send = (command: string, body: object, idempotencyKey?: string) =>
      system.api('POST', `/v1/returns/${id}/${command}`, body, {
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      });
    await send('approve', { label: false });
    const one = { lines: [{ lineId, quantity: 1, condition: 'new' }] };
    await send('receive', one, 'receive-once');
    await system.db.admin.query(`delete from oms.idempotency_keys where key = 'receive-once'`);
    expectStatus(await send('receive', one, 'receive-once'), 200);
    expect((await readReturn(system, id)).lines[0].received).toBe(1);
    const racing = await Promise.all([send('receive', one), send('receive', one)]);
    expect(racing.map((answer) => answer.status).sort()).not.toEqual([200, 200]);
    expect((await readReturn(system, id)).lines[0].received).toBe(2);
    const both = { lines: [{ lineId, accepted: 2, disposition: 'damaged' }] };
    const inspected = await Promise.all([send('inspect', both), send('inspect', both)]);
    expect(inspected.map((answer) => answer.status).sort()).not.toEqual([200, 200]);
    await untilReturn(system, id, 'closed');
    const { body } = await system.api('GET', '/v1/inventory?sku=RULE-A&location=BOS');
    expect(body.items[0]).toMatchObject({ onHand: 18, unavailable: 2 });
    expect((await readOrder(system, order.id)).lines[0].returned).toBe(2);
  });
});

describe('the page behind the link of the delivered mail', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  async function openLink(order: Document): Promise<string> {
    const link = `/s/${linkToken(LINK_SECRET, 'return', order.id)}`;
    const mail = await waitFor('the mail', async () => {
      const { body } = await system.sandbox('GET', `/mail?to=${order.customer.email}`);
      return body.items.find(({ text }: Document) => text.includes(link));
    });
    expect(mail.headers['x-throughline-template']).toBe('order_delivered');
    expect(mail.html).toContain(link);
    return link;
  }

  it('takes a form once, in the language of the order', async () => {
    const order = await completeOrder(system, {
      customer: { email: 'wang@example.com', name: '王芳', locale: 'zh-CN' },
    });
    const link = await openLink(order);
    const page = expectStatus(await system.api('GET', link), 200);
    const [{ id: lineId, title }] = order.lines;
    expect(page).toContain('lang="zh-CN"');
    expect(page).toContain(title);
    expect(page).toContain(`name="quantity.${lineId}" min="0" max="2"`);

    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = (fields: Record<string, string>) =>
      system.api('POST', link, undefined, {
        headers,
        rawBody: new URLSearchParams(fields).toString(),
      });
    const none = await form({ [`quantity.${lineId}`]: '0', kind: 'return', note: '' });
    expect(none).toMatchObject({ status: 422, body: expect.stringContaining('role="alert"') });
    expect((await form({ [`quantity.${lineId}`]: '3' })).status).toBe(422);
    const fields = { [`quantity.${lineId}`]: '2', [`reason.${lineId}`]: 'too_small' };
    const taken = await form({ ...fields, kind: 'return', note: '谢谢' });
    expect(taken).toMatchObject({ status: 201, body: expect.stringContaining('谢谢') });
    expect((await form(fields)).status).toBe(409);
    expect((await system.api('GET', link)).status).toBe(409);
    const { body } = await system.api('GET', `/v1/returns?orderId=${order.id}`);
    expect(body.items).toMatchObject([
      { requestedBy: 'customer', note: '谢谢', lines: [{ quantity: 2, reason: 'too_small' }] },
    ]);
  });

  it('takes JSON, answers with the return, and closes with the window', async () => {
    const order = await completeOrder(system);
    const link = await openLink(order);
    const lines = [{ lineId: order.lines[0].id, quantity: 1, reason: 'damaged' }];
    const asJson = { headers: { accept: 'application/json' } };
    const made = await system.api('POST', link, { lines, kind: 'exchange' }, asJson);
    expect(expectStatus(made, 201).return).toMatchObject({
      kind: 'exchange',
      requestedBy: 'customer',
      lines: [{ quantity: 1, reason: 'damaged' }],
    });
    const wrong = await system.api('POST', link, { lines: [], foo: 1 }, asJson);
    expect(wrong).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    await afterTheWindow(system, async () => {
      expect((await system.api('GET', link)).status).toBe(410);
      expect((await system.api('POST', link, { lines }, asJson)).body.code).toBe('gone');
    });
    expect((await system.api('GET', '/s/nonsense')).status).toBe(404);
  });
});
