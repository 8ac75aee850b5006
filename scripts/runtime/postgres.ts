import { type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

import { type PostgresFiles } from './postgres-files';
import { readCommandLine, stopProcess } from './processes';
import { messageOf } from './say';
import { spawnLogged } from './spawn-logged';

export interface PostgresOptions extends PostgresFiles {
  readonly port: number;
  /** Password of the superuser `postgres`, who may connect from this machine only. */
  readonly password: string;
  /** Named on the command line, so that a later start knows whose server it is. */
  readonly stateDir: string;
  readonly logFile: string;
  /** In a process group of its own: a Ctrl-C at the terminal does not reach it. */
  readonly detached?: boolean;
  /** For tests: loses data at a power cut (not at a kill), and is much faster. */
  readonly unsafe?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * A commit is still handed to the system before it is answered, so only the machine's own end can lose one. A password
 * that guards nothing is hashed once instead of 4,096 times for each of the thousands of connections.
 */
const UNSAFE_SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  scram_iterations: '1',
  autovacuum: 'off',
};

/** Makes the cluster unless it is there: UTF-8 whatever the machine's locale is. */
export async function initialisePostgres(options: PostgresOptions): Promise<void> {
  if (existsSync(path.join(options.dataDir, 'PG_VERSION'))) return;
  const passwordFile = path.join(os.tmpdir(), `throughline-pg-${process.pid}-${options.port}`);
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  const { uid, gid } = options.account;
  if (uid !== undefined && gid !== undefined) chownSync(passwordFile, uid, gid);
  try {
    await runInitdb(options, passwordFile);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function runInitdb(options: PostgresOptions, passwordFile: string): Promise<void> {
  const flags = [
    `--pgdata=${options.dataDir}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    ...(options.unsafe === true ? ['--no-sync'] : []),
  ];
  const child = spawnTool(
    options,
    'initdb',
    process.platform === 'darwin' ? withoutLocale(flags) : flags,
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`initdb failed with code ${code}; see ${options.logFile}`);
}

/** macOS has no C.UTF-8: the server's own locale provider has. */
function withoutLocale(flags: readonly string[]): string[] {
  const rest = flags.filter((flag) => !flag.startsWith('--locale='));
  return [...rest, '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
}

/**
 * Stops a server that an earlier supervisor left behind in this data directory. `postmaster.pid` is only read:
 * the server removes it, and deleting it under a live one would allow two on the same files.
 */
export async function stopLeftoverPostgres(dataDir: string): Promise<void> {
  const pidFile = path.join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !readCommandLine(pid).includes(dataDir)) return;
  await stopProcess(pid, 'SIGINT', 15_000);
}

/** Starts the server process; `waitForPostgres` says when it answers. */
export function spawnPostgres(options: PostgresOptions): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(options.unsafe === true ? UNSAFE_SETTINGS : {}),
    ...options.settings,
    'throughline.state_dir': options.stateDir,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawnTool(options, 'postgres', [
    '-D',
    options.dataDir,
    '-p',
    String(options.port),
    ...flags,
  ]);
}

function spawnTool(options: PostgresOptions, tool: string, flags: readonly string[]): ChildProcess {
  return spawnLogged(path.join(options.nativeDir, 'bin', tool), flags, {
    ...options.account,
    cwd: '/',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    logFile: options.logFile,
    detached: options.detached === true,
  });
}

/** The URL of the superuser, in the given database. */
export function superuserUrl(options: PostgresOptions, database = 'postgres'): string {
  return `postgres://postgres:${options.password}@127.0.0.1:${options.port}/${database}`;
}

/** Resolves when the server takes connections (it may have to recover first). */
export async function waitForPostgres(url: string, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (err) {
      if (Date.now() > until)
        throw new Error(`PostgreSQL does not answer: ${messageOf(err)}`, { cause: err });
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(50);
  }
}
