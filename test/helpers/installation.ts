import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Client, Connection } from '@temporalio/client';

import { freePort } from '../../scripts/runtime/ports';
import { lastLines, spawnLogged } from '../../scripts/runtime/spawn-logged';
import type { TestContext } from './context';
import { createTestDatabase } from './database';
import {
  request,
  setPolicies,
  SHOPIFY_SECRET,
  STRIPE_SECRET,
  type System,
  WEBHOOK_SECRET,
} from './system';

const ROOT = path.resolve(__dirname, '../..');
const MAINS = {
  api: 'dist/api/main.js',
  worker: 'dist/workers/main.js',
  sandbox: 'dist/integrations/sandbox/main.js',
};

export type ProcessName = keyof typeof MAINS;

/** API, worker and sandbox as the processes that they are in production. */
export interface Installation extends Pick<System, 'db' | 'client' | 'api' | 'sandbox'> {
  /** SIGKILL; resolves when the process has ended. */
  kill(name: ProcessName): Promise<void>;
  /** Resolves when it serves. */
  start(name: ProcessName): Promise<void>;
  /** What the process has logged last. */
  log(name: ProcessName): string;
  stop(): Promise<void>;
}

/** Starts the three processes of the built code on a database of their own, against the given servers. */
export async function startInstallation(
  context: TestContext,
  policies: Readonly<Record<string, unknown>> = {},
): Promise<Installation> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'throughline-processes-'));
  const db = await createTestDatabase({ context });
  await setPolicies(db, { surveyDelay: 'P3D', ...policies });
  const [apiPort, sandboxPort, smtpPort] = [await freePort(), await freePort(), await freePort()];
  const apiUrl = `http://127.0.0.1:${String(apiPort)}`;
  const sandboxUrl = `http://127.0.0.1:${String(sandboxPort)}`;
  const env = {
    ...process.env,
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    CRM_DATABASE_URL: db.urls.crm,
    OMS_DATABASE_URL: db.urls.oms,
    OMS_POOL_MAX: '20',
    TEMPORAL_ADDRESS: context.temporalAddress,
    TEMPORAL_NAMESPACE: context.temporalNamespace,
    THROUGHLINE_TASK_QUEUE_PREFIX: '',
    PORT: String(apiPort),
    PUBLIC_URL: apiUrl,
    API_URL: apiUrl,
    SANDBOX_URL: sandboxUrl,
    SANDBOX_PORT: String(sandboxPort),
    SMTP_URL: `smtp://127.0.0.1:${String(smtpPort)}`,
    SANDBOX_SMTP_PORT: String(smtpPort),
    SANDBOX_STATE_DIR: path.join(folder, 'sandbox'),
    LINK_SECRET: 'link-secret-of-the-tests-0123456789',
    SHOPIFY_WEBHOOK_SECRET: SHOPIFY_SECRET,
    CARRIER_SANDBOX_WEBHOOK_SECRET: WEBHOOK_SECRET,
    SANDBOX_PAYMENTS_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_WEBHOOK_SECRET: STRIPE_SECRET,
  };
  const connection = Connection.lazy({ address: context.temporalAddress });
  const children = new Map<ProcessName, ChildProcess>();
  const logOf = (name: ProcessName): string => path.join(folder, `${name}.log`);

  async function kill(name: ProcessName, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = children.get(name);
    children.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  async function start(name: ProcessName): Promise<void> {
    const main = path.join(ROOT, MAINS[name]);
    const child = spawnLogged(process.execPath, ['--enable-source-maps', main], {
      ...{ cwd: ROOT, env, logFile: logOf(name), channel: true },
    });
    children.set(name, child);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${name} ended\n${lastLines(logOf(name))}`);
    });
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
  }
  const installation: Installation = {
    db,
    client: new Client({ connection, namespace: context.temporalNamespace }),
    api: (method, route, body, call = {}) => request(apiUrl, method, route, body, call),
    sandbox: (method, route, body) => request(sandboxUrl, method, route, body, {}),
    kill: (name) => kill(name),
    start,
    log: (name) => lastLines(logOf(name)),
    async stop() {
      for (const name of children.keys()) await kill(name);
      await connection.close();
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await Promise.all([start('api'), start('worker'), start('sandbox')]);
  return installation;
}
