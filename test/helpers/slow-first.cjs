const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that mostly wait or take long by design. What starts last decides when a run ends. */
const SLOW = [
  'e2e/outages',
  'e2e/order-sequences',
  'e2e/renewals',
  'e2e/outside-faults',
  'e2e/order-rules',
  'e2e/order-branches',
  'e2e/lost-workflows',
  'e2e/documents',
  'e2e/deliveries',
  'e2e/stripe',
  'e2e/return-money',
  'integration/return-sequences',
  'e2e/scans',
  'e2e/kits-and-promises',
];

/** The slow ones first, then as ever: a fresh clone knows no durations yet. */
module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = SLOW.findIndex((name) => path.endsWith(`${name}.test.ts`));
      return index < 0 ? SLOW.length : index;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
