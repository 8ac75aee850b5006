import fc from 'fast-check';

/** Reports as they were sent, and as they may arrive: each twice, in any order. */
export function arrivalsOf<T>(
  aReport: fc.Arbitrary<T>,
): fc.Arbitrary<readonly [sent: T[], arrived: T[]]> {
  return fc
    .array(aReport, { minLength: 1, maxLength: 8 })
    .chain((reports) =>
      fc.tuple(
        fc.constant(reports),
        fc.shuffledSubarray([...reports, ...reports], { minLength: reports.length * 2 }),
      ),
    );
}
