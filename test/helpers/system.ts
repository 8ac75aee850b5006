import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { pino } from 'pino';

import { createApp } from '../../src/api/app';
import { HttpCarrier } from '../../src/integrations/http-carrier';
import { HttpPaymentGateway } from '../../src/integrations/http-payment-gateway';
import { startSandbox } from '../../src/integrations/sandbox/sandbox';
import { SmtpMailer } from '../../src/integrations/smtp-mailer';
import { createWebhookSender } from '../../src/integrations/webhook-sender';
import { createLogger } from '../../src/platform/logger';
import { WebhookTargets } from '../../src/platform/webhook-targets';
import { workflowLinksTo } from '../../src/platform/workflow-links';
import { createWorkers, startLanes, type WorkerDeps } from '../../src/workers/workers';
import { testContext } from './context';
import { SELLER } from './documents';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './database';
import { createAnswerCheck } from './openapi';

export const BUNDLE = path.resolve(__dirname, '../../dist/workflow-bundle.js');
export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of the tests, 24 b').toString('base64')}`;
export const ADMIN_KEY = 'tl_test_admin_key_0000000000000000000000000000';
export const SHOPIFY_SECRET = 'shopify-secret-of-the-tests';
export const STRIPE_SECRET = 'whsec_stripe_secret_of_the_tests';
/** The one that takes its place. */
export const STRIPE_NEXT_SECRET = 'whsec_stripe_secret_to_come';
export const LINK_SECRET = 'link-secret-of-the-tests-0123456789';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Answers are read the way a caller does: by the contract, without our types.
  readonly body: any;
}

export interface CallOptions {
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly headers?: Record<string, string>;
  readonly rawBody?: string;
}

