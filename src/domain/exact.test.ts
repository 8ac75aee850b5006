import fc from 'fast-check';
import {
  divideHalfUp,
  floorDivide,
  parseDecimal,
  powerOfTen,
  toDecimal,
  toSafeInteger,
} from './exact';

describe('parseDecimal', () => {
  it.each([
    ['0', 0n, 0],
    ['12.50', 1250n, 2],
    ['-0.005', -5n, 3],
    ['007', 7n, 0],
  ])('reads %s', (text, units, scale) => {
    expect(parseDecimal(text)).toEqual({ units, scale });
  });

  it.each(['', '.5', '5.', '1e3', '+1', ' 1', '1,5', 'NaN', '--1', '١'])('refuses "%s"', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });
});

describe('toDecimal', () => {
  it('throws on what is no decimal', () => {
    expect(() => toDecimal('1e3')).toThrow(RangeError);
  });
});

describe('division', () => {
  const numerators = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  const denominators = fc.bigInt({ min: 1n, max: 10n ** 10n });

  it('floors toward minus infinity', () => {
    fc.assert(
      fc.property(numerators, denominators, (n, d) => {
        const quotient = floorDivide(n, d);

        expect(quotient * d <= n && n < (quotient + 1n) * d).toBe(true);
      }),
    );
  });

  it('rounds halves up', () => {
    fc.assert(
      fc.property(numerators, denominators, (n, d) => {
        const rest = 2n * (n - divideHalfUp(n, d) * d);

        expect(-d <= rest && rest < d).toBe(true);
      }),
    );
  });
});

describe('toSafeInteger', () => {
  it('takes the largest exact number and refuses the next', () => {
    const largest = BigInt(Number.MAX_SAFE_INTEGER);

    expect(toSafeInteger(largest)).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => toSafeInteger(largest + 1n)).toThrow(RangeError);
  });

  it('counts powers of ten', () => {
    expect(powerOfTen(0)).toBe(1n);
    expect(powerOfTen(3)).toBe(1000n);
  });
});
