import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';

import { ADMIN_KEY } from '../helpers/api';
import { createTestDatabase, type TestDatabase } from '../helpers/database';

let db: TestDatabase;
let child: ChildProcess;
let url: string;

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilReady(process: ChildProcess): Promise<void> {
  const exited = once(process, 'exit').then(() => {
    throw new Error('the API ended');
  });
  await Promise.race([once(process, 'message'), exited]);
}

beforeAll(async () => {
  db = await createTestDatabase();
  const port = await findFreePort();
  url = `http://127.0.0.1:${port}`;
  child = fork(path.resolve(__dirname, '../../src/api/main.ts'), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      NODE_ENV: 'test',
      PORT: String(port),
      OMS_DATABASE_URL: db.urls.oms,
      CRM_DATABASE_URL: db.urls.crm,
      // Nobody listens there: the API must come up without the engine.
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      SHOPIFY_WEBHOOK_SECRET: 'shopify-test-secret',
      CARRIER_SANDBOX_WEBHOOK_SECRET: 'whsec_Y2Fycmllci10ZXN0',
      SANDBOX_PAYMENTS_WEBHOOK_SECRET: 'whsec_cGF5bWVudHMtdGVzdA==',
      STRIPE_WEBHOOK_SECRET: 'whsec_stripe_test_secret',
    },
  });
  await untilReady(child);
});
afterAll(async () => {
  child.kill('SIGKILL');
  await db.close();
});

describe('the API process', () => {
  it('comes up without the engine, serves, and stops by itself on SIGTERM', async () => {
    const health = await fetch(`${url}/healthz`);
    const products = await fetch(`${url}/v1/products?limit=1`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    });
    expect(health.status).toBe(200);
    expect(products.status).toBe(200);

    const ended = once(child, 'exit');
    child.kill('SIGTERM');

    expect(await ended).toEqual([0, null]);
  });
});
