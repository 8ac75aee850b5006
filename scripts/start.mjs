/**
 * `npm start`: installs packages when they are missing, builds, and runs everything on this machine until Ctrl-C.
 * Imports no package before they are installed. `--no-demo-order` skips the first sample order, `--quiet` the line
 * for each event.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, ROOT } from './ensure-installed.mjs';

function readOptions() {
  try {
    const flag = { type: 'boolean' };
    const { values } = parseArgs({ options: { 'no-demo-order': flag, quiet: flag } });
    return { demoOrder: values['no-demo-order'] !== true, events: values.quiet !== true };
  } catch (err) {
    process.stderr.write(`${err.message}\nUsage: npm start [-- --no-demo-order] [--quiet]\n`);
    process.exit(2);
  }
}

function build() {
  const { status } = spawnSync(process.execPath, [path.join(ROOT, 'scripts/build.mjs')], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const options = readOptions();
ensureInstalled();
build();
// The supervisor runs in this very process, so that it is the parent of all parts.
const tsx = createRequire(import.meta.url)('tsx/cjs/api');
const { runStart } = tsx.require('./runtime/start.ts', import.meta.filename);
await runStart(options);
