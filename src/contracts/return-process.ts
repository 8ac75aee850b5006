import type { ReturnKind, ReturnStatus } from '../domain/return-state';

export type ReturnWaitCode = 'return_approval' | 'return_goods' | 'inspection' | 'refund';

/** What the return workflow knows of its return: ids and codes, nothing personal. */
export interface ReturnState {
  /** The return's revision that this was read at: of two answers the newer one counts. */
  readonly rev: number;
  readonly returnNo: string;
  readonly kind: ReturnKind;
  readonly status: ReturnStatus;
  readonly waitCode: ReturnWaitCode | null;
  /** Deadline of the wait (ISO, UTC); null: none. */
  readonly until: string | null;
  /** Units were received that nobody has inspected. */
  readonly hasUninspected: boolean;
}

export interface ReturnRef {
  readonly returnId: string;
}
