import { z } from 'zod';

import { defineRoute, type Route } from '../../src/api/route';
import { ROUTES } from '../../src/api/routes';
import { createPool } from '../../src/db/pool';
import { deleteExpiredIdempotencyKeys } from '../../src/db/oms/idempotency';
import { DomainError } from '../../src/domain/errors';
import { ADMIN_KEY, createTestApi, type TestApi } from '../helpers/api';
import { createTestDatabase, type TestDatabase } from '../helpers/database';

let db: TestDatabase;
let api: TestApi;
/** How often the test's own handlers ran, and what they wait for. */
let runs = 0;
let gate: Promise<void> = Promise.resolve();

/** What a test route is told to do: answer, refuse with a code, or break. */
const Order = z.strictObject({ say: z.string(), token: z.string().optional() });

async function act({ say }: z.infer<typeof Order>): Promise<{ n: number; secret: string }> {
  runs += 1;
  const n = runs;
  await gate;
  if (say === 'conflict') throw new DomainError('illegal_transition', 'no');
  if (say === 'fault') throw new Error('a bug');
  if (say === 'unavailable') throw new DomainError('engine_unavailable', 'later');
  return { n, secret: 'once' };
}

const postThing = defineRoute({
  method: 'post',
  path: '/v1/things/{id}/act',
  scope: 'things:write',
  idempotent: true,
  summary: 'Acts',
  params: z.strictObject({ id: z.string() }),
  body: Order,
  responses: { 201: z.object({ n: z.int(), secret: z.string().nullable() }) },
  handler: async ({ body }) => ({ status: 201, body: await act(body), secrets: ['secret'] }),
});

const TEST_ROUTES: Route[] = [...ROUTES, postThing];

beforeAll(async () => {
  db = await createTestDatabase();
  api = createTestApi(db, { routes: TEST_ROUTES });
});
beforeEach(() => {
  runs = 0;
  gate = Promise.resolve();
});
afterAll(async () => {
  await db.close();
});

function post(key: string, body: object = { say: 'hello' }, path = '/v1/things/1/act') {
  return api.call('post', path).set('Idempotency-Key', key).send(body);
}

/** Requests run when they are awaited; this starts one now. */
function start<T>(test: PromiseLike<T>): Promise<T> {
  return Promise.resolve(test.then((res) => res));
}

