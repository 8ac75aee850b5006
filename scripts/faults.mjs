/** `npm run faults`: many orders on an installation of its own while processes die, connections break and partners fail; then the audit. */
import { createRequire } from 'node:module';
import { ensureInstalled } from './ensure-installed.mjs';
import { readNumbers } from './options.mjs';

const HELP = `npm run faults -- [--orders 500] [--faults 150] [--seed 1] [--concurrency 16]
Starts PostgreSQL, a Temporal server and an installation of its own in a temporary folder, with a proxy before each
server, and drives the demo's mixed orders through its public API. Meanwhile it kills, restarts and pauses processes,
cuts and slows connections, and lets gateway, carrier and mail fail, as a schedule says that follows from the seed alone.
Then everything is healed, the audit looks at both stores, the sandbox's books and the histories, and every history is
replayed. Prints seed, commit and schedule; the same line repeats the schedule. Ends with 0 only if every order ended as
designed, all invariants hold, and all histories replay.`;

const options = readNumbers(HELP, {
  orders: { usual: 500, least: 1 },
  faults: { usual: 150, least: 0 },
  seed: { usual: 1, least: 0 },
  concurrency: { usual: 16, least: 1 },
});
if (options !== null) {
  ensureInstalled();
  const tsx = createRequire(import.meta.url)('tsx/cjs/api');
  const { faults } = tsx.require('./faults/main.ts', import.meta.filename);
  await faults(options);
}
