import fc from 'fast-check';

import { arrivalsOf } from '../../test/helpers/arrivals';
import { foldIntent, type IntentReport, type KnownPayment, planIntent } from './stripe-intent';

const KINDS = ['amount_capturable_updated', 'succeeded', 'payment_failed', 'canceled'] as const;

const aReport: fc.Arbitrary<IntentReport> = fc.record({
  id: fc.uuid(),
  kind: fc.constantFrom(...KINDS),
  at: fc.integer({ min: 0, max: 3 }).map((s) => new Date(s * 1000).toISOString()),
  capturableMinor: fc.integer({ min: 0, max: 1000 }),
  receivedMinor: fc.integer({ min: 0, max: 1000 }),
  code: fc.option(fc.constantFrom('insufficient_funds', 'card_declined')),
});

function report(kind: IntentReport['kind'], amounts: Partial<IntentReport> = {}): IntentReport {
  const none = { capturableMinor: 0, receivedMinor: 0, code: null };
  return { id: `evt_${kind}`, kind, at: '2026-11-22T10:00:00Z', ...none, ...amounts };
}

const PENDING: KnownPayment = {
  status: 'action_required',
  amountMinor: 1000,
  authorizedMinor: 0,
  capturedMinor: 0,
  voidedMinor: 0,
  failureCode: null,
  owed: [],
};
const AUTHORIZED: KnownPayment = { ...PENDING, status: 'authorized', authorizedMinor: 1000 };
const NOTHING = {
  authorizeMinor: null,
  settled: [],
  extraMinor: 0,
  releasedOf: null,
  declineCode: null,
  isHeldLate: false,
};

const held = report('amount_capturable_updated', { capturableMinor: 1000 });
const taken = report('succeeded', { receivedMinor: 1000 });
const failed = report('payment_failed', { code: 'insufficient_funds' });
const canceled = report('canceled');

describe('foldIntent', () => {
  it('gives the same facts for any order of arrival and for repeats', () => {
    fc.assert(
      fc.property(arrivalsOf(aReport), ([reports, shuffled]) => {
        expect(foldIntent(shuffled)).toEqual(foldIntent(reports));
      }),
      { numRuns: 5000 },
    );
  });

  it('counts sums, not steps', () => {
    const half = report('amount_capturable_updated', { capturableMinor: 400, receivedMinor: 600 });
    expect(foldIntent([held, half, held])).toMatchObject({
      ...{ authorizedMinor: 1000, capturedMinor: 600, isEnded: false },
    });
  });
});

describe('planIntent', () => {
  it.each<[string, IntentReport[], KnownPayment, object]>([
    ['an authorisation', [held], PENDING, { authorizeMinor: 1000 }],
    ['one that we know', [held], AUTHORIZED, {}],
    ['a smaller one than is due', [held], { ...PENDING, amountMinor: 1001 }, {}],
    ['a failed try', [failed], PENDING, { declineCode: 'insufficient_funds' }],
    ['one that we know of', [failed], { ...PENDING, failureCode: 'insufficient_funds' }, {}],
    ['a failed try before a good one', [failed, held], PENDING, { authorizeMinor: 1000 }],
    ['money captured at once', [taken], PENDING, { authorizeMinor: 1000, extraMinor: 1000 }],
    [
      'a capture that a hand-over owes',
      [held, taken],
      { ...AUTHORIZED, owed: [{ captureId: 'c1', amountMinor: 1000 }] },
      { settled: [{ captureId: 'c1', amountMinor: 1000 }] },
    ],
    [
      'a final capture of less',
      [held, report('succeeded', { receivedMinor: 700 })],
      { ...AUTHORIZED, owed: [{ captureId: 'c1', amountMinor: 700 }] },
      { settled: [{ captureId: 'c1', amountMinor: 700 }], releasedOf: 1000 },
    ],
    ['a cancel of what is held', [held, canceled], AUTHORIZED, { releasedOf: 1000 }],
    ['a cancel before anything was held', [canceled], PENDING, { releasedOf: 0 }],
    ['both before we heard of either', [held, canceled], PENDING, { releasedOf: 1000 }],
    [
      'an authorisation that comes after its cancel',
      [canceled, held],
      { ...PENDING, status: 'voided' },
      { releasedOf: 1000 },
    ],
    [
      'an authorisation of a payment that was given up',
      [held],
      { ...PENDING, status: 'voided' },
      { isHeldLate: true },
    ],
    [
      'money of a payment that was given up',
      [held, taken],
      { ...PENDING, status: 'voided' },
      { extraMinor: 1000 },
    ],
    [
      'a cancel that we know of',
      [held, canceled],
      { ...AUTHORIZED, status: 'voided', voidedMinor: 1000 },
      {},
    ],
  ])('%s', (_what, reports, payment, plan) => {
    expect(planIntent(foldIntent(reports), payment)).toEqual({ ...NOTHING, ...plan });
  });

  it('has nothing left to do for a payment that is as Stripe says', () => {
    const done = { ...AUTHORIZED, status: 'captured', capturedMinor: 1000 };
    expect(planIntent(foldIntent([held, taken]), done)).toEqual(NOTHING);
  });
});