describe('Idempotency-Key', () => {
  it('gives the first answer again, without the secret that is shown once', async () => {
    const first = await post('k1');
    const again = await post('k1');

    expect(first.status).toBe(201);
    expect(first.body).toEqual({ n: 1, secret: 'once' });
    expect(first.get('idempotency-replayed')).toBeUndefined();
    expect(again.status).toBe(201);
    expect(again.body).toEqual({ n: 1, secret: null });
    expect(again.get('idempotency-replayed')).toBe('true');
  });

  it('takes a body written in another order for the same', async () => {
    await post('k2', { say: 'a', token: 't' });
    const again = await post('k2', { token: 't', say: 'a' });

    expect(again.get('idempotency-replayed')).toBe('true');
  });

  it('refuses another body with the key, and knows paths and API keys apart', async () => {
    const created = await api
      .call('post', '/v1/api-keys')
      .send({ name: 'other', scopes: ['things:write'] })
      .expect(201);
    await post('k3');

    const otherBody = await post('k3', { say: 'other' });
    const otherPath = await post('k3', { say: 'other' }, '/v1/things/2/act');
    const otherCaller = await api
      .call('post', '/v1/things/1/act', created.body.key)
      .set('Idempotency-Key', 'k3')
      .send({ say: 'other' });

    expect(otherBody.status).toBe(409);
    expect(otherBody.body.code).toBe('idempotency_key_reused');
    expect(otherPath.status).toBe(201);
    expect(otherCaller.status).toBe(201);
  });

  it('runs once of twenty at the same time; the rest hear that it runs or get its answer', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const all = Array.from({ length: 20 }, () => start(post('k4')));
    const running = Promise.all(all.map((one) => one.then((res) => res.status)));
    while (runs === 0) await new Promise((resolve) => setImmediate(resolve));
    const meanwhile = await post('k4');
    open();
    const statuses = await running;

    expect(meanwhile.status).toBe(409);
    expect(meanwhile.body.code).toBe('idempotency_in_progress');
    expect(meanwhile.get('retry-after')).toBe('1');
    expect(runs).toBe(1);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    expect((await post('k4')).get('idempotency-replayed')).toBe('true');
  });

  it('keeps a refusal', async () => {
    const first = await post('k5', { say: 'conflict' });
    const again = await post('k5', { say: 'conflict' });

    expect(first.status).toBe(409);
    expect(again.body).toEqual(first.body);
    expect(again.get('content-type')).toContain('application/problem+json');
    expect(again.get('idempotency-replayed')).toBe('true');
    expect(runs).toBe(1);
  });

  it('keeps a validation error', async () => {
    const first = await post('k6', { shout: 'x' });
    const again = await post('k6', { shout: 'x' });

    expect(first.status).toBe(422);
    expect(again.body).toEqual(first.body);
    expect(again.get('idempotency-replayed')).toBe('true');
  });

  it.each([
    ['fault', 500],
    ['unavailable', 503],
  ])('is free again after a %s', async (say, status) => {
    const first = await post(`k7-${say}`, { say });
    const again = await post(`k7-${say}`, { say: 'hello' });

    expect(first.status).toBe(status);
    expect(again.status).toBe(201);
  });

  it('may be taken over from a request that has not ended after 30 s', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const stuck = start(post('k8'));
    while (runs === 0) await new Promise((resolve) => setImmediate(resolve));
    gate = Promise.resolve();
    await db.admin.query(
      `update oms.idempotency_keys set locked_at = locked_at - interval '31 seconds' where key = 'k8'`,
    );
    const takenOver = await post('k8');
    open();
    await stuck;
    const again = await post('k8');

    expect(takenOver.body.n).toBe(2);
    expect(again.body.n).toBe(2);
  });

  it('is free after its day', async () => {
    await post('k9');
    await db.admin.query(
      `update oms.idempotency_keys set expires_at = now() - interval '1 second' where key = 'k9'`,
    );

    expect((await post('k9', { say: 'other' })).status).toBe(201);
    await db.admin.query(
      `update oms.idempotency_keys set expires_at = now() - interval '1 second' where key = 'k9'`,
    );
    expect(await deleteExpiredIdempotencyKeys(db.oms)).toBe(1);
  });

  it('is refused when it is too long', async () => {
    const res = await post('x'.repeat(201));

    expect(res.status).toBe(422);
    expect(res.body.errors[0].path).toBe('Idempotency-Key');
  });

  it('stores nothing of the request', async () => {
    await post('k10', { say: 'hello', token: 'tok_canary_7351' });

    const { rows } = await db.admin.query(
      `select from oms.idempotency_keys k where k::text like '%tok_canary_7351%'`,
    );
    expect(rows).toEqual([]);
  });
});

describe('API keys', () => {
  it('are shown once, stored hashed, listed without the key, and die at once when revoked', async () => {
    const created = await api
      .call('post', '/v1/api-keys')
      .set('Idempotency-Key', 'new-key')
      .send({ name: 'reader', scopes: ['products:read'] })
      .expect(201);
    const again = await api
      .call('post', '/v1/api-keys')
      .set('Idempotency-Key', 'new-key')
      .send({ name: 'reader', scopes: ['products:read'] })
      .expect(201);
    const { key, id } = created.body;

    expect(again.body).toEqual({ ...created.body, key: null });
    await api.call('get', '/v1/products', key).expect(200);
    await api.call('get', '/v1/policies', key).expect(403);
    const list = await api.call('get', '/v1/api-keys').expect(200);
    expect(list.body.items[0]).toMatchObject({ id, name: 'reader', revokedAt: null });
    expect(JSON.stringify(list.body)).not.toContain(key);
    const stored = await db.admin.query(`select from crm.api_keys k where k::text like $1`, [
      `%${String(key)}%`,
    ]);
    expect(stored.rowCount).toBe(0);

    await api.call('delete', `/v1/api-keys/${id}`).expect(204);
    await api.call('get', '/v1/products', key).expect(401);
    const revoked = await api.call('post', `/v1/api-keys/${id}/revoke`).send({}).expect(200);
    expect(revoked.body.apiKey.revokedAt).not.toBeNull();
  });

  it('cannot give what they do not have', async () => {
    const { body } = await api
      .call('post', '/v1/api-keys')
      .send({ name: 'issuer', scopes: ['keys:write', 'orders:read'] })
      .expect(201);

    const more = await api
      .call('post', '/v1/api-keys', body.key)
      .send({ name: 'x', scopes: ['admin'] });
    const same = await api
      .call('post', '/v1/api-keys', body.key)
      .send({ name: 'x', scopes: ['orders:read'] });

    expect(more.status).toBe(403);
    expect(same.status).toBe(201);
  });

  it('expire', async () => {
    const { body } = await api
      .call('post', '/v1/api-keys')
      .send({ name: 'old', scopes: ['admin'], expiresAt: '2020-01-01T00:00:00Z' })
      .expect(201);

    await api.call('get', '/v1/products', body.key).expect(401);
  });
});

