import type { CatalogueFacts, ProductFacts } from './intake-facts';
import { priceSubstitutes, type ReplaceableLine, type SubstituteWish } from './substitution';

function product(sku: string, overrides: Partial<ProductFacts> = {}): ProductFacts {
  return {
    sku,
    title: sku,
    taxCategory: 'standard',
    weightGrams: 100,
    backorder: 'deny',
    active: true,
    kitParts: [],
    priceMinor: 1000,
    ...overrides,
  };
}

const CATALOGUE: CatalogueFacts = {
  products: [
    product('NEW'),
    product('OLD'),
    product('GONE', { active: false }),
    product('FREE', { priceMinor: null }),
  ],
  shipping: null,
  hasShippingMethodElsewhere: false,
  pricesIncludeTax: false,
  taxRates: [{ country: 'US', region: null, category: 'standard', rate: '0.1' }],
};
const LINES: readonly ReplaceableLine[] = [
  { id: '1', sku: 'OLD', wanted: 2, shipped: 0, wantedMinor: 2500 },
  { id: '2', sku: 'OLD', wanted: 1, shipped: 1, wantedMinor: 900 },
];

function price(wishes: SubstituteWish[], taxIncluded = false) {
  const place = { country: 'US', region: null };
  return priceSubstitutes(wishes, LINES, { catalogue: CATALOGUE, place, taxIncluded });
}

describe('priceSubstitutes', () => {
  it('takes the quantity of the line and the price of the catalogue, and says the difference', () => {
    expect(price([{ lineId: '1', sku: 'NEW' }])).toEqual({
      lines: [
        expect.objectContaining({
          quantity: 2,
          unitPriceMinor: 1000,
          taxMinor: 200,
          totalMinor: 2200,
        }),
      ],
      priceDeltaMinor: -300,
    });
  });

  it('takes what is named before that; tax that is included is not added', () => {
    const wish = { lineId: '1', sku: 'NEW', quantity: 3, unitPriceMinor: 1100 };
    expect(price([wish], true)).toEqual({
      lines: [expect.objectContaining({ quantity: 3, taxMinor: 300, totalMinor: 3300 })],
      priceDeltaMinor: 800,
    });
  });

  it.each<[string, SubstituteWish[], string]>([
    ['a foreign line', [{ lineId: '9', sku: 'NEW' }], 'substitutions.0.lineId'],
    ['a line that was handed over', [{ lineId: '2', sku: 'NEW' }], 'substitutions.0.lineId'],
    [
      'a line twice',
      [
        { lineId: '1', sku: 'NEW' },
        { lineId: '1', sku: 'NEW' },
      ],
      'substitutions.1.lineId',
    ],
    ['the item itself', [{ lineId: '1', sku: 'OLD' }], 'substitutions.0.sku'],
    ['an item that is sold no more', [{ lineId: '1', sku: 'GONE' }], 'substitutions.0.sku'],
    ['an item without a price', [{ lineId: '1', sku: 'FREE' }], 'substitutions.0.unitPriceMinor'],
  ])('refuses %s', (_what, wishes, path) => {
    expect(() => price(wishes)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path })] }),
    );
  });
});
