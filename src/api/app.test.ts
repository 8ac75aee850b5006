import type { Client } from '@temporalio/client';
import { ServiceError } from '@temporalio/client';
import express from 'express';
import request from 'supertest';
import { z } from 'zod';

import { hashApiKey, prefixOfApiKey } from '../db/crm/api-keys';
import type { Pool } from '../db/pool';
import { DomainError } from '../domain/errors';
import { createLogger } from '../platform/logger';

import { createApp } from './app';
import type { ApiDeps } from './deps';
import { createAuthenticator } from './middleware/authenticate';
import { checkRoutes, registerRoutes } from './register';
import { defineRoute, type Route } from './route';

const KEY = 'tlk_a-key-of-the-tests-with-some-length';
const AUTH = `Bearer ${KEY}`;

function aPool(rows: unknown[] = []): Pool {
  return { query: async () => ({ rows, rowCount: rows.length }) } as unknown as Pool;
}

function someDeps(scopes = ['things:read', 'things:write'], overrides: Partial<ApiDeps> = {}) {
  const row = {
    id: '0199d4a0-0000-7000-8000-000000000001',
    prefix: prefixOfApiKey(KEY),
    keyHash: hashApiKey(KEY),
    scopes,
    expiresAt: null,
  };
  return {
    oms: aPool(),
    crm: aPool([row]),
    temporal: {} as Client,
    config: {} as ApiDeps['config'],
    logger: createLogger({ service: 'test', level: 'silent' }),
    ...overrides,
  };
}

const Thing = z.strictObject({
  name: z.string(),
  lines: z.array(z.strictObject({ quantity: z.int().min(1) })).optional(),
  choice: z
    .union([
      z.strictObject({ type: z.literal('a'), size: z.int() }),
      z.strictObject({ type: z.literal('b'), text: z.string() }),
    ])
    .optional(),
});

const postThing = defineRoute({
  method: 'post',
  path: '/v1/things',
  scope: 'things:write',
  summary: 'Echoes a thing',
  body: Thing,
  responses: { 200: z.object({ name: z.string(), requestId: z.string(), actorId: z.string() }) },
  handler: ({ body, requestId, actor }) => ({
    status: 200,
    body: { name: body.name, requestId, actorId: actor.id },
  }),
});

const getThing = defineRoute({
  method: 'get',
  path: '/v1/things/{id}',
  scope: 'things:read',
  summary: 'A thing',
  params: z.strictObject({ id: z.uuid() }),
  query: z.strictObject({ limit: z.coerce.number().pipe(z.int().max(100)).optional() }),
  responses: { 200: z.object({ id: z.string() }) },
  handler: ({ params }) => ({ status: 200, body: { id: params.id } }),
});

const getSpecialThing = defineRoute({
  method: 'get',
  path: '/v1/things/special',
  scope: 'things:read',
  summary: 'The special thing',
  responses: { 200: z.object({ special: z.boolean() }) },
  handler: () => ({ status: 200, body: { special: true } }),
});

const postHook = defineRoute({
  method: 'post',
  path: '/v1/webhooks/things',
  scope: 'public',
  rawBody: true,
  summary: 'A webhook',
  responses: { 200: z.object({ bytes: z.int(), text: z.string() }) },
  handler: ({ rawBody }) => ({
    status: 200,
    body: { bytes: rawBody.length, text: rawBody.toString('utf8', 0, 20) },
  }),
});

function aRouteThatThrows(err: unknown): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/fails',
    scope: 'public',
    summary: 'Fails',
    responses: { 200: z.null() },
    handler: () => {
      throw err;
    },
  });
}

// The special thing after the one with the parameter: the literal path must win all the same.
const ROUTES = [postThing, getThing, getSpecialThing, postHook];

function client(deps: ApiDeps = someDeps(), routes: readonly Route[] = ROUTES) {
  return request(createApp(deps, routes));
}

