/** Taxes and shipping methods of the demo catalogue. Rates are decimal text; '' is the whole country. */

/** Region, category, rate. */
type Rate = readonly [region: string, category: string, rate: string];

interface TaxArea {
  readonly country: string;
  readonly included: boolean;
  readonly rates: readonly Rate[];
}

function valueAddedTax(
  country: string,
  standard: string,
  own: Readonly<Record<string, string>> = {},
): TaxArea {
  const rates = Object.entries({ standard, ...own });
  return {
    country,
    included: true,
    rates: rates.map(([category, rate]) => ['', category, rate]),
  };
}

const STATES: readonly Rate[] = [
  ['', 'standard', '0'],
  ['MA', 'standard', '0.0625'],
  ['MA', 'food', '0'],
  ['MA', 'shipping', '0'],
  ['CA', 'standard', '0.0725'],
  ['CA', 'food', '0'],
  ['CA', 'shipping', '0'],
  ['NY', 'standard', '0.04'],
  ['NY', 'food', '0'],
  ['TX', 'standard', '0.0625'],
  ['TX', 'food', '0'],
  ['WA', 'standard', '0.065'],
  ['WA', 'food', '0'],
  ['FL', 'standard', '0.06'],
  ['FL', 'food', '0'],
  ['IL', 'standard', '0.0625'],
  ['IL', 'food', '0.01'],
  ['NJ', 'standard', '0.06625'],
  ['NJ', 'food', '0'],
  ['PA', 'standard', '0.06'],
  ['PA', 'food', '0'],
  ['CO', 'standard', '0.029'],
  ['GA', 'standard', '0.04'],
  ['OR', 'standard', '0'],
];

const PROVINCES: readonly Rate[] = [
  ['', 'standard', '0.05'],
  ['', 'food', '0'],
  ['ON', 'standard', '0.13'],
  ['ON', 'food', '0'],
  ['ON', 'books', '0.05'],
  ['BC', 'standard', '0.12'],
  ['BC', 'food', '0'],
  ['BC', 'books', '0.05'],
  ['QC', 'standard', '0.14975'],
  ['QC', 'food', '0'],
  ['QC', 'books', '0.05'],
];

const AREAS: readonly TaxArea[] = [
  { country: 'US', included: false, rates: STATES },
  { country: 'CA', included: false, rates: PROVINCES },
  valueAddedTax('DE', '0.19', { books: '0.07', food: '0.07' }),
  valueAddedTax('FR', '0.20', { books: '0.055', food: '0.055' }),
  valueAddedTax('GB', '0.20', { books: '0', food: '0' }),
  valueAddedTax('CN', '0.13', { books: '0.09', food: '0.09', shipping: '0.06' }),
  valueAddedTax('JP', '0.10', { food: '0.08' }),
  valueAddedTax('AT', '0.20', { books: '0.10', food: '0.10' }),
  valueAddedTax('BE', '0.21', { books: '0.06', food: '0.06' }),
  valueAddedTax('ES', '0.21', { books: '0.04', food: '0.10' }),
  valueAddedTax('IE', '0.23', { books: '0', food: '0' }),
  valueAddedTax('IT', '0.22', { books: '0.04', food: '0.10' }),
  valueAddedTax('NL', '0.21', { books: '0.09', food: '0.09' }),
  valueAddedTax('AU', '0.10', { food: '0' }),
  valueAddedTax('HK', '0'),
  valueAddedTax('SG', '0.09'),
];

export const DEMO_TAX_AREAS = AREAS.map(({ country, included }) => ({ country, included }));

export const DEMO_TAX_RATES = AREAS.flatMap(({ country, rates }) =>
  rates.map(([region, category, rate]) => ({ country, region, category, rate })),
);

/** Standard and express, in minor units of each currency. */
const SHIPPING: Readonly<Record<string, readonly [standard: number, express: number]>> = {
  USD: [599, 1499],
  EUR: [499, 1299],
  GBP: [399, 999],
  CNY: [1200, 3000],
  JPY: [600, 1500],
};

export const DEMO_SHIPPING_METHODS = Object.entries(SHIPPING).flatMap(
  ([currency, [standard, express]]) => [
    { code: 'standard', currency, priceMinor: standard, title: 'Standard', service: 'standard' },
    { code: 'express', currency, priceMinor: express, title: 'Express', service: 'express' },
  ],
);
