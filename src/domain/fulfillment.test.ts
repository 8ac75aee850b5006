import fc from 'fast-check';
import {
  allocateCaptures,
  captureForHandover,
  type Handover,
  type HandoverLine,
} from './fulfillment';

function aLine(overrides: Partial<HandoverLine> = {}): HandoverLine {
  return {
    lineId: 'l1',
    quantity: 3,
    itemValueMinor: 1000,
    taxMinor: 100,
    shippedBefore: 0,
    shippedNow: 1,
    capturedBeforeMinor: 0,
    ...overrides,
  };
}

function aHandover(overrides: Partial<Handover> = {}): Handover {
  return {
    lines: [aLine()],
    shippingMinor: 500,
    shippingTaxMinor: 50,
    taxIncluded: false,
    shippingCapturedMinor: 0,
    coveredMinor: 0,
    ...overrides,
  };
}

describe('captureForHandover', () => {
  it('captures the units with their tax, and shipping with the first', () => {
    expect(captureForHandover(aHandover())).toEqual({
      amountMinor: 916,
      shippingMinor: 550,
      lines: [{ lineId: 'l1', amountMinor: 366 }],
    });
  });

  it('captures no shipping later, and what the line still lacks', () => {
    const lines = [aLine({ shippedBefore: 1, shippedNow: 1, capturedBeforeMinor: 366 })];

    expect(captureForHandover(aHandover({ lines, shippingCapturedMinor: 550 })).amountMinor).toBe(
      368,
    );
  });

  it('adds no tax where prices include it', () => {
    expect(captureForHandover(aHandover({ taxIncluded: true }))).toMatchObject({
      amountMinor: 833,
      shippingMinor: 500,
    });
  });

  it('captures nothing for a line without units in it', () => {
    const lines = [aLine({ shippedNow: 0 }), aLine({ lineId: 'l2', shippedNow: 3 })];

    expect(captureForHandover(aHandover({ lines, shippingCapturedMinor: 550 }))).toEqual({
      amountMinor: 1100,
      shippingMinor: 0,
      lines: [
        { lineId: 'l1', amountMinor: 0 },
        { lineId: 'l2', amountMinor: 1100 },
      ],
    });
  });

  it('never goes below 0 when more was captured before', () => {
    const lines = [aLine({ capturedBeforeMinor: 5000 })];

    expect(captureForHandover(aHandover({ lines, shippingCapturedMinor: 550 })).amountMinor).toBe(
      0,
    );
  });

  it('adds up to the order however the units are split over hand-overs', () => {
    const orderLines = fc.array(
      fc.record({
        counts: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 6 }),
        itemValueMinor: fc.nat({ max: 10 ** 9 }),
        taxMinor: fc.nat({ max: 10 ** 8 }),
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(orderLines, fc.boolean(), (rows, taxIncluded) => {
        const captured = captureAll(rows, taxIncluded);

        const shipped = rows.filter((row) => sum(row.counts) > 0);
        const values = shipped.map((row) => row.itemValueMinor + (taxIncluded ? 0 : row.taxMinor));
        expect(captured).toBe(sum(values) + (taxIncluded ? 500 : 550));
      }),
    );
  });
});

describe('captureForHandover with other money', () => {
  it('captures from cards only what is not covered', () => {
    expect(captureForHandover(aHandover({ coveredMinor: 900 }))).toMatchObject({ amountMinor: 16 });
    expect(captureForHandover(aHandover({ coveredMinor: 9000 }))).toMatchObject({ amountMinor: 0 });
  });
});

describe('allocateCaptures', () => {
  const open = [
    { paymentId: 'p1', restMinor: 100 },
    { paymentId: 'p2', restMinor: 50 },
  ];

  it.each([
    [0, []],
    [100, [{ paymentId: 'p1', amountMinor: 100 }]],
    [
      120,
      [
        { paymentId: 'p1', amountMinor: 100 },
        { paymentId: 'p2', amountMinor: 20 },
      ],
    ],
  ])('spreads %i, oldest first', (amountMinor, shares) => {
    expect(allocateCaptures(amountMinor, open)).toEqual(shares);
  });

  it('leaves what is not covered with the last one, for the gateway to refuse', () => {
    expect(allocateCaptures(200, open)).toEqual([
      { paymentId: 'p1', amountMinor: 100 },
      { paymentId: 'p2', amountMinor: 100 },
    ]);
  });
});

interface OrderedLine {
  readonly counts: readonly number[];
  readonly itemValueMinor: number;
  readonly taxMinor: number;
}

/** Hands over `counts[0]` of each line, then `counts[1]`, … and adds up what is captured. */
function captureAll(rows: readonly OrderedLine[], taxIncluded: boolean): number {
  const state = rows.map((row, index) =>
    aLine({ ...row, lineId: String(index), quantity: sum(row.counts), shippedNow: 0 }),
  );
  const rounds = Math.max(...rows.map((row) => row.counts.length));
  let total = 0;
  let lines = state;
  for (let round = 0; round < rounds; round += 1) {
    const now = lines.map((line, index) => ({
      ...line,
      shippedNow: rows[index]?.counts[round] ?? 0,
    }));
    const capture = captureForHandover(
      aHandover({ lines: now, taxIncluded, shippingCapturedMinor: round === 0 ? 0 : 550 }),
    );
    total += capture.amountMinor;
    lines = now.map((line, index) => ({
      ...line,
      shippedBefore: line.shippedBefore + line.shippedNow,
      capturedBeforeMinor: line.capturedBeforeMinor + (capture.lines[index]?.amountMinor ?? 0),
    }));
  }
  return total;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((left, right) => left + right, 0);
}