export interface System {
  readonly db: TestDatabase;
  readonly client: Client;
  readonly prefix: string;
  readonly apiUrl: string;
  readonly sandboxUrl: string;
  readonly smtpUrl: string;
  readonly workerDeps: WorkerDeps;
  api(method: string, route: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  sandbox(method: string, route: string, body?: unknown): Promise<Answer>;
  /** Starts the workers; a system starts with them running unless told otherwise. */
  startWorkers(): Promise<void>;
  stopWorkers(): Promise<void>;
  stop(): Promise<void>;
}

export interface SystemOptions extends TestDatabaseOptions {
  /** Policies to set before anything starts, e.g. short deadlines. */
  readonly policies?: Readonly<Record<string, unknown>>;
  readonly withoutWorkers?: boolean;
  readonly logLevel?: string;
}

let counter = 0;
/** Every answer of the API must be one that the OpenAPI document promises. */
const checkAnswer = createAnswerCheck();

/** API, workers and sandbox in this process, on a database and task queues of their own, against the shared servers. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const context = options.context ?? testContext();
  counter += 1;
  const prefix = `t${String(process.pid)}-${String(Date.now())}-${String(counter)}-`;
  const db = await createTestDatabase(options);
  await setPolicies(db, { surveyDelay: 'P3D', ...options.policies });
  const logger = createLogger({ service: 'test', level: options.logLevel ?? 'error' });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'throughline-sandbox-'));
  const connection = await Connection.connect({ address: context.temporalAddress });
  const client = new Client({ connection, namespace: context.temporalNamespace });
  const secrets = [WEBHOOK_SECRET];
  const config = {
    PUBLIC_URL: 'http://127.0.0.1',
    TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
    TEMPORAL_NAMESPACE: context.temporalNamespace,
    THROUGHLINE_TASK_QUEUE_PREFIX: prefix,
    SHOPIFY_WEBHOOK_SECRET: [SHOPIFY_SECRET],
    CARRIER_SANDBOX_WEBHOOK_SECRET: secrets,
    SANDBOX_PAYMENTS_WEBHOOK_SECRET: secrets,
    STRIPE_WEBHOOK_SECRET: [STRIPE_SECRET, STRIPE_NEXT_SECRET],
    WEBHOOK_PRIVATE_TARGETS: ['127.0.0.1'],
  };
  const server = createServer(
    createApp({ oms: db.oms, crm: db.crm, temporal: client, config, logger }),
  );
  const apiUrl = await listen(server);
  const sandbox = await startSandbox({
    host: '127.0.0.1',
    port: 0,
    smtpPort: 0,
    stateDir: folder,
    apiUrl,
    secrets: { carrier: secrets, payments: secrets, shopify: [SHOPIFY_SECRET] },
    logger: pino({ level: 'silent' }),
  });
  const mailer = new SmtpMailer({ url: sandbox.smtpUrl });
  const workerDeps = {
    oms: db.oms,
    crm: db.crm,
    gateway: new HttpPaymentGateway({ baseUrl: `${sandbox.url}/gateway`, timeoutMs: 5000 }),
    carrier: new HttpCarrier({ baseUrl: `${sandbox.url}/carrier`, timeoutMs: 5000 }),
    mailer,
    mailFrom: 'Throughline <orders@throughline.example>',
    publicUrl: apiUrl,
    linkSecret: LINK_SECRET,
    seller: SELLER,
    sendWebhook: createWebhookSender({
      targets: new WebhookTargets(config.WEBHOOK_PRIVATE_TARGETS),
    }),
    linkTo: workflowLinksTo(config),
    temporal: client,
    taskQueuePrefix: prefix,
    logger,
  };
  let workers: RunningWorkers | undefined;

  const system: System = {
    db,
    client,
    prefix,
    apiUrl,
    sandboxUrl: sandbox.url,
    smtpUrl: sandbox.smtpUrl,
    workerDeps: { ...workerDeps, stop: new AbortController().signal },
    async api(method, route, body, call = {}) {
      const answer = await request(apiUrl, method, route, body, call);
      const contentType = answer.headers.get('content-type') ?? '';
      const breach = checkAnswer({ method, url: route, contentType, ...answer });
      if (breach !== null) throw new Error(breach);
      return answer;
    },
    sandbox: (method, route, body) => request(sandbox.url, method, route, body, {}),
    async startWorkers() {
      workers ??= await runWorkers(workerDeps, context.temporalAddress, context.temporalNamespace);
      await startLanes(client, prefix);
    },
    async stopWorkers() {
      await workers?.stop();
      workers = undefined;
    },
    async stop() {
      await system.stopWorkers();
      mailer.close();
      await sandbox.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await connection.close();
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (options.withoutWorkers !== true) await system.startWorkers();
  return system;
}

interface RunningWorkers {
  stop(): Promise<void>;
}

async function runWorkers(
  deps: Omit<WorkerDeps, 'stop'>,
  address: string,
  namespace: string,
): Promise<RunningWorkers> {
  installQuietRuntime();
  const connection = await NativeConnection.connect({ address });
  const stopping = new AbortController();
  const workers = await createWorkers(
    { ...deps, stop: stopping.signal },
    { connection, namespace, workflowBundle: { codePath: BUNDLE } },
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    async stop() {
      stopping.abort();
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

let isInstalled = false;

function installQuietRuntime(): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: ignore,
      trace: ignore,
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: ignore,
    },
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR' } } },
  });
}

function ignore(): void {
  // The tests look at state, not at the SDK's log.
}

export async function setPolicies(
  db: TestDatabase,
  policies: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const [key, value] of Object.entries(policies)) {
    await db.admin.query(
      `insert into oms.policies (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`,
      [key, JSON.stringify(value)],
    );
  }
}

async function listen(server: Server): Promise<string> {
  // Longer than any pause of the callers: a socket closed under a request is no answer.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return `http://127.0.0.1:${String(address.port)}`;
}

export async function request(
  base: string,
  method: string,
  route: string,
  body: unknown,
  call: CallOptions,
): Promise<Answer> {
  const hasBody = body !== undefined || call.rawBody !== undefined;
  const response = await fetch(`${base}${route}`, {
    method,
    redirect: 'manual',
    headers: {
      authorization: `Bearer ${call.key ?? ADMIN_KEY}`,
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(call.idempotencyKey === undefined ? {} : { 'idempotency-key': call.idempotencyKey }),
      ...call.headers,
    },
    ...(hasBody ? { body: call.rawBody ?? JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