describe('authentication', () => {
  it('refuses a request without a key, with another scheme and with an unknown key', async () => {
    const none = await client().get('/v1/things/special');
    const basic = await client().get('/v1/things/special').set('Authorization', 'Basic abc');
    const unknown = await client()
      .get('/v1/things/special')
      .set('Authorization', 'Bearer tlk_something_else_entirely');

    for (const res of [none, basic, unknown]) {
      expect(res.status).toBe(401);
      expect(res.body.code).toBe('unauthorized');
      expect(res.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('refuses an expired key', async () => {
    const expired = {
      id: 'x',
      keyHash: hashApiKey(KEY),
      scopes: ['admin'],
      expiresAt: new Date(Date.now() - 1),
    };

    const res = await client(someDeps([], { crm: aPool([expired]) }))
      .get('/v1/things/special')
      .set('Authorization', AUTH);

    expect(res.status).toBe(401);
  });

  it('refuses a key without the scope and takes one with admin', async () => {
    const lacking = await client(someDeps(['orders:read']))
      .get('/v1/things/special')
      .set('Authorization', AUTH);
    const admin = await client(someDeps(['admin']))
      .get('/v1/things/special')
      .set('Authorization', AUTH);

    expect(lacking.status).toBe(403);
    expect(lacking.body.code).toBe('forbidden');
    expect(admin.status).toBe(200);
  });

  it('trusts a key for a moment and forgets it when told', async () => {
    let lookUps = 0;
    const rows = [{ id: 'k', keyHash: hashApiKey(KEY), scopes: [], expiresAt: null }];
    const crm = {
      query: async (text: string) => {
        if (text.startsWith('select')) lookUps += 1;
        return { rows };
      },
    } as unknown as Pool;
    const authenticator = createAuthenticator({ crm, logger: someDeps().logger });

    await authenticator.authenticate(AUTH);
    await authenticator.authenticate(AUTH);
    expect(lookUps).toBe(1);
    authenticator.forget('k');
    await authenticator.authenticate(AUTH);

    expect(lookUps).toBe(2);
  });

  it('answers 503 when the store with the keys is lost', async () => {
    const crm = {
      query: async () => {
        throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      },
    } as unknown as Pool;

    const res = await client(someDeps([], { crm }))
      .get('/v1/things/special')
      .set('Authorization', AUTH);

    expect(res.status).toBe(503);
    expect(res.body.code).toBe('store_unavailable');
    expect(res.get('retry-after')).toBe('5');
  });
});

describe('request id', () => {
  it('is taken, echoed and handed to the handler', async () => {
    const res = await client()
      .post('/v1/things')
      .set('Authorization', AUTH)
      .set('X-Request-Id', 'req_A-1')
      .send({ name: 'n' });

    expect(res.get('x-request-id')).toBe('req_A-1');
    expect(res.body.requestId).toBe('req_A-1');
  });

  it.each(['', 'a b', 'x'.repeat(65), 'ü'])('is made in place of %j', async (given) => {
    const res = await client().get('/nowhere').set('X-Request-Id', given);

    expect(res.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(res.body.requestId).toBe(res.get('x-request-id'));
  });
});

describe('headers', () => {
  it('names no framework and keeps browsers from guessing', async () => {
    const res = await client().get('/v1/things/special').set('Authorization', AUTH);

    expect(res.get('x-powered-by')).toBeUndefined();
    expect(res.get('x-content-type-options')).toBe('nosniff');
    expect(res.get('content-security-policy')).toContain("default-src 'none'");
    expect(res.get('cache-control')).toBe('no-store');
  });
});

describe('routing', () => {
  it('answers 404 for an unknown route, an id that is none, and a path that cannot be decoded', async () => {
    for (const path of ['/v1/nothing', '/v1/things/not-a-uuid', '/v1/things/%zz']) {
      const res = await client().get(path).set('Authorization', AUTH);

      expect(res.status).toBe(404);
      expect(res.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(res.body).toMatchObject({ status: 404, code: 'not_found', title: 'Not found' });
    }
  });

  it('answers 405 with the methods that the path takes', async () => {
    const res = await client().delete('/v1/things');

    expect(res.status).toBe(405);
    expect(res.get('allow')).toBe('POST');
    expect(res.body.code).toBe('method_not_allowed');
  });

  it('prefers a literal path to a parameter', async () => {
    const res = await client().get('/v1/things/special').set('Authorization', AUTH);

    expect(res.body).toEqual({ special: true });
  });

  it('refuses a query beyond its limit, an unknown and a repeated one', async () => {
    const id = '0199d4a0-0000-7000-8000-000000000001';
    for (const [query, path] of [
      ['limit=101', 'limit'],
      ['limit=abc', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['other=1', 'other'],
      ['limit=%00', 'limit'],
    ]) {
      const res = await client().get(`/v1/things/${id}?${query}`).set('Authorization', AUTH);

      expect(res.status).toBe(422);
      expect(res.body.errors[0].path).toBe(path);
    }
  });
});

describe('bodies', () => {
  function post(body: string, type = 'application/json') {
    return client()
      .post('/v1/things')
      .set('Authorization', AUTH)
      .set('Content-Type', type)
      .send(body);
  }

  it.each([
    ['broken JSON', '{"name":', 400, 'malformed_json'],
    ['2 MB', JSON.stringify({ name: 'x'.repeat(2 * 1024 * 1024) }), 413, 'payload_too_large'],
    ['no object', '"name"', 422, 'validation_failed'],
  ])('refuses %s', async (_what, body, status, code) => {
    const res = await post(body);

    expect(res.status).toBe(status);
    expect(res.body.code).toBe(code);
  });

  it('refuses bytes that are no UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff]), Buffer.from('"}')]);

    const res = await client()
      .post('/v1/things')
      .set('Authorization', AUTH)
      .set('Content-Type', 'application/json')
      .serialize((x: unknown) => x as string)
      .send(bytes);

    expect(res.status).toBe(400);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16'])(
    'refuses %s',
    async (type) => {
      const res = await post('{"name":"n"}', type);

      expect(res.status).toBe(415);
      expect(res.body.code).toBe('unsupported_media_type');
    },
  );

  it('names every offending field in dotted form', async () => {
    const res = await post('{"name":1,"lines":[{"quantity":0,"colour":"red"}],"extra":true}');

    expect(res.status).toBe(422);
    expect(res.body.errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: 'name' }),
        expect.objectContaining({ path: 'lines.0.quantity' }),
        { path: 'lines.0.colour', message: 'unrecognized field' },
        { path: 'extra', message: 'unrecognized field' },
      ]),
    );
  });

  it.each(['0', '-1', '1.5', '1e20', '"2"', 'null'])(
    'refuses the quantity %s',
    async (quantity) => {
      const res = await post(`{"name":"n","lines":[{"quantity":${quantity}}]}`);

      expect(res.status).toBe(422);
      expect(res.body.errors[0].path).toBe('lines.0.quantity');
    },
  );

  it('names the nearest miss of a choice', async () => {
    const res = await post('{"name":"n","choice":{"type":"b","text":5}}');

    expect(res.body.errors).toEqual([expect.objectContaining({ path: 'choice.text' })]);
  });

  it.each([
    ['NUL', '{"name":"a\\u0000b"}', 'name'],
    ['a lone surrogate', '{"name":"\\ud800"}', 'name'],
    ['a prototype key', '{"name":"n","__proto__":{"x":1}}', '__proto__'],
    ['endless nesting', `{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`, /^name\.0/],
  ])('refuses %s', async (_what, body, path) => {
    const res = await post(body);

    expect(res.status).toBe(422);
    expect(res.body.errors[0].path).toMatch(path);
  });

  it('takes emoji and Chinese', async () => {
    const res = await post(JSON.stringify({ name: '王小明 🎁' }));

    expect(res.status).toBe(200);
    expect(res.body.name).toBe('王小明 🎁');
  });

  it('leaves a raw body as it is, up to 1 MB and without a key', async () => {
    const taken = await client()
      .post('/v1/webhooks/things')
      .set('Content-Type', 'application/json')
      .send('{ "not": "parsed" }');
    const tooLarge = await client()
      .post('/v1/webhooks/things')
      .set('Content-Type', 'application/json')
      .send('x'.repeat(1024 * 1024 + 1));

    expect(taken.body).toEqual({ bytes: 19, text: '{ "not": "parsed" }' });
    expect(tooLarge.status).toBe(413);
  });
});

describe('errors', () => {
  const coded = (code: string) => Object.assign(new Error('x'), { code });

  it.each([
    ['a bug', new Error('select secret from nowhere'), 500, 'internal_error'],
    ['thrown text', 'thrown secret', 500, 'internal_error'],
    ['a store that shuts down', coded('57P01'), 503, 'store_unavailable'],
    ['too many connections', coded('53300'), 503, 'store_unavailable'],
    ['a statement out of time', coded('57014'), 503, 'store_unavailable'],
    [
      'a pool without connections',
      new Error('timeout exceeded when trying to connect'),
      503,
      'store_unavailable',
    ],
    [
      'a lost connection',
      new Error('Connection terminated unexpectedly'),
      503,
      'store_unavailable',
    ],
    ['a lost engine', new ServiceError('Failed to start Workflow'), 503, 'engine_unavailable'],
    ['a refusal', new DomainError('illegal_transition', 'no'), 409, 'illegal_transition'],
  ])('answers %s without a leak', async (_what, err, status, code) => {
    const res = await client(someDeps(), [aRouteThatThrows(err)]).get('/v1/fails');

    expect(res.status).toBe(status);
    expect(res.body.code).toBe(code);
    expect(res.text).not.toMatch(/secret|at .*\.ts/);
    expect(res.get('retry-after')).toBe(status === 503 ? '5' : undefined);
  });

  it('carries what the refusal adds', async () => {
    const refusal = new DomainError('illegal_transition', 'The order is canceled.', {
      extra: { currentStatus: 'canceled', allowedActions: ['notes'] },
    });

    const res = await client(someDeps(), [aRouteThatThrows(refusal)]).get('/v1/fails');

    expect(res.body).toMatchObject({ currentStatus: 'canceled', allowedActions: ['notes'] });
  });
});

describe('route table', () => {
  it.each([undefined, '', 'orders', 'orders:*'])('fails the boot for the scope %j', (scope) => {
    const route = { ...getSpecialThing, scope } as Route;

    expect(() => checkRoutes([route])).toThrow('has no scope');
    expect(() =>
      registerRoutes(express(), [route], someDeps(), createAuthenticator(someDeps())),
    ).toThrow('GET /v1/things/special has no scope');
  });

  it('fails the boot for a route declared twice', () => {
    expect(() => createApp(someDeps(), [getThing, getThing])).toThrow('declared twice');
  });

  it('serves the whole table', () => {
    expect(() => createApp(someDeps())).not.toThrow();
  });
});
