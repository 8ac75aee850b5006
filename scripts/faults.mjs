/** `npm run faults`: many orders on an installation of its own while processes die, connections break and partners fail; then the audit. */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { ensureInstalled } from './ensure-installed.mjs';

const HELP = `npm run faults -- [--orders 500] [--faults 150] [--seed 1] [--concurrency 16]
Starts PostgreSQL, a Temporal server and an installation of its own in a temporary folder, with a proxy before each
server, and drives the demo's mixed orders through its public API. Meanwhile it kills, restarts and pauses processes,
cuts and slows connections, and lets gateway, carrier and mail fail, as a schedule says that follows from the seed alone.
Then everything is healed, and the audit looks at both stores, the sandbox's books and the histories. Prints seed,
commit and schedule; the same line repeats the schedule. Ends with 0 only if every order ended as designed and all
invariants hold.`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        orders: { type: 'string', default: '500' },
        faults: { type: 'string', default: '150' },
        seed: { type: 'string', default: '1' },
        concurrency: { type: 'string', default: '16' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return null;
    const read = (name, least) => {
      const n = Number(values[name]);
      if (Number.isInteger(n) && n >= least && n <= 100_000) return n;
      throw new Error(`--${name} takes a number from ${least}`);
    };
    return {
      orders: read('orders', 1),
      faults: read('faults', 0),
      seed: read('seed', 0),
      concurrency: read('concurrency', 1),
    };
  } catch (err) {
    process.stderr.write(`${err.message}\n\n${HELP}\n`);
    process.exit(2);
  }
}

const options = readOptions();
if (options === null) process.stdout.write(`${HELP}\n`);
else {
  ensureInstalled();
  const tsx = createRequire(import.meta.url)('tsx/cjs/api');
  const { faults } = tsx.require('./faults/main.ts', import.meta.filename);
  await faults(options);
}
