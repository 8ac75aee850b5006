/** Everything a demo order is made of; unique by run and number, so that a demo can be run again. */
export interface OrderSeed {
  readonly run: string;
  readonly n: number;
}

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** Of the demo catalogue; cheap enough that no review holds them. */
const PLAIN_SKUS = [
  'MUG-RED',
  'MUG-BLUE',
  'MUG-WHITE',
  'SOAP-OLIVE',
  'NOTEBOOK-A5',
  'PENCIL-SET',
  'TEA-GREEN-100',
  'COFFEE-250',
  'HONEY-500',
  'SOCKS-WOOL',
  'CANDLE-CEDAR',
  'BOOK-TEA',
] as const;

/** Above what a first order may cost unseen. */
export const DEAR_LINE: Line = { sku: 'KETTLE-STEEL', quantity: 9 };

const PEOPLE = [
  { name: 'Ada Park', line1: '1 Main St', city: 'Boston', region: 'MA', postalCode: '02110' },
  {
    name: 'Ben Okafor',
    line1: '77 Sunset Blvd',
    city: 'Los Angeles',
    region: 'CA',
    postalCode: '90028',
  },
  { name: 'Chloë Núñez', line1: '5 Elm Ave', city: 'Austin', region: 'TX', postalCode: '78701' },
  {
    name: 'Dmitri Ivanov',
    line1: '12 Pine Rd',
    city: 'Seattle',
    region: 'WA',
    postalCode: '98101',
  },
] as const;

/** One or two items, told apart by the order's number. */
export function plainLines({ n }: OrderSeed): Line[] {
  const first = PLAIN_SKUS[n % PLAIN_SKUS.length] ?? 'MUG-RED';
  const second = PLAIN_SKUS[(n * 5 + 3) % PLAIN_SKUS.length] ?? 'MUG-BLUE';
  const lines = [{ sku: first, quantity: 1 + (n % 3) }];
  return n % 2 === 0 || first === second ? lines : [...lines, { sku: second, quantity: 1 }];
}

export function emailOf({ run, n }: OrderSeed): string {
  return `demo.${run}.${String(n)}@example.com`;
}

/** A valid order of the web shop; overrides win. */
export function orderBody(seed: OrderSeed, overrides: object = {}): object {
  const { name, ...address } = PEOPLE[seed.n % PEOPLE.length] ?? PEOPLE[0];
  return {
    channel: 'web',
    externalId: `DEMO-${seed.run}-${String(seed.n)}`,
    currency: 'USD',
    customer: { email: emailOf(seed), name, locale: 'en' },
    lines: plainLines(seed),
    shippingAddress: { name, ...address, country: 'US' },
    shippingMethod: seed.n % 4 === 0 ? 'express' : 'standard',
    ...(seed.n % 5 === 0
      ? { discounts: [{ code: 'TEN', type: 'percent', valuePercent: 10 }] }
      : {}),
    payment: { method: 'card', token: 'tok_ok' },
    ...overrides,
  };
}

/** A customer in Shanghai, in Chinese and yuan. */
export function chineseBody(seed: OrderSeed): object {
  const name = '王小明';
  return orderBody(seed, {
    currency: 'CNY',
    customer: { email: emailOf(seed), name, phone: '+8613800138000', locale: 'zh-CN' },
    shippingAddress: {
      ...{ name, line1: '南京东路 100 号', city: '上海', region: '上海' },
      ...{ postalCode: '200001', country: 'CN' },
    },
    note: '请放在门口 🚪',
  });
}

/** An order of the sandbox's shop. */
export function shopBody(seed: OrderSeed, overrides: object = {}): object {
  return {
    email: emailOf(seed),
    firstName: 'Shop',
    lastName: `Customer ${String(seed.n)}`,
    lines: plainLines(seed).map((line) => ({ ...line, unitPriceMinor: 1299 })),
    discountMinor: 150,
    copies: 1 + (seed.n % 2),
    ...overrides,
  };
}
