import fc from 'fast-check';
import {
  currencyExponent,
  decimalToMinor,
  formatMoney,
  isCurrency,
  minorToDecimal,
  prorate,
  share,
  shareOfUnits,
} from './money';

const minors = fc.maxSafeInteger();
const currencies = fc.constantFrom('JPY', 'USD', 'EUR', 'CNY', 'KWD', 'CLF');

function sumOf(amounts: readonly number[]): bigint {
  return amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
}

describe('currencies', () => {
  it.each([
    ['JPY', 0],
    ['KRW', 0],
    ['ISK', 0],
    ['USD', 2],
    ['HUF', 2],
    ['TWD', 2],
    ['XCG', 2],
    ['KWD', 3],
    ['IQD', 3],
    ['CLF', 4],
  ])('knows %s with %d digits', (code, exponent) => {
    expect(isCurrency(code)).toBe(true);
    expect(currencyExponent(code)).toBe(exponent);
  });

  it.each(['usd', 'XXX', 'XAU', 'HRK', '', 'US', 'constructor'])('refuses "%s"', (code) => {
    expect(isCurrency(code)).toBe(false);
    expect(() => currencyExponent(code)).toThrow(RangeError);
    expect(decimalToMinor('1', code)).toBeNull();
  });
});

describe('decimalToMinor', () => {
  it.each([
    ['25.98', 'USD', 2598],
    ['25.9', 'USD', 2590],
    ['25', 'USD', 2500],
    ['25.98000', 'USD', 2598],
    ['-1.01', 'USD', -101],
    ['1000.00', 'JPY', 1000],
    ['1.234', 'KWD', 1234],
    ['0.00', 'USD', 0],
    ['90071992547409.91', 'USD', Number.MAX_SAFE_INTEGER],
  ])('reads %s %s', (text, currency, minor) => {
    expect(decimalToMinor(text, currency)).toBe(minor);
  });

  it.each([
    ['25.985', 'USD'],
    ['1000.5', 'JPY'],
    ['1e2', 'USD'],
    ['', 'USD'],
    ['abc', 'USD'],
    ['1,00', 'USD'],
    ['90071992547409.92', 'USD'],
  ])('refuses "%s" %s', (text, currency) => {
    expect(decimalToMinor(text, currency)).toBeNull();
  });

  it('reads back every amount that minorToDecimal writes', () => {
    fc.assert(
      fc.property(minors, currencies, (minor, currency) => {
        expect(decimalToMinor(minorToDecimal(minor, currency), currency)).toBe(minor);
      }),
    );
  });
});

describe('formatMoney', () => {
  it.each([
    [2598, 'USD', 'USD 25.98'],
    [5, 'USD', 'USD 0.05'],
    [-5, 'USD', 'USD -0.05'],
    [1200, 'JPY', 'JPY 1200'],
    [1, 'KWD', 'KWD 0.001'],
  ])('writes %d %s', (minor, currency, text) => {
    expect(formatMoney(minor, currency)).toBe(text);
  });
});

describe('share', () => {
  it.each([
    [100, 1, 3, 33],
    [100, 2, 3, 67],
    [1, 1, 2, 1],
    [-1, 1, 2, 0],
    [0, 0, 0, 0],
    [Number.MAX_SAFE_INTEGER, 99_999, 100_000, 9_007_109_182_748_444],
  ])('%d · %d / %d is %d', (x, n, q, expected) => {
    expect(share(x, n, q)).toBe(expected);
  });

  it('gives the whole for all parts and nothing for none', () => {
    fc.assert(
      fc.property(minors, fc.integer({ min: 1, max: 100_000 }), (x, q) => {
        expect(share(x, q, q)).toBe(x);
        expect(share(x, 0, q)).toBe(0);
      }),
    );
  });

  it('refuses parts of nothing', () => {
    expect(() => share(100, 1, 0)).toThrow(RangeError);
  });
});

describe('shareOfUnits', () => {
  it('adds up to the whole however the units are split, never below 0', () => {
    const splits = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.nat(), splits, (total, counts) => {
        const quantity = Math.max(1, Number(sumOf(counts)));
        const all = [...counts, quantity - Number(sumOf(counts))];
        let from = 0;
        const parts = all.map((count) => {
          const part = shareOfUnits(total, quantity, from, count);
          from += count;
          return part;
        });

        expect(Number(sumOf(parts))).toBe(total);
        expect(parts.every((part) => part >= 0)).toBe(true);
      }),
    );
  });
});

describe('prorate', () => {
  it.each([
    ['one weight takes all', 300, [123], [300]],
    ['in proportion', 300, [4000, 2000, 2000], [150, 75, 75]],
    ['a negative amount', -300, [4000, 2000, 2000], [-150, -75, -75]],
    ['the rest to the largest remainders', 299, [4300, 1400, 2300], [161, 52, 86]],
    ['ties to the lower index', 299, [1000, 1000, 1000], [100, 100, 99]],
    ['ties below zero likewise', -299, [1000, 1000, 1000], [-99, -100, -100]],
    ['a zero weight gets nothing', 41, [10, 0], [41, 0]],
    ['all zero weights are equal', 11, [0, 0], [6, 5]],
    ['nothing to spread', 0, [0, 0], [0, 0]],
    ['no weights, no amount', 0, [], []],
    ['one unit over many', 1, [1, 1, 1, 1], [1, 0, 0, 0]],
  ])('%s', (_case, amount, weights, expected) => {
    expect(prorate(amount, weights)).toEqual(expected);
  });

  it('adds up, stays within one unit of the exact part, and takes no line below zero', () => {
    const weightLists = fc.array(fc.nat({ max: 10 ** 12 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(weightLists, fc.double({ min: 0, max: 1, noNaN: true }), (weights, ratio) => {
        const total = weights.reduce((a, b) => a + b, 0);
        const amount = Math.floor(total * ratio);

        const parts = prorate(amount, weights);

        expect(Number(sumOf(parts))).toBe(amount);
        parts.forEach((part, index) => {
          const weight = weights[index] ?? 0;
          expect(part).toBeGreaterThanOrEqual(0);
          expect(part).toBeLessThanOrEqual(weight);
          const error = BigInt(part) * BigInt(total) - BigInt(amount) * BigInt(weight);
          expect(error < BigInt(total) || total === 0).toBe(true);
        });
      }),
    );
  });

  it('refuses negative weights and an amount without weights', () => {
    expect(() => prorate(1, [1, -1])).toThrow(RangeError);
    expect(() => prorate(1, [])).toThrow(RangeError);
  });
});
