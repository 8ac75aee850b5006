import fc from 'fast-check';

import { prorate } from './money';
import {
  capRefund,
  refundOfRest,
  refundOfShipping,
  refundOfUnits,
  spreadOver,
  sumOfRefund,
  type RefundableLine,
  type RefundParts,
} from './refund';

function aLine(overrides: Partial<RefundableLine> = {}): RefundableLine {
  return {
    lineId: 'l1',
    quantity: 3,
    itemValueMinor: 1000,
    taxMinor: 100,
    refundedUnits: 0,
    refundedItemMinor: 0,
    refundedTaxMinor: 0,
    ...overrides,
  };
}

function someParts(overrides: Partial<RefundParts> = {}): RefundParts {
  const line = { quantity: 1, itemMinor: 100, taxMinor: 10 };
  return {
    lines: [
      { lineId: 'l1', ...line },
      { lineId: 'l2', ...line },
    ],
    shippingMinor: 50,
    shippingTaxMinor: 5,
    adjustmentMinor: 7,
    ...overrides,
  };
}

describe('refundOfUnits', () => {
  it('gives the cumulative value less what was refunded', () => {
    const first = refundOfUnits(aLine(), 1);
    const second = refundOfUnits(
      aLine({ refundedUnits: 1, refundedItemMinor: 333, refundedTaxMinor: 33 }),
      2,
    );

    expect(first).toEqual({ lineId: 'l1', quantity: 1, itemMinor: 333, taxMinor: 33 });
    expect(second).toEqual({ lineId: 'l1', quantity: 2, itemMinor: 667, taxMinor: 67 });
  });

  it('never gives less than nothing after an amend made the line cheaper', () => {
    const line = aLine({ itemValueMinor: 300, refundedUnits: 1, refundedItemMinor: 333 });

    expect(refundOfUnits(line, 1).itemMinor).toBe(0);
  });

  it('refuses more units than there are', () => {
    expect(() => refundOfUnits(aLine({ refundedUnits: 2 }), 2)).toThrow(RangeError);
  });
});

describe('refundOfShipping', () => {
  const shipping = {
    shippingMinor: 500,
    shippingTaxMinor: 31,
    refundedMinor: 0,
    refundedTaxMinor: 0,
  };

  it('lets the tax follow by amount', () => {
    expect(refundOfShipping(shipping, 250)).toEqual({ shippingMinor: 250, shippingTaxMinor: 16 });
    const later = { ...shipping, refundedMinor: 250, refundedTaxMinor: 16 };
    expect(refundOfShipping(later, 250)).toEqual({ shippingMinor: 250, shippingTaxMinor: 15 });
  });

  it('is nothing of free shipping, and refuses more than there is', () => {
    const free = { shippingMinor: 0, shippingTaxMinor: 0, refundedMinor: 0, refundedTaxMinor: 0 };
    expect(refundOfShipping(free, 0)).toEqual({ shippingMinor: 0, shippingTaxMinor: 0 });
    expect(() => refundOfShipping(shipping, 501)).toThrow(RangeError);
  });
});

