/**
 * `npm test`: the static checks, then each Jest project, with the time of every part. `npm test -- unit replay` runs those
 * parts only. Ends with "N passed, N failed"; the same line stays in test-results/summary.txt.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, ROOT } from './ensure-installed.mjs';

const RESULTS = path.join(ROOT, 'test-results');

/** Limits end a part that hangs; they are far above what it needs. */
const LIMIT_MINUTES = { check: 5, unit: 5, replay: 5, integration: 8, e2e: 10, faults: 10 };

/** What kills servers or fills both cores must have the machine to itself; what waits much shares it well. */
const WORKERS = { faults: 1, e2e: 3 };

function runPart(name) {
  const startedAt = performance.now();
  process.stdout.write(`\n── ${name}\n`);
  const outcome = name === 'check' ? runChecks() : runJest(name);
  return { name, ...outcome, seconds: (performance.now() - startedAt) / 1000 };
}

function runChecks() {
  const isOk = runNode('check', ['scripts/check.mjs']);
  return { passed: 0, failed: isOk ? 0 : 1 };
}

function runJest(name) {
  const file = path.join(RESULTS, `${name}.json`);
  const workers = name in WORKERS ? ['-w', String(WORKERS[name])] : [];
  const args = ['--selectProjects', name, '--ci', '--passWithNoTests', ...workers];
  const isOk = runNode(name, [
    'node_modules/jest/bin/jest.js',
    ...args,
    '--json',
    `--outputFile=${file}`,
  ]);
  const { passed, failed } = readCounts(file);
  return { passed, failed: isOk ? failed : Math.max(failed, 1) };
}

/** A suite that does not load has no tests to count: it is one failure. */
function readCounts(file) {
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function runNode(part, args) {
  const timeout = LIMIT_MINUTES[part] * 60_000;
  const child = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', timeout });
  if (child.error) process.stdout.write(`${part}: ${child.error.message}\n`);
  return child.status === 0;
}

function report(parts) {
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  process.stdout.write('\n');
  for (const part of parts) {
    const counts = part.name === 'check' ? '' : `  ${part.passed} passed, ${part.failed} failed`;
    const verdict = part.failed === 0 ? 'ok  ' : 'FAIL';
    process.stdout.write(
      `${verdict}  ${part.name.padEnd(12)}${formatSeconds(part.seconds)}${counts}\n`,
    );
  }
  process.stdout.write(`      ${'total'.padEnd(12)}${formatSeconds(seconds)}\n`);
  const summary = `${passed} passed, ${failed} failed\n`;
  writeFileSync(path.join(RESULTS, 'summary.txt'), summary);
  process.stdout.write(summary);
  return failed === 0;
}

function formatSeconds(seconds) {
  return `${seconds.toFixed(1).padStart(6)} s`;
}

function main() {
  ensureInstalled();
  const known = Object.keys(LIMIT_MINUTES);
  const chosen = process.argv.slice(2);
  const unknown = chosen.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    process.stdout.write(`unknown: ${unknown.join(', ')}; the parts are ${known.join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS);
  const parts = known.filter((name) => chosen.length === 0 || chosen.includes(name)).map(runPart);
  if (!report(parts)) process.exitCode = 1;
}

main();
