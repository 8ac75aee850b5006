import fc from 'fast-check';
import { pickTaxRate, resolveTaxRates, taxOf, type TaxRate } from './tax';

const RATES: readonly TaxRate[] = [
  { country: 'US', region: null, category: 'standard', rate: '0.01' },
  { country: 'US', region: null, category: 'food', rate: '0.02' },
  { country: 'US', region: 'MA', category: 'standard', rate: '0.0625' },
  { country: 'US', region: 'NY', category: 'food', rate: '0.04' },
  { country: 'DE', region: null, category: 'standard', rate: '0.19' },
];

describe('pickTaxRate', () => {
  it.each([
    ['region and category', 'US', 'NY', 'food', '0.04'],
    ["region's standard before country and category", 'US', 'MA', 'food', '0.0625'],
    ['country and category', 'US', 'CA', 'food', '0.02'],
    ["country's standard", 'US', 'CA', 'toys', '0.01'],
    ['no region given', 'DE', null, 'food', '0.19'],
    ['unknown country', 'FR', null, 'standard', '0'],
  ])('takes %s', (_case, country, region, category, expected) => {
    expect(pickTaxRate(RATES, { country, region, category })).toBe(expected);
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...RATES], { minLength: RATES.length }),
        fc.constantFrom('MA', 'NY', 'CA', null),
        fc.constantFrom('food', 'standard', 'toys'),
        (rates, region, category) => {
          const wanted = { country: 'US', region, category };

          expect(pickTaxRate(rates, wanted)).toBe(pickTaxRate(RATES, wanted));
        },
      ),
    );
  });
});

describe('resolveTaxRates', () => {
  it('names every category asked for', () => {
    const rates = resolveTaxRates(RATES, { country: 'US', region: 'NY' }, ['food', 'toys']);

    expect(rates).toEqual({ food: '0.04', toys: '0.01' });
  });
});

describe('taxOf', () => {
  it.each([
    [2598, '0.0625', false, 162],
    [1000, '0.0625', false, 63],
    [8, '0.0625', false, 1],
    [7, '0.0625', false, 0],
    [1190, '0.19', true, 190],
    [100, '0.2', true, 17],
    [100, '0', true, 0],
    [9_007_199_254_740_991, '0.0625', false, 562_949_953_421_312],
  ])('of %d at %s (included: %s) is %d', (value, rate, isIncluded, expected) => {
    expect(taxOf(value, rate, isIncluded)).toBe(expected);
  });

  it('refuses a rate that is no decimal', () => {
    expect(() => taxOf(100, '6 %', false)).toThrow(RangeError);
  });
});
