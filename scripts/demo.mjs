/** `npm run demo`: a mixed set of orders through a running installation, or one that is started for it; then the audit. */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { ensureInstalled } from './ensure-installed.mjs';

const HELP = `npm run demo -- [--orders 200] [--concurrency 16]
Drives a mixed set of orders through the public API of the installation that runs in THROUGHLINE_STATE_DIR (default
.throughline), or of one that is started for it and stopped afterwards: happy ones, reviews, declined cards, short
stock, cancels in several states, holds, several ways to pay, two warehouses, Shopify webhooks, a Chinese customer.
Prints what became of each kind and how long it took, then runs the audit. Ends with 0 only if every order ended as
designed and all invariants hold. Can be run again on the same installation.
Returns, amends and substitutes are not part of it yet.`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        orders: { type: 'string', default: '200' },
        concurrency: { type: 'string', default: '16' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return null;
    const [orders, concurrency] = [values.orders, values.concurrency].map(Number);
    const isCount = (n) => Number.isInteger(n) && n >= 1 && n <= 100_000;
    if (!isCount(orders) || !isCount(concurrency)) throw new Error('a number from 1 is needed');
    return { orders, concurrency };
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
  const { demo } = tsx.require('./demo/main.ts', import.meta.filename);
  await demo(options);
}
