import { anOrder, expectStatus, post, shipAll, untilStage } from '../helpers/orders';
import { createAnswerCheck } from '../helpers/openapi';
import { type Answer, startSystem, type System } from '../helpers/system';

type Body = Record<string, unknown>;

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
});

/** What of an order could have been kept; the same before and after a refusal. */
async function countKept(): Promise<unknown> {
  const { rows } = await system.db.admin.query(
    `select (select count(*) from oms.intakes) as intakes, (select count(*) from oms.orders) as orders,
       (select count(*) from oms.inbox) as inbox, (select count(*) from crm.customers) as customers,
       (select sum(reserved) from oms.inventory_levels) as reserved`,
  );
  return rows[0];
}

function postRaw(rawBody: string, headers: Record<string, string> = {}): Promise<Answer> {
  return system.api('POST', '/v1/orders', undefined, { rawBody, headers });
}

async function expectRefusal(
  call: () => Promise<Answer>,
  status: number,
  code: string,
  paths?: readonly string[],
): Promise<void> {
  const before = await countKept();
  const { status: seen, body, headers } = await call();
  expect({ status: seen, code: body.code }).toEqual({ status, code });
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body.requestId).toBe(headers.get('x-request-id'));
  if (paths !== undefined)
    expect([...new Set(body.errors.map((error: { path: string }) => error.path))]).toEqual(paths);
  expect(await countKept()).toEqual(before);
}

const address = anOrder()['shippingAddress'] as Body;
const line = { sku: 'MUG-RED', quantity: 1 };
const fixed = { code: 'X', type: 'fixed', valueMinor: 1 };
const percent = { code: 'X', type: 'percent', valuePercent: 10 };
const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown;

