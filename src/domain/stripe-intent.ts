/** One event about a payment intent: what Stripe says of it at one moment. Amounts are sums so far, not steps. */
export interface IntentReport {
  readonly id: string;
  readonly kind: 'amount_capturable_updated' | 'succeeded' | 'payment_failed' | 'canceled';
  readonly at: string;
  readonly capturableMinor: number;
  readonly receivedMinor: number;
  /** Why a try failed. */
  readonly code: string | null;
}

/** What all events together say. */
export interface IntentFacts {
  /** The most that was ever authorised, captured or not. */
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  /** Nothing more can be captured: succeeded or canceled. What was not captured is released. */
  readonly isEnded: boolean;
  readonly isCanceled: boolean;
  /** The last failed try. */
  readonly failure: { readonly id: string; readonly code: string } | null;
}

/** Folds events into facts: the same for every order of arrival, and for repeats. */
export function foldIntent(reports: readonly IntentReport[]): IntentFacts {
  const failures = reports.filter(({ kind }) => kind === 'payment_failed').sort(byTime);
  const last = failures.at(-1);
  const isCanceled = reports.some(({ kind }) => kind === 'canceled');
  return {
    authorizedMinor: most(reports, (report) => report.capturableMinor + report.receivedMinor),
    capturedMinor: most(reports, ({ receivedMinor }) => receivedMinor),
    isEnded: isCanceled || reports.some(({ kind }) => kind === 'succeeded'),
    isCanceled,
    failure: last === undefined ? null : { id: last.id, code: last.code ?? 'declined' },
  };
}

function most(reports: readonly IntentReport[], of: (report: IntentReport) => number): number {
  return reports.reduce((max, report) => Math.max(max, of(report)), 0);
}

function byTime(a: IntentReport, b: IntentReport): number {
  return Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1);
}

/** A payment as our rows have it. */
export interface KnownPayment {
  readonly status: string;
  readonly amountMinor: number;
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  readonly voidedMinor: number;
  readonly failureCode: string | null;
  /** Captures that hand-overs owe, oldest first. */
  readonly owed: readonly { readonly captureId: string; readonly amountMinor: number }[];
}

/** What has to be written so that the payment is as Stripe says. */
export interface IntentPlan {
  readonly authorizeMinor: number | null;
  /** Owed captures that Stripe has made. */
  readonly settled: readonly { readonly captureId: string; readonly amountMinor: number }[];
  /** Captured at Stripe, and asked for by no hand-over. */
  readonly extraMinor: number;
  /** The authorisation is over: everything authorised and not captured is released. Amount ever authorised. */
  readonly releasedOf: number | null;
  readonly declineCode: string | null;
  /** Money is held for a payment that was given up: somebody must release it. */
  readonly isHeldLate: boolean;
}

const OPEN: ReadonlySet<string> = new Set(['pending', 'action_required']);
const SETTLED: IntentPlan = {
  authorizeMinor: null,
  settled: [],
  extraMinor: 0,
  releasedOf: null,
  declineCode: null,
  isHeldLate: false,
};

/** From what our row says to what Stripe says. Nothing to do when both agree, so it may be asked any number of times. */
export function planIntent(facts: IntentFacts, payment: KnownPayment): IntentPlan {
  const isOpen = OPEN.has(payment.status);
  const isCovered = facts.authorizedMinor > 0 && facts.authorizedMinor >= payment.amountMinor;
  const isHeld = isCovered && (!facts.isCanceled || facts.capturedMinor > 0);
  if (isOpen && !isHeld && !facts.isCanceled) {
    const code = facts.failure?.code ?? null;
    return { ...SETTLED, declineCode: code === payment.failureCode ? null : code };
  }
  const { settled, leftMinor } = settle(facts.capturedMinor - payment.capturedMinor, payment.owed);
  const stillOwed = payment.owed.length > settled.length;
  return {
    ...SETTLED,
    authorizeMinor: isOpen && isHeld ? facts.authorizedMinor : null,
    settled,
    extraMinor: stillOwed ? 0 : Math.max(0, leftMinor),
    releasedOf: isReleased(facts, payment) ? facts.authorizedMinor : null,
    isHeldLate:
      payment.status === 'voided' && !facts.isEnded && facts.authorizedMinor > payment.voidedMinor,
  };
}

function settle(capturedMinor: number, owed: KnownPayment['owed']) {
  let leftMinor = capturedMinor;
  const settled = owed.filter(({ amountMinor }) => {
    if (amountMinor > leftMinor) return false;
    leftMinor -= amountMinor;
    return true;
  });
  return { settled, leftMinor };
}

function isReleased(facts: IntentFacts, payment: KnownPayment): boolean {
  if (!facts.isEnded) return false;
  const authorizedMinor = Math.max(facts.authorizedMinor, payment.authorizedMinor);
  const releasedMinor = authorizedMinor - facts.capturedMinor;
  if (facts.isCanceled && facts.capturedMinor === 0 && payment.status !== 'voided') return true;
  return releasedMinor > payment.voidedMinor;
}
