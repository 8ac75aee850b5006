import type { RefundStatus, RefundWaitCode } from '../domain/refund-state';

export interface RefundRef {
  readonly refundId: string;
}

/** What the refund workflow knows of its refund. */
export interface RefundState {
  /** The refund's revision: of two answers the newer one counts. */
  readonly rev: number;
  readonly status: RefundStatus;
  readonly waitCode: RefundWaitCode | null;
  /** The gateway has to be called. */
  readonly isOwed: boolean;
}
