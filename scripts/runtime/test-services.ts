import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ensureNamespace } from '../../src/platform/temporal-namespace';
import { bootstrapDatabase, databaseUrls, type DatabaseUrls, type RolePasswords } from './database';
import { freePort } from './ports';
import {
  initialisePostgres,
  spawnPostgres,
  stopLeftoverPostgres,
  superuserUrl,
  waitForPostgres,
} from './postgres';
import { type PostgresFiles, preparePostgresFiles } from './postgres-files';
import { hasEnded, listChildren, stopProcess } from './processes';
import { findTemporalCli } from './temporal-cli';
import { spawnTemporalServer, waitForTemporal } from './temporal-server';

const NAMESPACE = 'throughline';
const START_TIMEOUT_MS = 30_000;
const AGAIN_MS = 250;
const PASSWORDS: RolePasswords = { owner: 'test', crm: 'test', oms: 'test' };

/** Commits are answered before they are written. */
const FORGETFUL = { synchronous_commit: 'off', wal_level: 'minimal', max_wal_senders: '0' };

/** One server, which a test may end and start again on the same port and files. */
export interface TestServer {
  pid(): number;
  /** SIGKILL; resolves when the process has ended. */
  kill(): Promise<void>;
  /** Resolves when it serves again. */
  start(): Promise<void>;
}

export interface TestServices {
  /** The superuser's URL, in database `postgres`: makes and drops databases. */
  readonly postgresAdminUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly pids: { readonly postgres: number; readonly temporal: number };
  readonly postgres: TestServer;
  readonly temporal: TestServer;
  /** Ends both servers and removes their files. */
  stop(): Promise<void>;
}

export interface TestServicesOptions {
  /** Further namespaces, for instance one per Jest worker. */
  readonly namespaces?: readonly string[];
  /** What they were told survives their kill, so that a test may restart them. */
  readonly durable?: boolean;
}

/**
 * Starts a PostgreSQL (without fsync) and a Temporal server on free ports, with the roles and the namespace
 * `throughline` made. For Jest's global set-up, and for a test that ends servers; takes about 3 s, and needs
 * nothing but what npm installed.
 */
export async function startTestServices(options: TestServicesOptions = {}): Promise<TestServices> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'throughline-test-'));
  chmodSync(folder, 0o711);
  const files = preparePostgresFiles(folder, path.basename(folder));
  const postgres = await describePostgres(folder, files, options);
  const temporal = await describeTemporal(folder, options);

  async function stop(): Promise<void> {
    await Promise.all([postgres.server.stop(), temporal.server.stop()]);
    for (const made of [folder, path.dirname(files.dataDir)]) {
      rmSync(made, { recursive: true, force: true });
    }
  }
  try {
    await Promise.all([postgres.server.start(), temporal.server.start()]);
    for (const namespace of [NAMESPACE, ...(options.namespaces ?? [])]) {
      await ensureNamespace({ address: temporal.address }, namespace);
    }
  } catch (err) {
    await stop();
    throw err;
  }
  return {
    postgresAdminUrl: postgres.url,
    temporalAddress: temporal.address,
    temporalNamespace: NAMESPACE,
    pids: { postgres: postgres.server.pid(), temporal: temporal.server.pid() },
    postgres: postgres.server,
    temporal: temporal.server,
    stop,
  };
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

interface StoppableServer extends TestServer {
  stop(): Promise<void>;
}

async function describePostgres(
  folder: string,
  files: PostgresFiles,
  { durable }: TestServicesOptions,
): Promise<{ url: string; server: StoppableServer }> {
  const options = {
    ...files,
    port: await freePort(),
    password: 'test',
    stateDir: folder,
    logFile: path.join(folder, 'postgres.log'),
    unsafe: true,
    settings: {
      max_connections: '400',
      shared_buffers: '256MB',
      ...(durable === true ? {} : FORGETFUL),
    },
  };
  const url = superuserUrl(options);
  const server = createServer(
    async () => {
      await stopLeftoverPostgres(options.dataDir);
      await initialisePostgres(options);
      return spawnPostgres(options);
    },
    () => waitForPostgres(url, START_TIMEOUT_MS),
  );
  return { url, server };
}

async function describeTemporal(
  folder: string,
  { durable }: TestServicesOptions,
): Promise<{ address: string; server: StoppableServer }> {
  const options = {
    cli: await findTemporalCli(),
    port: await freePort(),
    logFile: path.join(folder, 'temporal.log'),
    ...(durable === true ? { dbFile: path.join(folder, 'temporal.db') } : {}),
  };
  const address = `127.0.0.1:${options.port}`;
  const server = createServer(
    () => Promise.resolve(spawnTemporalServer(options)),
    () => waitForTemporal(address, START_TIMEOUT_MS),
  );
  return { address, server };
}

function createServer(
  spawn: () => Promise<ChildProcess>,
  untilServing: () => Promise<void>,
): StoppableServer {
  let child: ChildProcess | undefined;
  let gone: Promise<unknown> = Promise.resolve();
  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child?.pid === undefined) return;
    // A back end that is at work outlives a killed postmaster by a moment, and may commit.
    const servants = listChildren(child.pid);
    await stopProcess(child.pid, signal, 10_000);
    await Promise.all(servants.map((pid) => hasEnded(pid, 10_000)));
    // Until it is reaped its pid looks alive, and PostgreSQL refuses to start beside its lock file.
    await gone;
    child = undefined;
  }
  return {
    pid: () => child?.pid ?? 0,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    start: async () => {
      const until = Date.now() + START_TIMEOUT_MS;
      while (!(await startOnce())) {
        if (Date.now() > until) throw new Error('the server ends whenever it is started');
        await sleep(AGAIN_MS);
      }
    },
  };
  /** False: it ended, as PostgreSQL does while a back end of its killed predecessor still holds the shared memory. */
  async function startOnce(): Promise<boolean> {
    child = await spawn();
    gone = once(child, 'exit');
    return Promise.race([untilServing().then(() => true), gone.then(() => false)]);
  }
}
