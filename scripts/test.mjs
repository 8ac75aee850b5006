/**
 * `npm test`: the static checks beside the tests, then what kills servers, with the time of every run. `npm test -- unit
 * replay` runs those parts only. Ends with "N passed, N failed"; the same line stays in test-results/summary.txt.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, ROOT } from './ensure-installed.mjs';

const RESULTS = path.join(ROOT, 'test-results');

/**
 * The runs of Jest, one after the other. What needs no server runs beside the checks; end-to-end files mostly wait, so
 * four at a time fill two cores; the crash matrix and what comes with many callers have the machine to themselves. The
 * limits end a run that hangs; they are far above what it needs.
 */
const RUNS = [
  { name: 'unit', parts: ['unit', 'replay'], workers: 1, limitMinutes: 6, isBesideChecks: true },
  { name: 'e2e', parts: ['integration', 'e2e'], workers: 4, limitMinutes: 10 },
  { name: 'faults', parts: ['faults'], workers: 1, limitMinutes: 10 },
];
const CHECK_LIMIT_MINUTES = 6;

/** Where the files of a part are, as Jest's projects say it; `unit` has all others. */
const FOLDERS = ['replay', 'integration', 'e2e', 'faults'];
const PARTS = ['check', ...RUNS.flatMap(({ parts }) => parts)];

/** Resolves with the run's verdict, time and what it printed, unless it printed at once. */
function run(args, limitMinutes, stdio) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const output = [];
    const timeout = limitMinutes * 60_000;
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio, timeout });
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', (err) => output.push(Buffer.from(`${err.message}\n`)));
    child.on('close', (code, signal) => {
      if (signal !== null) output.push(Buffer.from(`ended by ${signal}\n`));
      const text = Buffer.concat(output).toString();
      resolve({ isOk: code === 0, text, seconds: (performance.now() - startedAt) / 1000 });
    });
  });
}

/** What the checks print is shown in one piece, when they end. */
async function runChecks() {
  const { isOk, text, seconds } = await run(['scripts/check.mjs'], CHECK_LIMIT_MINUTES, 'pipe');
  process.stdout.write(`\n── check\n${text}\n`);
  return { name: 'check', seconds, parts: [], passed: 0, failed: isOk ? 0 : 1 };
}

async function runJest({ name, workers, limitMinutes }, parts) {
  const file = path.join(RESULTS, `${name}.json`);
  process.stdout.write(`\n── ${parts.join(', ')}\n`);
  const jest = ['node_modules/jest/bin/jest.js', '--selectProjects', ...parts, '--ci'];
  const flags = ['--passWithNoTests', '-w', String(workers), '--json', `--outputFile=${file}`];
  const { isOk, text, seconds } = await run([...jest, ...flags], limitMinutes, 'inherit');
  process.stdout.write(text);
  const counts = countParts(file, parts);
  const passed = counts.reduce((sum, part) => sum + part.passed, 0);
  const failed = counts.reduce((sum, part) => sum + part.failed, 0);
  return { name, seconds, parts: counts, passed, failed: isOk ? failed : Math.max(failed, 1) };
}

/** A suite that does not load has no tests to count: it is one failure. */
function countParts(file, parts) {
  const suites = readSuites(file);
  return parts.map((name) => {
    const own = suites.filter((suite) => partOf(suite.name) === name);
    const count = (status) =>
      own.flatMap(({ assertionResults }) => assertionResults).filter((t) => t.status === status)
        .length;
    const unloaded = own.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    return { name, passed: count('passed'), failed: count('failed') + unloaded.length };
  });
}

function readSuites(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch {
    return [];
  }
}

function partOf(file) {
  const [top, folder] = path.relative(ROOT, file).split(path.sep);
  return top === 'test' && FOLDERS.includes(folder) ? folder : 'unit';
}

function report(runs, seconds) {
  process.stdout.write('\n');
  for (const { name, parts, failed, seconds: taken } of runs) {
    const verdict = failed === 0 ? 'ok  ' : 'FAIL';
    process.stdout.write(`${verdict}  ${name.padEnd(12)}${formatSeconds(taken)}\n`);
    for (const part of parts) {
      const counts = `${part.passed} passed, ${part.failed} failed`;
      process.stdout.write(`        ${part.name.padEnd(12)}${counts}\n`);
    }
  }
  process.stdout.write(`      ${'total'.padEnd(12)}${formatSeconds(seconds)}\n`);
  const passed = runs.reduce((sum, { passed: count }) => sum + count, 0);
  const failed = runs.reduce((sum, { failed: count }) => sum + count, 0);
  const summary = `${passed} passed, ${failed} failed\n`;
  writeFileSync(path.join(RESULTS, 'summary.txt'), summary);
  process.stdout.write(summary);
  return failed === 0;
}

function formatSeconds(seconds) {
  return `${seconds.toFixed(1).padStart(6)} s`;
}

async function main() {
  ensureInstalled();
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !PARTS.includes(name));
  if (unknown.length > 0) {
    process.stdout.write(`unknown: ${unknown.join(', ')}; the parts are ${PARTS.join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS);
  const startedAt = performance.now();
  const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
  const checks = isWanted('check') ? runChecks() : null;
  const runs = [];
  for (const each of RUNS) {
    const parts = each.parts.filter(isWanted);
    if (parts.length === 0) continue;
    if (!each.isBesideChecks) await checks;
    runs.push(await runJest(each, parts));
  }
  const all = checks === null ? runs : [await checks, ...runs];
  if (!report(all, (performance.now() - startedAt) / 1000)) process.exitCode = 1;
}

await main();