describe('capRefund', () => {
  it.each([
    [282, {}],
    [275, { adjustmentMinor: 0 }],
    [220, { adjustmentMinor: 0, shippingMinor: 0, shippingTaxMinor: 0 }],
  ])('cuts to %i: adjustment, then shipping', (cap, cut) => {
    expect(capRefund(someParts(), cap, false)).toEqual(someParts(cut));
  });

  it('cuts the last line with its tax, and keeps its units', () => {
    const { lines } = capRefund(someParts(), 165, false);

    expect(lines).toEqual([
      { lineId: 'l1', quantity: 1, itemMinor: 100, taxMinor: 10 },
      { lineId: 'l2', quantity: 1, itemMinor: 50, taxMinor: 5 },
    ]);
  });

  it('comes to exactly the cap, never below 0, tax never above what it is part of', () => {
    const minor = fc.nat({ max: 100_000 });
    const line = fc.record({
      lineId: fc.constant('l'),
      quantity: fc.constant(1),
      itemMinor: minor,
      taxMinor: minor,
    });
    const anyParts = fc.record({
      lines: fc.array(line, { maxLength: 5 }),
      shippingMinor: minor,
      shippingTaxMinor: minor,
      adjustmentMinor: minor,
    });
    fc.assert(
      fc.property(anyParts, minor, fc.boolean(), (parts, cap, isTaxIncluded) => {
        const capped = capRefund(parts, cap, isTaxIncluded);

        const whole = sumOfRefund(parts, isTaxIncluded);
        expect(sumOfRefund(capped, isTaxIncluded)).toBe(Math.min(whole, cap));
        const figures = [capped.shippingMinor, capped.shippingTaxMinor, capped.adjustmentMinor];
        for (const { itemMinor, taxMinor } of capped.lines) figures.push(itemMinor, taxMinor);
        expect(Math.min(...figures)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('refundOfRest', () => {
  const shipping = {
    shippingMinor: 500,
    shippingTaxMinor: 50,
    refundedMinor: 0,
    refundedTaxMinor: 0,
  };

  it('names units and shipping where they are worth the amount', () => {
    const order = { lines: [aLine()], shipping, isTaxIncluded: false };

    expect(refundOfRest(order, 1650)).toEqual({
      lines: [{ lineId: 'l1', quantity: 3, itemMinor: 1000, taxMinor: 100 }],
      shippingMinor: 500,
      shippingTaxMinor: 50,
      adjustmentMinor: 0,
    });
  });

  it('gives the amount alone where they are not', () => {
    const order = { lines: [aLine()], shipping, isTaxIncluded: false };

    const parts = refundOfRest(order, 1649);

    expect(parts).toMatchObject({ lines: [], shippingMinor: 0, adjustmentMinor: 1649 });
  });
});

describe('spreadOver', () => {
  it('takes from the oldest first, each at most its rest', () => {
    expect(spreadOver(120, [100, 0, 50])).toEqual([100, 0, 20]);
    expect(spreadOver(10, [100, 50])).toEqual([10, 0]);
  });
});

/** A small generator of its own: 200,000 splits through fast-check would take minutes. */
function createRandom(seed: number): (max: number) => number {
  let state = seed;
  return (max) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * (max + 1));
  };
}

/** Splits a whole into random parts above 0. */
function splitUnits(whole: number, random: (max: number) => number): number[] {
  const parts: number[] = [];
  for (let left = whole; left > 0;) {
    const part = 1 + random(left - 1);
    parts.push(part);
    left -= part;
  }
  return parts;
}

describe('200,000 random splits', () => {
  it('of lines, taxes and shipping add up to the whole, and no part is negative', () => {
    const random = createRandom(20_261_122);
    let wrong = 0;
    for (let n = 0; n < 100_000; n += 1) {
      const quantity = 1 + random(11);
      let line = aLine({ quantity, itemValueMinor: random(99_999), taxMinor: random(9_999) });
      for (const units of splitUnits(quantity, random)) {
        const part = refundOfUnits(line, units);
        if (part.itemMinor < 0 || part.taxMinor < 0) wrong += 1;
        line = {
          ...line,
          refundedUnits: line.refundedUnits + units,
          refundedItemMinor: line.refundedItemMinor + part.itemMinor,
          refundedTaxMinor: line.refundedTaxMinor + part.taxMinor,
        };
      }
      if (line.refundedItemMinor !== line.itemValueMinor) wrong += 1;
      if (line.refundedTaxMinor !== line.taxMinor) wrong += 1;
    }
    for (let n = 0; n < 100_000; n += 1) {
      const shippingMinor = 1 + random(4_999);
      const taxMinor = random(999);
      const refunded = { minor: 0, tax: 0 };
      for (const part of prorate(shippingMinor, splitUnits(8, random))) {
        const given = refundOfShipping(
          {
            shippingMinor,
            shippingTaxMinor: taxMinor,
            refundedMinor: refunded.minor,
            refundedTaxMinor: refunded.tax,
          },
          part,
        );
        if (given.shippingTaxMinor < 0) wrong += 1;
        refunded.minor += given.shippingMinor;
        refunded.tax += given.shippingTaxMinor;
      }
      if (refunded.minor !== shippingMinor || refunded.tax !== taxMinor) wrong += 1;
    }

    expect(wrong).toBe(0);
  });
});
