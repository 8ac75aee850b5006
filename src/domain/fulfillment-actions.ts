import type { FulfillmentOrderStatus } from './order-state';

export const FULFILLMENT_ACTIONS = [
  'start',
  'pick',
  'pack',
  'hand-over',
  'report-short',
  'hold',
  'release',
] as const;
export type FulfillmentAction = (typeof FULFILLMENT_ACTIONS)[number];

export interface FulfillmentActionFacts {
  readonly allPicked: boolean;
  readonly packed: boolean;
  /** The order has an active hold, which stops `pack` and `hand-over` but not the shelf work. */
  readonly heldOrder: boolean;
}

/** The warehouse's legal next steps, in the order of the work. */
export function fulfillmentActions(
  status: FulfillmentOrderStatus,
  facts: FulfillmentActionFacts,
): FulfillmentAction[] {
  if (status === 'open') return ['start', 'report-short', 'hold'];
  if (status === 'on_hold') return ['release'];
  if (status !== 'in_progress') return [];
  if (!facts.allPicked) return ['pick', 'report-short'];
  if (facts.heldOrder) return [];
  return [facts.packed ? 'hand-over' : 'pack'];
}