describe('every route', () => {
  const guarded = ROUTES.filter((route) => route.scope !== 'public');

  it.each(guarded.map((route) => [route.method, route.path, route.scope] as const))(
    '%s %s needs a key with %s',
    async (method, path) => {
      const { body } = await api
        .call('post', '/v1/api-keys')
        .send({ name: 'nothing', scopes: ['nothing:read'] })
        .expect(201);
      const url = path.replace(/\{\w+\}/g, '0199d4a0-0000-7000-8000-000000000000');

      const wrongKey = await api.call(method, url, `${ADMIN_KEY}x`);
      const wrongScope = await api.call(method, url, body.key);

      expect(wrongKey.status).toBe(401);
      expect(wrongScope.status).toBe(403);
    },
  );
});

describe('health', () => {
  it('is no readiness: alive without the engine, but not ready, and says which part', async () => {
    const alive = await api.call('get', '/healthz');
    const ready = await api.call('get', '/readyz');

    expect(alive.status).toBe(200);
    expect(ready.status).toBe(503);
    expect(ready.body.parts).toEqual({ oms: 'ok', crm: 'ok', temporal: 'unreachable' });
  });
});

describe('a store that is down', () => {
  it('gives 503 with Retry-After, keeps nothing, and needs no restart', async () => {
    const dead = createPool({
      connectionString: 'postgres://nobody:x@127.0.0.1:1/none',
      max: 1,
      applicationName: 'test',
      onError: () => undefined,
    });
    const [noOms, noCrm] = [{ oms: dead }, { crm: dead }].map((deps) =>
      createTestApi(db, { routes: TEST_ROUTES, deps }),
    );

    const reading = await noOms?.call('get', '/v1/products');
    const acting = await noOms
      ?.call('post', '/v1/things/1/act')
      .set('Idempotency-Key', 'down')
      .send({ say: 'hello' });
    const asking = await noCrm?.call('get', '/v1/products');

    for (const res of [reading, acting, asking]) {
      expect(res?.status).toBe(503);
      expect(res?.body.code).toBe('store_unavailable');
      expect(Number(res?.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(runs).toBe(0);
    expect((await noOms?.call('get', '/readyz'))?.body.parts.oms).toBe('unreachable');
    await dead.end();
  });
});

describe('documentation', () => {
  it('lists exactly the routes that are served, each with its scope or public', async () => {
    const { body } = await api.call('get', '/openapi.json').expect(200);

    const served = ROUTES.map((route) => `${route.method} ${route.path}`).sort();
    const documented = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).toEqual(served);
    for (const route of ROUTES)
      expect(body.paths[route.path][route.method].security).toHaveLength(
        route.scope === 'public' ? 0 : 1,
      );
  });

  it('has a page that works without a network, under a policy that lets it', async () => {
    const page = await api.call('get', '/docs').expect(200);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);

    expect(page.get('content-type')).toContain('text/html');
    expect(page.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.text).not.toMatch(/<script>|https?:/);
    expect(sources).toHaveLength(3);
    for (const source of sources) await api.call('get', String(source)).expect(200);
    await api.call('get', '/docs/package.json').expect(404);
  });
});
