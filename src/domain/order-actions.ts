import type { FulfillmentOrderStatus, OrderStatus } from './order-state';

export const ORDER_ACTIONS = [
  'approve',
  'reject',
  'cancel',
  'amend',
  'hold',
  'release',
  'resolve-shortage',
  'move-fulfillment',
  'retry-payment',
  'record-payment',
  'notes',
] as const;
export type OrderAction = (typeof ORDER_ACTIONS)[number];

const OPEN_ORDER_STATUSES: readonly OrderStatus[] = [
  'pending',
  'in_review',
  'confirmed',
  'processing',
];

/** How money comes: by card, from outside (in advance or by invoice: staff record it), or by itself. */
export const PAID_BY = ['card', 'outside', 'other'] as const;
export type PaidBy = (typeof PAID_BY)[number];

export function paidByOf(method: string): PaidBy {
  if (method === 'card') return 'card';
  return method === 'prepaid' || method === 'invoice' ? 'outside' : 'other';
}

export interface OrderActionFacts {
  readonly status: OrderStatus;
  readonly paidBy: PaidBy;
  /** The order-level wait, if there is one. */
  readonly waitCode:
    'review' | 'finance_review' | 'shortage' | 'substitution' | 'payment' | 'void' | null;
  readonly handedOver: 'none' | 'some' | 'all';
  /** All that is left to hand over waits for stock. */
  readonly isBackordered: boolean;
  readonly activeHolds: number;
  /** A cancel was taken and its undo is not finished. */
  readonly canceling: boolean;
}

/** What the fulfilment orders of an order say of its legal commands. */
export function handOverFacts(
  statuses: readonly FulfillmentOrderStatus[],
): Pick<OrderActionFacts, 'handedOver' | 'isBackordered'> {
  const live = statuses.filter((status) => status !== 'canceled');
  const left = live.filter((status) => status !== 'closed');
  const handedOver = left.length === 0 ? 'all' : left.length < live.length ? 'some' : 'none';
  return {
    handedOver: live.length === 0 ? 'none' : handedOver,
    isBackordered: left.length > 0 && left.every((status) => status === 'scheduled'),
  };
}

/**
 * The commands that are legal now, in the order of `ORDER_ACTIONS`. The answer of `allowedActions`, of
 * a 409 and of the workflow's validators alike. (`cancel` on a canceled order is a no-op, not listed.)
 */
export function allowedActions(facts: OrderActionFacts): OrderAction[] {
  return ORDER_ACTIONS.filter((action) => isActionAllowed(action, facts));
}

function isActionAllowed(action: OrderAction, facts: OrderActionFacts): boolean {
  if (action === 'notes') return true;
  if (facts.canceling || facts.waitCode === 'void') return false;
  // Invoices are paid when the goods have long arrived.
  if (action === 'record-payment' && facts.status === 'completed')
    return facts.paidBy === 'outside';
  if (!OPEN_ORDER_STATUSES.includes(facts.status)) return false;
  switch (action) {
    case 'approve':
    case 'reject':
      return facts.status === 'in_review';
    case 'cancel':
    case 'amend':
      return facts.handedOver !== 'all';
    case 'hold':
      return true;
    case 'release':
      return facts.activeHolds > 0;
    case 'resolve-shortage':
      return facts.waitCode === 'shortage';
    case 'move-fulfillment':
      return facts.status === 'processing' && facts.handedOver !== 'all' && !facts.isBackordered;
    case 'retry-payment':
      return facts.waitCode === 'payment' && facts.paidBy === 'card';
    case 'record-payment':
      return facts.paidBy === 'outside';
  }
}
