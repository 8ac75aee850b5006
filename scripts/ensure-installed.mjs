import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The repository's root. */
export const ROOT = path.resolve(import.meta.dirname, '..');

/**
 * Runs `npm ci` when node_modules is missing or differs from the lock file, so that no command needs it first.
 * Imports no package itself. Does nothing when all is there; exits when npm fails.
 */
export function ensureInstalled() {
  const reason = whatIsMissing();
  if (reason === null) return;
  process.stdout.write(`Installing packages with "npm ci": ${reason}.\n`);
  const { status } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: ROOT,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Compares contents, not file times: a checkout touches files in any order. */
function whatIsMissing() {
  const wanted = readPackages('package-lock.json');
  const present = readPackages('node_modules/.package-lock.json');
  if (present === null) return 'node_modules is missing';
  for (const [name, { version, optional }] of Object.entries(wanted)) {
    const found = present[name];
    if (name === '' || (optional && !found)) continue;
    if (found?.version !== version) return `${name} is not ${version} of package-lock.json`;
  }
  return null;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages;
  } catch {
    return null;
  }
}

if (process.argv[1] === import.meta.filename) ensureInstalled();
