import { Client, Connection } from '@temporalio/client';
import type { Express } from 'express';
import request from 'supertest';

import { createApp } from '../../src/api/app';
import type { ApiDeps } from '../../src/api/deps';
import type { Route } from '../../src/api/route';
import { createLogger } from '../../src/platform/logger';
import { engineInterceptors } from '../../src/platform/temporal';
import type { TestDatabase } from './database';
import { createAnswerCheck } from './openapi';

export const ADMIN_KEY = 'tl_test_admin_key_0000000000000000000000000000';

/** Port 1 of this machine: nobody listens there, so the engine counts as down. */
const NOBODY = '127.0.0.1:1';

export interface TestApi {
  readonly app: Express;
  readonly deps: ApiDeps;
  /** A request with the admin's key, or another one's; its answer must be as the OpenAPI document promises. */
  call(
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    key?: string,
  ): request.Test;
}

export interface TestApiOptions {
  readonly temporal?: Client;
  readonly routes?: readonly Route[];
  readonly deps?: Partial<ApiDeps>;
}

/**
 * The API on a test's own stores, in this process; without a given client the engine is down. That connection is never
 * closed: a call that the client would try once more then throws where nobody catches it.
 */
export function createTestApi(
  db: Pick<TestDatabase, 'oms' | 'crm'>,
  options: TestApiOptions = {},
): TestApi {
  const connection = Connection.lazy({
    address: NOBODY,
    connectTimeout: '1s',
    interceptors: engineInterceptors(),
  });
  const deps: ApiDeps = {
    oms: db.oms,
    crm: db.crm,
    temporal: options.temporal ?? new Client({ connection }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    config: {
      PUBLIC_URL: 'http://127.0.0.1:3000',
      TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
      TEMPORAL_NAMESPACE: 'throughline',
      THROUGHLINE_TASK_QUEUE_PREFIX: '',
      SHOPIFY_WEBHOOK_SECRET: ['shopify-test-secret'],
      CARRIER_SANDBOX_WEBHOOK_SECRET: ['whsec_Y2Fycmllci10ZXN0LXNlY3JldA=='],
      SANDBOX_PAYMENTS_WEBHOOK_SECRET: ['whsec_cGF5bWVudHMtdGVzdC1zZWNyZXQ='],
      STRIPE_WEBHOOK_SECRET: ['whsec_stripe_test_secret'],
      WEBHOOK_PRIVATE_TARGETS: ['127.0.0.1/32'],
    },
    ...options.deps,
  };
  const app = createApp(deps, options.routes);
  const check = createAnswerCheck(options.routes);
  return {
    app,
    deps,
    call: (method, path, key = ADMIN_KEY) =>
      request(app)
        [method](path)
        .set('Authorization', `Bearer ${key}`)
        .expect(({ status, headers, text, type, body }) => {
          const contentType = headers['content-type'] ?? '';
          const sent: unknown = type === 'text/html' ? text : body;
          const breach = check({ method, url: path, status, contentType, body: sent });
          if (breach !== null) throw new Error(breach);
        }),
  };
}
