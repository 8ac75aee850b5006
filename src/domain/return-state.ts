export const RETURN_STATUSES = [
  'requested',
  'approved',
  'declined',
  'in_transit',
  'partially_received',
  'received',
  'inspected',
  'closed',
  'canceled',
  'expired',
] as const;
export type ReturnStatus = (typeof RETURN_STATUSES)[number];

export const RETURN_KINDS = ['return', 'exchange', 'return_to_sender'] as const;
export type ReturnKind = (typeof RETURN_KINDS)[number];

/**
 * The machine of a return. Goods may come without a scan; `approved` closes where the customer keeps the item,
 * `received` where a parcel came back to its sender as it left.
 */
export const RETURN_MACHINE: {
  readonly initial: readonly ReturnStatus[];
  readonly statuses: readonly ReturnStatus[];
  readonly to: Readonly<Record<ReturnStatus, readonly ReturnStatus[]>>;
} = {
  initial: ['requested', 'in_transit'],
  statuses: RETURN_STATUSES,
  to: {
    requested: ['approved', 'declined', 'canceled'],
    approved: ['in_transit', 'partially_received', 'received', 'canceled', 'expired', 'closed'],
    declined: [],
    in_transit: ['partially_received', 'received', 'canceled', 'expired'],
    partially_received: ['received'],
    received: ['inspected', 'closed'],
    inspected: ['closed'],
    closed: [],
    canceled: [],
    expired: [],
  },
};

/** True for a return that is over: nothing can be done to it any more. */
export function isReturnOver(status: ReturnStatus): boolean {
  return RETURN_MACHINE.to[status].length === 0;
}

export const RETURN_ACTIONS = ['approve', 'decline', 'cancel', 'receive', 'inspect'] as const;
export type ReturnAction = (typeof RETURN_ACTIONS)[number];

export interface ReturnActionFacts {
  readonly kind: ReturnKind;
  readonly status: ReturnStatus;
  /** Nothing is awaited but the refund. */
  readonly isSettling: boolean;
  /** Units were received that nobody has inspected. */
  readonly hasUninspected: boolean;
}

/** The commands that are legal now, in the order of `RETURN_ACTIONS`; the answer of API, workflow and steps alike. */
export function allowedReturnActions(facts: ReturnActionFacts): ReturnAction[] {
  if (facts.isSettling) return [];
  return RETURN_ACTIONS.filter((action) => isAllowed(action, facts));
}

function isAllowed(
  action: ReturnAction,
  { kind, status, hasUninspected }: ReturnActionFacts,
): boolean {
  switch (action) {
    case 'approve':
    case 'decline':
      return status === 'requested';
    case 'cancel':
      // A parcel on its way back to its sender comes back whatever anybody wants.
      if (kind === 'return_to_sender') return false;
      return status === 'requested' || status === 'approved' || status === 'in_transit';
    case 'receive':
      return status === 'approved' || status === 'in_transit' || status === 'partially_received';
    case 'inspect':
      return (status === 'partially_received' || status === 'received') && hasUninspected;
  }
}
