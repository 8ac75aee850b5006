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

interface Running {
  readonly children: ChildProcess[];
  readonly folders: string[];
}

/**
 * Starts a PostgreSQL (without fsync) and a Temporal server on free ports, with the roles and the namespace
 * `throughline` made. For Jest's global set-up; takes about 3 s, and needs nothing but what npm installed.
 */
export async function startTestServices(options: TestServicesOptions = {}): Promise<TestServices> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'throughline-test-'));
  chmodSync(folder, 0o711);
  const running: Running = { children: [], folders: [folder] };
  try {
    const [postgresAdminUrl, temporalAddress] = await Promise.all([
      startPostgres(folder, running),
      startTemporal(folder, running, options),
    ]);
    const pidOf = (port: number): number =>
      running.children.find((c) => c.spawnargs.includes(String(port)))?.pid ?? 0;
    return {
      postgresAdminUrl,
      temporalAddress,
      temporalNamespace: 'throughline',
      pids: {
        postgres: pidOf(Number(new URL(postgresAdminUrl).port)),
        temporal: pidOf(Number(temporalAddress.split(':')[1])),
      },
      stop: () => stopAll(running),
    };
  } catch (err) {
    await stopAll(running);
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

async function startPostgres(folder: string, running: Running): Promise<string> {
  const files = preparePostgresFiles(folder, path.basename(folder));
  running.folders.push(path.dirname(files.dataDir));
  const options = {
    ...files,
    port: await freePort(),
    password: 'test',
    stateDir: folder,
    logFile: path.join(folder, 'postgres.log'),
    unsafe: true,
    settings: { max_connections: '400', shared_buffers: '256MB' },
  };
  await initialisePostgres(options);
  running.children.push(spawnPostgres(options));
  const url = superuserUrl(options);
  await waitForPostgres(url, 30_000);
  return url;
}

async function startTemporal(
  folder: string,
  { children }: Running,
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

async function stopAll({ children, folders }: Running): Promise<void> {
  await Promise.all(
    children.map(async ({ pid }) => {
      if (pid !== undefined) await stopProcess(pid, 'SIGINT', 10_000);
    }),
  );
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
