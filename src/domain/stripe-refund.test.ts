import fc from 'fast-check';

import { type KnownShare, planRefunds, type RefundReport } from './stripe-refund';

function refund(
  refundId: string,
  amountMinor: number,
  status: 'pending' | 'succeeded' | 'failed' = 'succeeded',
  keys: string[] = [],
): RefundReport {
  return { kind: 'refund', refundId, amountMinor, status, keys };
}
function total(refundedMinor: number): RefundReport {
  return { kind: 'sum', refundedMinor };
}
function share(amountMinor: number, reference: string | null, status = 'succeeded'): KnownShare {
  return { idempotencyKey: `refund:${String(amountMinor)}`, reference, amountMinor, status };
}

describe('planRefunds', () => {
  it.each<[string, RefundReport[], KnownShare[], object]>([
    [
      'a refund nobody asked for here',
      [refund('re_1', 500)],
      [],
      { amountMinor: 500, reference: 're_1' },
    ],
    ['a sum alone', [total(500)], [], { amountMinor: 500, reference: null }],
    [
      'both of one refund',
      [total(500), refund('re_1', 500)],
      [],
      { amountMinor: 500, reference: 're_1' },
    ],
    [
      'one more than before',
      [total(500), total(700)],
      [share(500, null)],
      { amountMinor: 200, reference: null },
    ],
  ])('%s appears', (_what, reports, shares, unknown) => {
    expect(planRefunds(reports, shares).unknown).toEqual(unknown);
  });

  it.each<[string, RefundReport[], KnownShare[]]>([
    ['one that is known', [refund('re_1', 500), total(500)], [share(500, 're_1')]],
    ['one known by its sum', [refund('re_1', 500)], [share(500, null)]],
    ['two known by their sum', [refund('re_1', 300), refund('re_2', 200)], [share(500, null)]],
    [
      'our own under way',
      [refund('re_1', 500, 'succeeded', ['refund:500']), total(500)],
      [share(500, null, 'submitted')],
    ],
    ['one that is not decided', [refund('re_1', 500, 'pending')], []],
    ['one that failed', [refund('re_1', 500, 'failed'), total(500)], []],
  ])('%s does not', (_what, reports, shares) => {
    expect(planRefunds(reports, shares)).toEqual({ unknown: null, failed: [] });
  });

  it('names a second one although the first is known by its sum alone, and what of both came back', () => {
    const known = [share(500, null)];
    const two = [refund('re_1', 500), refund('re_2', 300)];
    expect(planRefunds(two, known).unknown).toEqual({ amountMinor: 300, reference: 're_2' });
    const lost = [refund('re_1', 500, 'failed')];
    expect(planRefunds(lost, known).failed).toEqual(['refund:500']);
  });

  it('names what had succeeded and came back, once', () => {
    const reports = [refund('re_1', 500), refund('re_1', 500, 'failed')];
    expect(planRefunds(reports, [share(500, 're_1')]).failed).toEqual(['refund:500']);
    expect(planRefunds(reports, [share(500, 're_1', 'reversed')]).failed).toEqual([]);
  });

  it('makes the same total of any order of arrival, applied one by one', () => {
    const reports = [refund('re_1', 300), refund('re_2', 200), total(300), total(500)];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...reports, ...reports], { minLength: reports.length * 2 }),
        (arrivals) => {
          const shares: KnownShare[] = [];
          arrivals.forEach((_report, n) => {
            const { unknown } = planRefunds(arrivals.slice(0, n + 1), shares);
            if (unknown !== null)
              shares.push({
                ...{ ...unknown, status: 'succeeded', idempotencyKey: `k${String(n)}` },
              });
          });
          expect(shares.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(500);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
