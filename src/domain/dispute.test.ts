import fc from 'fast-check';

import { arrivalsOf } from '../../test/helpers/arrivals';
import {
  afterAction,
  DISPUTE_STATUSES,
  disputeActions,
  disputeEffect,
  type DisputeReport,
  type DisputeStatus,
  isDisputeStatus,
  supersedes,
} from './dispute';

const aReport = fc.record({
  status: fc.constantFrom(...DISPUTE_STATUSES),
  at: fc.integer({ min: 0, max: 3 }).map((s) => new Date(s * 1000).toISOString()),
});

function fold(reports: readonly DisputeReport[]): DisputeReport | undefined {
  return reports.reduce<DisputeReport | undefined>(
    (known, report) => (known === undefined || supersedes(report, known) ? report : known),
    undefined,
  );
}

describe('supersedes', () => {
  it('gives the same dispute for any order of arrival, and for repeats', () => {
    fc.assert(
      fc.property(arrivalsOf(aReport), ([reports, shuffled]) => {
        expect(fold(shuffled)).toEqual(fold(reports));
      }),
      { numRuns: 5000 },
    );
  });

  it('lets an end stand against a late report of before', () => {
    const lost = { status: 'lost', at: '2026-11-22T10:00:00Z' } as const;
    const review = { status: 'under_review', at: '2026-11-22T10:00:05Z' } as const;
    expect([supersedes(review, lost), supersedes(lost, review)]).toEqual([false, true]);
  });
});

describe('disputeEffect', () => {
  it.each<[DisputeStatus | null, DisputeStatus, object]>([
    [
      null,
      'needs_response',
      { reserve: 'take', hold: 'place', incident: 'open', events: ['dispute_opened'] },
    ],
    [
      null,
      'warning_needs_response',
      { reserve: 'keep', hold: 'keep', incident: 'open', events: ['dispute_opened'] },
    ],
    [
      'warning_under_review',
      'needs_response',
      { reserve: 'take', hold: 'place', incident: 'open', events: ['dispute_escalated'] },
    ],
    [
      'needs_response',
      'under_review',
      { reserve: 'keep', hold: 'keep', incident: 'open', events: ['dispute_answered'] },
    ],
    [
      'under_review',
      'won',
      { reserve: 'free', hold: 'release', incident: 'resolve', events: ['dispute_won'] },
    ],
    [
      'needs_response',
      'lost',
      { reserve: 'keep', hold: 'keep', incident: 'resolve', events: ['charge_back'] },
    ],
    [
      null,
      'lost',
      {
        reserve: 'take',
        hold: 'place',
        incident: 'resolve',
        events: ['dispute_opened', 'charge_back'],
      },
    ],
    [
      null,
      'won',
      {
        reserve: 'keep',
        hold: 'keep',
        incident: 'resolve',
        events: ['dispute_opened', 'dispute_won'],
      },
    ],
    ['lost', 'lost', { reserve: 'keep', hold: 'keep', incident: 'resolve', events: [] }],
    [
      'warning_needs_response',
      'warning_closed',
      { reserve: 'keep', hold: 'keep', incident: 'resolve', events: ['dispute_closed'] },
    ],
  ])('from %s to %s', (recorded, status, effect) => {
    expect(disputeEffect(recorded, status)).toEqual(effect);
  });

  it('reserves once and frees once on every way', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DISPUTE_STATUSES), { maxLength: 10 }), (way) => {
        let recorded: DisputeStatus | null = null;
        let taken = 0;
        for (const status of way) {
          const { reserve } = disputeEffect(recorded, status);
          taken += reserve === 'take' ? 1 : reserve === 'free' ? -1 : 0;
          recorded = status;
        }
        expect([0, 1]).toContain(taken);
      }),
    );
  });
});

describe('what a person may do', () => {
  it.each<[DisputeStatus, string[]]>([
    ['needs_response', ['respond', 'accept']],
    ['under_review', ['accept']],
    ['warning_needs_response', ['respond']],
    ['warning_under_review', []],
    ['won', []],
    ['lost', []],
    ['warning_closed', []],
  ])('%s', (status, actions) => {
    expect(disputeActions(status)).toEqual(actions);
  });

  it('an answer is reviewed, giving up is a loss', () => {
    expect(afterAction('needs_response', 'respond')).toBe('under_review');
    expect(afterAction('warning_needs_response', 'respond')).toBe('warning_under_review');
    expect(afterAction('under_review', 'accept')).toBe('lost');
  });

  it('knows its words', () => {
    expect([isDisputeStatus('won'), isDisputeStatus('prevented')]).toEqual([true, false]);
  });
});
