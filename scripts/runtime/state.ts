import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { makeWebhookSecret } from '../../src/platform/standard-webhooks';
import { readCommandLine } from './processes';
import { codeOf } from './say';

const PRIVATE = 0o600;
const LOG_LIMIT_BYTES = 20_000_000;
const SUPERVISOR_MARK = 'start.mjs';

/** Where an installation keeps everything; one supervisor at a time holds it. */
export interface State {
  readonly dir: string;
  /** Made with the directory; tells it from a later one of the same path. */
  readonly id: string;
  readonly release: () => void;
}

/** What `npm start` writes for other programs: the public contract's run.json. */
export interface Run {
  readonly apiUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string;
  readonly sandboxUrl: string;
  readonly smtpUrl: string;
  readonly adminKey: string;
  readonly adminDatabaseUrl: string;
  readonly crmDatabaseUrl: string;
  readonly omsDatabaseUrl: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Null for a part that is not ours. */
  readonly pids: Readonly<Record<string, number | null>>;
  readonly supervisorPid: number;
  readonly stateDir: string;
  readonly postgresDataDir: string | null;
  readonly startedAt: string;
}

/** Opens the state directory and holds it; throws when another supervisor does. */
export function openState(folder: string): State {
  // As root others may pass through, not look: PostgreSQL runs as another user. Private files are 0600.
  mkdirSync(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const dir = realpathSync(folder);
  mkdirSync(path.join(dir, 'logs'), { recursive: true, mode: 0o700 });
  const lock = path.join(dir, 'supervisor.pid');
  takeLock(lock, dir);
  const id = readOrCreate(path.join(dir, 'id'), () => randomUUID());
  return { dir, id, release: () => rmSync(lock, { force: true }) };
}

function takeLock(lock: string, dir: string): void {
  for (;;) {
    try {
      const file = openSync(lock, 'wx', PRIVATE);
      writeFileSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (err) {
      if (codeOf(err) !== 'EEXIST') throw err;
      const pid = Number(readFileSync(lock, 'utf8'));
      if (isSupervisor(pid)) {
        throw new Error(
          `Throughline runs already in ${dir} (process ${pid}). ` +
            'Stop it, or set THROUGHLINE_STATE_DIR (and ports) for a second one.',
          { cause: err },
        );
      }
      rmSync(lock, { force: true });
    }
  }
}

/** A process id may have been given to another program since. */
function isSupervisor(pid: number): boolean {
  return pid > 1 && pid !== process.pid && readCommandLine(pid).includes(SUPERVISOR_MARK);
}

/** The running installation of a state directory, if there is one and it is ready. */
export function readRun(dir: string): Run | undefined {
  const file = path.join(dir, 'run.json');
  if (!existsSync(file)) return undefined;
  const run = JSON.parse(readFileSync(file, 'utf8')) as Run;
  return readCommandLine(run.supervisorPid).includes(SUPERVISOR_MARK) ? run : undefined;
}

/** The pids that the last run wrote; after a SIGKILL some of them may still be ending. */
export function readLastPids(state: State): readonly number[] {
  const file = path.join(state.dir, 'run.json');
  if (!existsSync(file)) return [];
  const { pids } = JSON.parse(readFileSync(file, 'utf8')) as Run;
  return Object.values(pids).filter((pid) => pid !== null);
}

/** Replaces run.json in one move: a reader sees the old one or the new one. */
export function writeRun(state: State, run: Run): void {
  const file = path.join(state.dir, 'run.json');
  writeFileSync(`${file}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: PRIVATE });
  renameSync(`${file}.new`, file);
}

export function removeRun(state: State): void {
  rmSync(path.join(state.dir, 'run.json'), { force: true });
}

/** The admin's API key: made once, then kept. */
export function adminKey(state: State): string {
  return readOrCreate(
    path.join(state.dir, 'admin-key'),
    () => `tl_${randomBytes(32).toString('base64url')}`,
  );
}

/** Secrets of the installation by name: given ones win, missing ones are made once and kept. */
export function keepSecrets<K extends string>(
  state: State,
  given: Readonly<Record<K, string | undefined>>,
): Record<K, string> {
  const file = path.join(state.dir, 'secrets.json');
  const stored = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
    : {};
  const names = Object.keys(given) as K[];
  for (const name of names) {
    stored[name] ??= name.endsWith('_WEBHOOK_SECRET')
      ? makeWebhookSecret()
      : randomBytes(18).toString('base64url');
  }
  writeFileSync(file, `${JSON.stringify(stored, null, 2)}\n`, { mode: PRIVATE });
  const entries = names.map((name) => [name, given[name] ?? stored[name]]);
  return Object.fromEntries(entries) as Record<K, string>;
}

function readOrCreate(file: string, make: () => string): string {
  if (existsSync(file)) {
    const text = readFileSync(file, 'utf8').trim();
    if (text !== '') return text;
  }
  const made = make();
  writeFileSync(file, `${made}\n`, { mode: PRIVATE });
  return made;
}

/** A part's log file; a big one of earlier runs is set aside. */
export function logFile(state: State, part: string): string {
  const file = path.join(state.dir, 'logs', `${part}.log`);
  if (existsSync(file) && statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  return file;
}
