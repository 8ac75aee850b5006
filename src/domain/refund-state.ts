export const REFUND_STATUSES = [
  'pending',
  'submitted',
  'succeeded',
  'failed',
  'canceled',
  'reversed',
] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

/** The machine of a refund. */
export const REFUND_MACHINE: {
  readonly initial: readonly RefundStatus[];
  readonly statuses: readonly RefundStatus[];
  readonly to: Readonly<Record<RefundStatus, readonly RefundStatus[]>>;
} = {
  // One that a shop or a gateway made by itself is seen when it has succeeded.
  initial: ['pending', 'succeeded'],
  statuses: REFUND_STATUSES,
  to: {
    pending: ['submitted', 'canceled'],
    submitted: ['succeeded', 'failed'],
    succeeded: ['reversed'],
    failed: ['submitted'],
    canceled: [],
    reversed: ['submitted'],
  },
};

/** How a part of a refund goes back. */
export type RefundWay = 'gateway' | 'store_credit' | 'exchange' | 'outside';

/** What one payment's part of a refund has come to. */
export interface RefundShare {
  readonly way: RefundWay;
  readonly status: RefundStatus;
}

export type RefundWaitCode = 'refund_approval' | 'gateway' | 'outside_payment';

export interface RefundStand {
  readonly status: 'submitted' | 'succeeded' | 'failed';
  readonly waitCode: RefundWaitCode | null;
  /** Some of it has succeeded and some has failed: a person must decide about the rest. */
  readonly isApart: boolean;
}

/**
 * Where a refund stands that has been submitted: it succeeds with its last part and fails where every part did. Parts
 * that end apart leave it submitted. What the gateway owes an answer to comes before what a person has to record.
 */
export function standOf(shares: readonly RefundShare[]): RefundStand {
  const open = shares.filter(({ status }) => status === 'pending' || status === 'submitted');
  if (open.some(({ way }) => way !== 'outside'))
    return { status: 'submitted', waitCode: 'gateway', isApart: false };
  if (open.length > 0) return { status: 'submitted', waitCode: 'outside_payment', isApart: false };
  if (shares.every(({ status }) => status === 'succeeded'))
    return { status: 'succeeded', waitCode: null, isApart: false };
  if (shares.every(({ status }) => status === 'failed'))
    return { status: 'failed', waitCode: null, isApart: false };
  return { status: 'submitted', waitCode: 'gateway', isApart: true };
}

export const REFUND_ACTIONS = ['approve', 'decline', 'record'] as const;
export type RefundAction = (typeof REFUND_ACTIONS)[number];

/** The commands that are legal for a refund now. */
export function refundActions(refund: {
  readonly status: RefundStatus;
  readonly waitCode: RefundWaitCode | null;
}): RefundAction[] {
  if (refund.status === 'pending' && refund.waitCode === 'refund_approval')
    return ['approve', 'decline'];
  return refund.waitCode === 'outside_payment' ? ['record'] : [];
}

/** Whether a person may try the refund again, or have its rest booked as store credit. */
export function mayRetryRefund(
  status: RefundStatus,
  shares: readonly Pick<RefundShare, 'status'>[],
): boolean {
  const hasFailed = shares.some((share) => share.status === 'failed');
  return status === 'failed' || status === 'reversed' || (status === 'submitted' && hasFailed);
}

/** True if something above the limit of its currency has to be approved by another person; no limit: never. */
export function isAboveLimit(
  limits: Readonly<Record<string, unknown>> | null,
  amountMinor: number,
  currency: string,
): boolean {
  const limit = limits?.[currency];
  return typeof limit === 'number' && amountMinor > limit;
}
