import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { bootstrapDatabase, databaseUrls, type DatabaseUrls, type RolePasswords } from './database';
import { freePort } from './ports';
import { initialisePostgres, spawnPostgres, superuserUrl, waitForPostgres } from './postgres';
import { preparePostgresFiles } from './postgres-files';
import { stopProcess } from './processes';
import { findTemporalCli } from './temporal-cli';
import { ensureNamespace } from './temporal-namespace';
import { spawnTemporalServer, waitForTemporal } from './temporal-server';

const PASSWORDS: RolePasswords = { owner: 'test', crm: 'test', oms: 'test' };

export interface TestServices {
  /** The superuser's URL, in database `postgres`: makes and drops databases. */
  readonly postgresAdminUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly pids: { readonly postgres: number; readonly temporal: number };
  /** Ends both servers and removes their files. */
  stop(): Promise<void>;
}

export interface TestServicesOptions {
  /** Further namespaces, for instance one per Jest worker. */
  readonly namespaces?: readonly string[];
  /** Keep Temporal's state in a file, so that a test may kill and restart it. */
  readonly durable?: boolean;
}

/**
 * Starts a PostgreSQL (without fsync) and a Temporal server on free ports, with the roles and the namespace
 * `throughline` made. For Jest's global set-up; takes about 3 s, and needs nothing but what npm installed.
 */
export async function startTestServices(options: TestServicesOptions = {}): Promise<TestServices> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'throughline-test-'));
  chmodSync(folder, 0o711);
  const children: ChildProcess[] = [];
  try {
    const [postgresAdminUrl, temporalAddress] = await Promise.all([
      startPostgres(folder, children),
      startTemporal(folder, children, options),
    ]);
    const pidOf = (port: number): number =>
      children.find((c) => c.spawnargs.includes(String(port)))?.pid ?? 0;
    return {
      postgresAdminUrl,
      temporalAddress,
      temporalNamespace: 'throughline',
      pids: {
        postgres: pidOf(Number(new URL(postgresAdminUrl).port)),
        temporal: pidOf(Number(temporalAddress.split(':')[1])),
      },
      stop: () => stopAll(folder, children),
    };
  } catch (err) {
    await stopAll(folder, children);
    throw err;
  }
}

/**
 * Makes a database with empty schemas on the test server, and returns the URLs of owner and runtime roles.
 * Migrate it with `ADMIN_DATABASE_URL=<admin> node dist/db/migrate.js`, then clone it by `create database … template`.
 */
export async function createTestDatabase(superuser: string, name: string): Promise<DatabaseUrls> {
  return bootstrapDatabase(superuser, name, PASSWORDS);
}

/** The URLs of a database that was cloned from one that `createTestDatabase` made. */
export function testDatabaseUrls(superuser: string, name: string): DatabaseUrls {
  return databaseUrls(superuser, name, PASSWORDS);
}

async function startPostgres(folder: string, children: ChildProcess[]): Promise<string> {
  const options = {
    ...preparePostgresFiles(folder, path.basename(folder)),
    port: await freePort(),
    password: 'test',
    stateDir: folder,
    logFile: path.join(folder, 'postgres.log'),
    unsafe: true,
    settings: { max_connections: '400', shared_buffers: '256MB' },
  };
  await initialisePostgres(options);
  children.push(spawnPostgres(options));
  const url = superuserUrl(options);
  await waitForPostgres(url, 30_000);
  return url;
}

async function startTemporal(
  folder: string,
  children: ChildProcess[],
  options: TestServicesOptions,
): Promise<string> {
  const cli = await findTemporalCli();
  const port = await freePort();
  mkdirSync(path.join(folder, 'temporal'));
  const file =
    options.durable === true ? { dbFile: path.join(folder, 'temporal', 'temporal.db') } : {};
  children.push(
    spawnTemporalServer({ cli, port, ...file, logFile: path.join(folder, 'temporal.log') }),
  );
  const address = `127.0.0.1:${port}`;
  await waitForTemporal(address, 30_000);
  for (const namespace of ['throughline', ...(options.namespaces ?? [])]) {
    await ensureNamespace({ address }, namespace);
  }
  return address;
}

async function stopAll(folder: string, children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async ({ pid }) => {
      if (pid !== undefined) await stopProcess(pid, 'SIGINT', 10_000);
    }),
  );
  rmSync(folder, { recursive: true, force: true });
}