describe('an order that is refused by its fields', () => {
  it.each<[string, Body, string[]]>([
    ['an unknown field', { colour: 'red' }, ['colour']],
    ['an unknown field of a line', { lines: [{ ...line, price: 1 }] }, ['lines.0.price']],
    ['a missing currency', { currency: undefined }, ['currency']],
    ['a missing line', { lines: [] }, ['lines']],
    [
      'a missing street',
      { shippingAddress: { ...address, line1: undefined } },
      ['shippingAddress.line1'],
    ],
    ['a customer nobody can reach', { customer: { name: 'Ada' } }, ['customer.email']],
    ['an unknown SKU', { lines: [line, { ...line, sku: 'NO-SUCH' }] }, ['lines.1.sku']],
    ['quantity 0', { lines: [{ ...line, quantity: 0 }] }, ['lines.0.quantity']],
    ['quantity -1', { lines: [{ ...line, quantity: -1 }] }, ['lines.0.quantity']],
    ['quantity 1.5', { lines: [{ ...line, quantity: 1.5 }] }, ['lines.0.quantity']],
    ['quantity 1e20', { lines: [{ ...line, quantity: 1e20 }] }, ['lines.0.quantity']],
    ['quantity as text', { lines: [{ ...line, quantity: '1' }] }, ['lines.0.quantity']],
    ['a negative price', { lines: [{ ...line, unitPriceMinor: -1 }] }, ['lines.0.unitPriceMinor']],
    ['a currency that is none', { currency: 'ABC' }, ['currency']],
    ['a currency without prices', { currency: 'CHF' }, ['currency', 'lines.0.unitPriceMinor']],
    [
      'NUL in a name',
      { customer: { email: 'a@example.com', name: 'A\u0000da' } },
      ['customer.name'],
    ],
    [
      'half a surrogate',
      { shippingAddress: { ...address, name: '\ud83d' } },
      ['shippingAddress.name'],
    ],
    ['501 lines', { lines: Array.from({ length: 501 }, () => line) }, ['lines']],
    [
      'a name of 501 characters',
      { shippingAddress: { ...address, name: 'x'.repeat(501) } },
      ['shippingAddress.name'],
    ],
    ['nonsense as a promise', { promisedBy: 'tomorrow' }, ['promisedBy']],
    ['30 February', { promisedBy: '2026-02-30T00:00:00Z' }, ['promisedBy']],
    ['the year 0', { promisedBy: '0000-01-01T00:00:00Z' }, ['promisedBy']],
    ['an offset that is none', { placedAt: '2026-01-01T00:00:00+23:00' }, ['placedAt']],
    ['country XX', { shippingAddress: { ...address, country: 'XX' } }, ['shippingAddress.country']],
    [
      'a negative discount',
      { discounts: [{ ...fixed, valueMinor: -5 }] },
      ['discounts.0.valueMinor'],
    ],
    [
      '101 percent',
      { discounts: [{ ...percent, valuePercent: 101 }] },
      ['discounts.0.valuePercent'],
    ],
    ['a coupon, not built yet', { discounts: [{ code: 'X' }] }, ['discounts.0.type']],
    ['an unknown payment', { payment: { method: 'shells' } }, ['payment.method']],
    ['an unknown shipping method', { shippingMethod: 'pigeon' }, ['shippingMethod']],
    ['neither id nor key', { externalId: null }, ['externalId']],
    ['an id of 201 characters', { externalId: 'x'.repeat(201) }, ['externalId']],
    [
      '200 arrays in each other',
      { note: deep },
      [Array.from({ length: 31 }, () => '0').reduce((path, part) => `${path}.${part}`, 'note')],
    ],
  ])('%s', async (_what, overrides, paths) => {
    const call = (): Promise<Answer> => system.api('POST', '/v1/orders', anOrder(overrides));
    await expectRefusal(call, 422, 'validation_failed', paths);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('the field %s, anywhere', async (key) => {
    const text = JSON.stringify(anOrder({ note: 'n' }));
    const atTop = text.replace('"note":"n"', `"${key}":{"isAdmin":true}`);
    const within = text.replace('"city":', `"${key}":{"isAdmin":true},"city":`);

    await expectRefusal(() => postRaw(atTop), 422, 'validation_failed', [key]);
    const path = `shippingAddress.${key}`;
    await expectRefusal(() => postRaw(within), 422, 'validation_failed', [path]);
    expect(({} as Body)['isAdmin']).toBeUndefined();
  });
});

describe('an order that is refused by its bytes', () => {
  const many = JSON.stringify(anOrder({ lines: Array.from({ length: 10_000 }, () => line) }));
  it.each<[string, () => string, number, string, Record<string, string>]>([
    ['2 MB', () => JSON.stringify({ note: 'x'.repeat(2 << 20) }), 413, 'payload_too_large', {}],
    ['10,000 lines', () => many, 413, 'payload_too_large', {}],
    ['broken JSON', () => '{"channel": "web",', 400, 'malformed_json', {}],
    ['two documents', () => '{}{}', 400, 'malformed_json', {}],
    ['100,000 open brackets', () => '['.repeat(60_000), 400, 'malformed_json', {}],
    ['a list', () => '[]', 422, 'validation_failed', {}],
    ['null', () => 'null', 422, 'validation_failed', {}],
    ['plain text', () => '{}', 415, 'unsupported_media_type', { 'content-type': 'text/plain' }],
    [
      'a form',
      () => 'a=b',
      415,
      'unsupported_media_type',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
  ])('%s', async (_what, text, status, code, headers) => {
    await expectRefusal(() => postRaw(text(), headers), status, code);
  });
});

describe('a call that is refused by its head', () => {
  async function aKey(body: Body): Promise<{ id: string; key: string }> {
    return expectStatus(await system.api('POST', '/v1/api-keys', body), 201);
  }

  it.each<[string, Record<string, string>]>([
    ['none', { authorization: '' }],
    ['of another scheme', { authorization: 'Basic YTpi' }],
    ['unknown', { authorization: 'Bearer tl_nobody' }],
    ['over-long', { authorization: `Bearer ${'k'.repeat(5000)}` }],
  ])('a key that is %s', async (_what, headers) => {
    const text = JSON.stringify(anOrder());
    await expectRefusal(() => postRaw(text, headers), 401, 'unauthorized');
  });

  it('a key that expired, was revoked, or lacks the scope', async () => {
    const scopes = ['orders:write'];
    const soon = new Date(Date.now() + 300).toISOString();
    const expired = await aKey({ name: 'old', scopes, expiresAt: soon });
    const revoked = await aKey({ name: 'lost', scopes });
    const reader = await aKey({ name: 'reader', scopes: ['orders:read'] });
    expectStatus(await system.api('POST', `/v1/api-keys/${revoked.id}/revoke`, {}), 200);
    await new Promise((resolve) => setTimeout(resolve, 350));

    const postWith =
      ({ key }: { key: string }) =>
      () =>
        system.api('POST', '/v1/orders', anOrder(), { key });
    await expectRefusal(postWith(expired), 401, 'unauthorized');
    await expectRefusal(postWith(revoked), 401, 'unauthorized');
    await expectRefusal(postWith(reader), 403, 'forbidden');
    expect((await system.api('GET', '/v1/orders', undefined, reader)).status).toBe(200);
  });

  it.each<[string, string, string, number, string]>([
    ['a route there is not', 'POST', '/v1/order', 404, 'not_found'],
    ['an id that is none', 'GET', '/v1/orders/1%27--', 404, 'not_found'],
    ['a path that cannot be decoded', 'GET', '/v1/orders/%zz', 404, 'not_found'],
    ['a method the route does not take', 'DELETE', '/v1/orders', 405, 'method_not_allowed'],
    ['a limit over 100', 'GET', '/v1/orders?limit=101', 422, 'validation_failed'],
    ['a cursor that is none', 'GET', '/v1/orders?cursor=garbage', 422, 'validation_failed'],
    ['a cursor of elsewhere', 'GET', '/v1/orders?cursor=WyJ4IiwieSJd', 422, 'validation_failed'],
    ['a filter there is not', 'GET', '/v1/orders?colour=red', 422, 'validation_failed'],
    ['a filter with NUL', 'GET', '/v1/orders?q=%00', 422, 'validation_failed'],
    [
      'a time out of range',
      'GET',
      '/v1/orders?placedFrom=0000-01-01T00:00:00Z',
      422,
      'validation_failed',
    ],
  ])('%s', async (_what, method, route, status, code) => {
    await expectRefusal(() => system.api(method, route), status, code);
  });

  it('an Idempotency-Key of 201 characters', async () => {
    const call = (): Promise<Answer> =>
      system.api('POST', '/v1/orders', anOrder(), { idempotencyKey: 'k'.repeat(201) });
    await expectRefusal(call, 422, 'validation_failed', ['Idempotency-Key']);
  });

  it('is not refused for what it accepts as an answer', async () => {
    const answer = await system.api('GET', '/v1/orders', undefined, {
      headers: { accept: 'image/png' },
    });
    expect(answer.status).toBe(200);
  });
});

describe('after all that', () => {
  it('orders are placed and shipped as ever', async () => {
    const order = await post(system);
    await shipAll(system, order.id);
    expect(await untilStage(system, order.id, 'carrier')).toMatchObject({ status: 'processing' });
  });

  it('every answer was as the OpenAPI document says; one that is not is found', async () => {
    const check = createAnswerCheck();
    const url = '/v1/orders?limit=1';
    const { status, headers, body } = await system.api('GET', url);
    const contentType = headers.get('content-type') ?? '';
    const { totalMinor, ...rest } = body.items[0];
    const answer = { method: 'GET', url, status, contentType };

    expect(check({ ...answer, body })).toBeNull();
    expect(check({ ...answer, body: { ...body, items: [rest] } })).toMatch(/totalMinor/);
    const asText = { ...rest, totalMinor: String(totalMinor) };
    expect(check({ ...answer, body: { ...body, items: [asText] } })).toMatch(/must be integer/);
    expect(check({ ...answer, status: 418, body })).toMatch(/does not promise 418/);
  });
});
