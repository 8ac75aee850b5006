/** `npm run check`: every static check, two at a time, with a short report. Prints the output of what fails. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, ROOT } from './ensure-installed.mjs';

const CONCURRENCY = 2;

const FOLDERS = ['src', 'scripts', 'test', 'bench'].filter((name) => isThere(name));

/** The slowest first, so that the others fill the second slot meanwhile. */
const CHECKS = [
  ['lint', 'eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.'],
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['format', 'prettier', '--check', '--cache', '--log-level', 'warn', '.'],
  ['imports', 'depcruise', '--output-type', 'err', ...FOLDERS],
  ['dead code', 'knip', '--no-progress'],
  ['docs', 'tsx', 'scripts/docs.ts', '--check'],
  ...(isThere('scripts/openapi.ts') ? [['openapi', 'tsx', 'scripts/openapi.ts', '--check']] : []),
];

function isThere(name) {
  return existsSync(path.join(ROOT, name));
}

function run(tool, args) {
  return new Promise((resolve) => {
    const output = [];
    const env = { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) };
    const child = spawn(path.join(ROOT, 'node_modules', '.bin', tool), args, { cwd: ROOT, env });
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => resolve({ code: 1, text: `${error.message}\n` }));
    child.on('close', (code) => resolve({ code, text: Buffer.concat(output).toString() }));
  });
}

async function runCheck([name, tool, ...args]) {
  const startedAt = performance.now();
  const { code, text } = await run(tool, args);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(10)} ${seconds} s\n`);
  if (code !== 0) process.stdout.write(`${text.trimEnd()}\n\n`);
  return code === 0;
}

async function main() {
  ensureInstalled();
  const waiting = [...CHECKS];
  const failed = [];
  async function takeTurns() {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      if (!(await runCheck(check))) failed.push(check[0]);
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, takeTurns));
  if (failed.length === 0) return;
  process.stdout.write(`check failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

await main();
