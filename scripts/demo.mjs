/** `npm run demo`: a mixed set of orders through a running installation, or one that is started for it; then the audit. */
import { createRequire } from 'node:module';
import { ensureInstalled } from './ensure-installed.mjs';
import { readNumbers } from './options.mjs';

const HELP = `npm run demo -- [--orders 200] [--concurrency 16]
Drives a mixed set of orders through the public API of the installation that runs in THROUGHLINE_STATE_DIR (default
.throughline), or of one that is started for it and stopped afterwards: happy ones, reviews, declined cards, short
stock, cancels in several states and of single units, holds, amends, several ways to pay, two warehouses, Shopify
webhooks, a Chinese customer, refunds, returns and exchanges.
Prints what became of each kind and how long it took, then runs the audit. Ends with 0 only if every order ended as
designed and all invariants hold. Can be run again on the same installation.`;

const options = readNumbers(HELP, {
  orders: { usual: 200, least: 1 },
  concurrency: { usual: 16, least: 1 },
});
if (options !== null) {
  ensureInstalled();
  const tsx = createRequire(import.meta.url)('tsx/cjs/api');
  const { demo } = tsx.require('./demo/main.ts', import.meta.filename);
  await demo(options);
}
