/** What one event says of refunds: one of them as it stands, or how much of a charge is refunded so far. */
export type RefundReport =
  | {
      readonly kind: 'refund';
      readonly refundId: string;
      readonly amountMinor: number;
      readonly status: 'pending' | 'succeeded' | 'failed';
      /** Our own keys among what the refund carries: it was asked for by us. */
      readonly keys: readonly string[];
    }
  | { readonly kind: 'sum'; readonly refundedMinor: number };

type OneRefund = Extract<RefundReport, { kind: 'refund' }>;

/** A part of a refund as our rows have it. */
export interface KnownShare {
  readonly idempotencyKey: string;
  readonly reference: string | null;
  readonly amountMinor: number;
  readonly status: string;
}

export interface RefundPlan {
  /** Refunded at the provider and known to nobody here. */
  readonly unknown: { readonly amountMinor: number; readonly reference: string | null } | null;
  /** Keys of parts that had succeeded and came back. */
  readonly failed: readonly string[];
}

const RANKS = { pending: 0, succeeded: 1, failed: 2 } as const;
const COUNTED: ReadonlySet<string> = new Set(['pending', 'submitted', 'succeeded']);

/** Each refund as it stands: the furthest of what was said of it, whatever the order of arrival. */
function foldRefunds(reports: readonly RefundReport[]): OneRefund[] {
  const byId = new Map<string, OneRefund>();
  for (const report of reports) {
    if (report.kind !== 'refund') continue;
    const known = byId.get(report.refundId);
    if (known === undefined || RANKS[report.status] > RANKS[known.status])
      byId.set(report.refundId, report);
  }
  return [...byId.values()].sort((a, b) => (a.refundId < b.refundId ? -1 : 1));
}

/** From what our rows say to what the provider says. Nothing to do when both agree. */
export function planRefunds(
  reports: readonly RefundReport[],
  shares: readonly KnownShare[],
): RefundPlan {
  const refunds = foldRefunds(reports);
  const told = sum(
    refunds.filter(({ status }) => status === 'succeeded').map((refund) => refund.amountMinor),
  );
  const lost = sum(
    refunds.filter(({ status }) => status === 'failed').map((refund) => refund.amountMinor),
  );
  const most = Math.max(
    0,
    ...reports.map((report) => (report.kind === 'sum' ? report.refundedMinor : 0)),
  );
  const known = sum(
    shares.filter(({ status }) => COUNTED.has(status)).map((share) => share.amountMinor),
  );
  const amountMinor = Math.max(told, most - lost) - known;
  const paired = pairUp(refunds, shares);
  const strangers = refunds.filter(
    (refund) => refund.status === 'succeeded' && !paired.has(refund.refundId),
  );
  const [stranger] = strangers;
  const isOne = strangers.length === 1 && stranger?.amountMinor === amountMinor;
  return {
    unknown: amountMinor > 0 ? { amountMinor, reference: isOne ? stranger.refundId : null } : null,
    failed: refunds.flatMap((refund) => {
      const share = refund.status === 'failed' ? paired.get(refund.refundId) : undefined;
      return share?.status === 'succeeded' ? [share.idempotencyKey] : [];
    }),
  };
}

/** Which part of ours each refund is: by name, else one of the same amount that was known by its sum alone. */
function pairUp(
  refunds: readonly OneRefund[],
  shares: readonly KnownShare[],
): Map<string, KnownShare> {
  const paired = new Map<string, KnownShare>();
  for (const refund of refunds) {
    const share = findShare(refund, shares);
    if (share !== undefined) paired.set(refund.refundId, share);
  }
  const nameless = shares.filter(
    (share) =>
      share.reference === null &&
      share.status === 'succeeded' &&
      ![...paired.values()].includes(share),
  );
  for (const refund of [...refunds].sort((a, b) => RANKS[a.status] - RANKS[b.status])) {
    if (refund.status === 'pending' || paired.has(refund.refundId)) continue;
    const at = nameless.findIndex(({ amountMinor }) => amountMinor === refund.amountMinor);
    const [share] = at < 0 ? [] : nameless.splice(at, 1);
    if (share !== undefined) paired.set(refund.refundId, share);
  }
  return paired;
}

function findShare(refund: OneRefund, shares: readonly KnownShare[]): KnownShare | undefined {
  return shares.find(
    ({ reference, idempotencyKey }) =>
      reference === refund.refundId || refund.keys.includes(idempotencyKey),
  );
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
