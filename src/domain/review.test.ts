import {
  documentFinding,
  findingsToDecide,
  reviewOrder,
  reviewWait,
  type Finding,
  type ReviewFacts,
  type ReviewRules,
} from './review';

const RULES: ReviewRules = {
  reviewAmountAboveMinor: { USD: 100_000 },
  reviewFirstOrderAboveMinor: { USD: 50_000 },
  financeReviewAboveMinor: { USD: 500_000 },
  reviewQuantityAbove: 100,
  reviewVelocity: { orders: 20, per: 'PT1H' },
};

function facts(overrides: Partial<ReviewFacts> = {}): ReviewFacts {
  return {
    currency: 'USD',
    totalMinor: 3291,
    isFirstOrder: true,
    isCustomerBlocked: false,
    shippingCountry: 'US',
    billingCountry: 'US',
    lines: [{ sku: 'MUG-RED', quantity: 2 }],
    ordersInWindow: 1,
    ...overrides,
  };
}

function codesOf(findings: readonly Finding[]): string[] {
  return findings.map((finding) => finding.code);
}

describe('reviewOrder', () => {
  it('passes an ordinary order without findings', () => {
    expect(reviewOrder(facts(), RULES)).toEqual({ verdict: 'pass', findings: [] });
  });

  it.each<[string, Partial<ReviewFacts>, string[]]>([
    ['amount at the limit', { totalMinor: 100_000, isFirstOrder: false }, []],
    ['amount above', { totalMinor: 100_001, isFirstOrder: false }, ['amount_above_limit']],
    ['first order at its limit', { totalMinor: 50_000 }, []],
    ['first order above', { totalMinor: 50_001 }, ['first_order_above_limit']],
    ['the same, not the first', { totalMinor: 50_001, isFirstOrder: false }, []],
    ['a currency without a limit', { currency: 'EUR', totalMinor: 10 ** 9 }, []],
    ['other billing country', { billingCountry: 'DE' }, ['address_mismatch']],
    ['no billing address', { billingCountry: null }, []],
    ['quantity at the limit', { lines: [{ sku: 'A', quantity: 100 }] }, []],
    ['quantity above', { lines: [{ sku: 'A', quantity: 101 }] }, ['quantity_above_limit']],
    [
      'quantity above over two lines of one SKU',
      {
        lines: [
          { sku: 'A', quantity: 60 },
          { sku: 'A', quantity: 60 },
        ],
      },
      ['quantity_above_limit'],
    ],
    [
      'quantity below on lines without a SKU each',
      {
        lines: [
          { sku: null, quantity: 60 },
          { sku: null, quantity: 60 },
        ],
      },
      [],
    ],
    ['orders at the limit', { ordersInWindow: 20 }, []],
    ['orders above', { ordersInWindow: 21 }, ['velocity']],
  ])('%s', (_case, overrides, codes) => {
    const review = reviewOrder(facts(overrides), RULES);

    expect(codesOf(review.findings)).toEqual(codes);
    expect(review.verdict).toBe(codes.length === 0 ? 'pass' : 'hold');
  });

  it('rejects a blocked customer, whatever else holds', () => {
    const review = reviewOrder(facts({ isCustomerBlocked: true, billingCountry: 'DE' }), RULES);

    expect(review.verdict).toBe('reject');
    expect(codesOf(review.findings)).toEqual(['address_mismatch', 'customer_blocked']);
  });

  it('holds for what was found before, first in the list', () => {
    const extra = documentFinding('unknown_sku', 'lines.1 has no known SKU');

    const review = reviewOrder(facts({ extraFindings: [extra], ordersInWindow: 21 }), RULES);

    expect(review.verdict).toBe('hold');
    expect(codesOf(review.findings)).toEqual(['unknown_sku', 'velocity']);
  });

  it('says in figures why', () => {
    const review = reviewOrder(facts({ totalMinor: 100_001, isFirstOrder: false }), RULES);

    expect(review.findings).toEqual([
      {
        code: 'amount_above_limit',
        verdict: 'hold',
        rule: 'reviewAmountAboveMinor',
        detail: 'total USD 1000.01, limit USD 1000.00',
      },
    ]);
  });

  it('lists the rules that were met when asked to', () => {
    const review = reviewOrder(facts(), RULES, { withPassed: true });

    expect(review.verdict).toBe('pass');
    expect(codesOf(review.findings)).toEqual([
      'amount_above_limit',
      'first_order_above_limit',
      'address_mismatch',
      'customer_blocked',
      'quantity_above_limit',
      'velocity',
      'finance_review',
    ]);
  });

  it('passes everything but blocked customers when all rules are off', () => {
    const off: ReviewRules = {
      reviewAmountAboveMinor: {},
      reviewFirstOrderAboveMinor: {},
      financeReviewAboveMinor: {},
      reviewQuantityAbove: null,
      reviewVelocity: null,
    };
    const wild = facts({ totalMinor: 10 ** 12, ordersInWindow: 10 ** 6 });

    expect(reviewOrder(wild, off).verdict).toBe('pass');
    expect(reviewOrder({ ...wild, isCustomerBlocked: true }, off).verdict).toBe('reject');
  });
});

describe('the second review', () => {
  it('holds above its own limit, beside whatever else holds', () => {
    const review = reviewOrder(facts({ totalMinor: 500_001, isFirstOrder: false }), RULES);
    expect(codesOf(review.findings)).toEqual(['amount_above_limit', 'finance_review']);
  });

  it('follows the first: until then nobody decides it', () => {
    const open = ['amount_above_limit', 'finance_review'];
    expect(reviewWait(open)).toBe('review');
    expect(findingsToDecide(open)).toEqual(['amount_above_limit']);
    expect(reviewWait(['finance_review'])).toBe('finance_review');
    expect(findingsToDecide(['finance_review'])).toEqual(['finance_review']);
    expect(reviewWait([])).toBeNull();
  });
});
