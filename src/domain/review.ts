import { formatMoney } from './money';

export const REVIEW_VERDICTS = ['pass', 'hold', 'reject'] as const;
export type ReviewVerdict = (typeof REVIEW_VERDICTS)[number];

export const FINDING_CODES = [
  'amount_above_limit',
  'first_order_above_limit',
  'address_mismatch',
  'customer_blocked',
  'quantity_above_limit',
  'velocity',
  'finance_review',
  'unknown_sku',
  'totals_inconsistent',
  'store_credit_short',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** What a rule says about an order; `rule` is the policy's key, or the rule's name if it has none. */
export interface Finding {
  readonly code: FindingCode;
  readonly verdict: ReviewVerdict;
  readonly rule: string;
  readonly detail: string;
}

export interface ReviewFacts {
  readonly currency: string;
  readonly totalMinor: number;
  readonly isFirstOrder: boolean;
  readonly isCustomerBlocked: boolean;
  readonly shippingCountry: string | null;
  readonly billingCountry: string | null;
  /** `sku` null: a line of a foreign document without one. */
  readonly lines: readonly { readonly sku: string | null; readonly quantity: number }[];
  /** The customer's orders within the window of the velocity policy, this one included. */
  readonly ordersInWindow: number;
  /** Found before the rules ran, e.g. `unknown_sku`, `totals_inconsistent`. */
  readonly extraFindings?: readonly Finding[];
}

/** The policies' values, by their keys. A currency that is missing switches the rule off for it. */
export interface ReviewRules {
  readonly reviewAmountAboveMinor: Readonly<Record<string, number>>;
  readonly reviewFirstOrderAboveMinor: Readonly<Record<string, number>>;
  readonly financeReviewAboveMinor: Readonly<Record<string, number>>;
  readonly reviewQuantityAbove: number | null;
  readonly reviewVelocity: { readonly orders: number; readonly per: string } | null;
}

export interface Review {
  readonly verdict: ReviewVerdict;
  readonly findings: readonly Finding[];
}

type Rule = (facts: ReviewFacts, rules: ReviewRules) => Finding | null;

const RULES: readonly Rule[] = [
  checkAmount,
  checkFirstOrder,
  checkAddresses,
  checkCustomer,
  checkQuantity,
  checkVelocity,
  checkFinance,
];

/**
 * Judges an order by the rules: any `reject` rejects, else any `hold` holds. Returns the findings that
 * hold or reject, those passed in first; with `withPassed` also one per rule that was met.
 */
export function reviewOrder(
  facts: ReviewFacts,
  rules: ReviewRules,
  options: { readonly withPassed?: boolean } = {},
): Review {
  const judged = RULES.map((rule) => rule(facts, rules)).filter((finding) => finding !== null);
  const all = [...(facts.extraFindings ?? []), ...judged];
  const findings = options.withPassed === true ? all : all.filter((f) => f.verdict !== 'pass');
  return { verdict: worstVerdict(all), findings };
}

/** A finding that holds an order for a defect of the document it came by. */
export function documentFinding(
  code: 'unknown_sku' | 'totals_inconsistent' | 'store_credit_short',
  detail: string,
): Finding {
  return { code, verdict: 'hold', rule: 'document', detail };
}

function worstVerdict(findings: readonly Finding[]): ReviewVerdict {
  if (findings.some((finding) => finding.verdict === 'reject')) return 'reject';
  return findings.some((finding) => finding.verdict === 'hold') ? 'hold' : 'pass';
}

function checkAmount(facts: ReviewFacts, rules: ReviewRules): Finding | null {
  const limit = rules.reviewAmountAboveMinor[facts.currency];
  if (limit === undefined) return null;
  const isAbove = facts.totalMinor > limit;
  return {
    code: 'amount_above_limit',
    verdict: isAbove ? 'hold' : 'pass',
    rule: 'reviewAmountAboveMinor',
    detail: compareMoney('total', facts, limit),
  };
}

function checkFirstOrder(facts: ReviewFacts, rules: ReviewRules): Finding | null {
  const limit = rules.reviewFirstOrderAboveMinor[facts.currency];
  if (limit === undefined || !facts.isFirstOrder) return null;
  const isAbove = facts.totalMinor > limit;
  return {
    code: 'first_order_above_limit',
    verdict: isAbove ? 'hold' : 'pass',
    rule: 'reviewFirstOrderAboveMinor',
    detail: compareMoney('first order of', facts, limit),
  };
}

function checkAddresses(facts: ReviewFacts): Finding | null {
  const { billingCountry, shippingCountry } = facts;
  if (billingCountry === null || shippingCountry === null) return null;
  const isMismatch = billingCountry !== shippingCountry;
  return {
    code: 'address_mismatch',
    verdict: isMismatch ? 'hold' : 'pass',
    rule: 'addressMismatch',
    detail: `billing country ${billingCountry}, shipping country ${shippingCountry}`,
  };
}

function checkCustomer(facts: ReviewFacts): Finding {
  return {
    code: 'customer_blocked',
    verdict: facts.isCustomerBlocked ? 'reject' : 'pass',
    rule: 'customerBlocked',
    detail: facts.isCustomerBlocked ? 'the customer is blocked' : 'the customer is not blocked',
  };
}

function checkQuantity(facts: ReviewFacts, rules: ReviewRules): Finding | null {
  const limit = rules.reviewQuantityAbove;
  if (limit === null) return null;
  const most = Math.max(0, ...unitsPerItem(facts.lines));
  return {
    code: 'quantity_above_limit',
    verdict: most > limit ? 'hold' : 'pass',
    rule: 'reviewQuantityAbove',
    detail: `${String(most)} units of one item, limit ${String(limit)}`,
  };
}

function checkVelocity(facts: ReviewFacts, rules: ReviewRules): Finding | null {
  const limit = rules.reviewVelocity;
  if (limit === null) return null;
  return {
    code: 'velocity',
    verdict: facts.ordersInWindow > limit.orders ? 'hold' : 'pass',
    rule: 'reviewVelocity',
    detail: `${String(facts.ordersInWindow)} orders within ${limit.per}, limit ${String(limit.orders)}`,
  };
}

/** The second review, by finance: it comes when the first has nothing open. */
function checkFinance(facts: ReviewFacts, rules: ReviewRules): Finding | null {
  const limit = rules.financeReviewAboveMinor[facts.currency];
  if (limit === undefined) return null;
  return {
    code: FINANCE,
    verdict: facts.totalMinor > limit ? 'hold' : 'pass',
    rule: 'financeReviewAboveMinor',
    detail: compareMoney('total', facts, limit),
  };
}

const FINANCE: FindingCode = 'finance_review';

export type ReviewWait = 'review' | 'finance_review';

/** Which review these open findings wait for; null: none is open. */
export function reviewWait(openFindings: readonly string[]): ReviewWait | null {
  if (openFindings.length === 0) return null;
  return openFindings.every((code) => code === FINANCE) ? 'finance_review' : 'review';
}

/** What one approval without named findings accepts: all that the review at hand has to decide. */
export function findingsToDecide(openFindings: readonly string[]): string[] {
  const isFirst = reviewWait(openFindings) === 'review';
  return openFindings.filter((code) => !isFirst || code !== FINANCE);
}

/** Summed per SKU, so that splitting a line does not pass the rule; lines without a SKU stand alone. */
function unitsPerItem(lines: ReviewFacts['lines']): number[] {
  const units = new Map<string, number>();
  lines.forEach(({ sku, quantity }, index) => {
    const key = sku ?? `\0${String(index)}`;
    units.set(key, (units.get(key) ?? 0) + quantity);
  });
  return [...units.values()];
}

function compareMoney(what: string, facts: ReviewFacts, limitMinor: number): string {
  const total = formatMoney(facts.totalMinor, facts.currency);
  return `${what} ${total}, limit ${formatMoney(limitMinor, facts.currency)}`;
}
