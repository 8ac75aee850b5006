import { REFUND_MACHINE, type RefundStatus } from './refund-state';
import { RETURN_MACHINE, type ReturnStatus } from './return-state';

export const ORDER_STATUSES = [
  'draft',
  'pending',
  'in_review',
  'confirmed',
  'processing',
  'completed',
  'canceled',
  'expired',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const FULFILLMENT_ORDER_STATUSES = [
  'open',
  'scheduled',
  'on_hold',
  'in_progress',
  'closed',
  'incomplete',
  'canceled',
] as const;
export type FulfillmentOrderStatus = (typeof FULFILLMENT_ORDER_STATUSES)[number];

export const SHIPMENT_STATUSES = [
  'pending',
  'picked_up',
  'in_transit',
  'out_for_delivery',
  'ready_for_pickup',
  'delivered',
  'delivery_delayed',
  'delivery_failed',
  'on_hold',
  'return_to_sender',
  'canceled',
  'unknown',
  'lost',
  'expired',
] as const;
export type ShipmentStatus = (typeof SHIPMENT_STATUSES)[number];

export const PAYMENT_STATUSES = [
  'pending',
  'action_required',
  'authorized',
  'partially_captured',
  'captured',
  'voided',
  'expired',
  'declined',
  'failed',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export const RESERVATION_STATES = ['held', 'committed', 'consumed', 'released', 'expired'] as const;
export type ReservationState = (typeof RESERVATION_STATES)[number];

export const HOLD_STATUSES = ['active', 'released'] as const;
export type HoldStatus = (typeof HOLD_STATUSES)[number];

/** The state machines and the statuses of each. */
export interface StatusByMachine {
  readonly order: OrderStatus;
  readonly fulfillmentOrder: FulfillmentOrderStatus;
  readonly shipment: ShipmentStatus;
  readonly payment: PaymentStatus;
  readonly refund: RefundStatus;
  readonly reservation: ReservationState;
  readonly hold: HoldStatus;
  readonly return: ReturnStatus;
}
export type MachineName = keyof StatusByMachine;

/** Where a machine may start, and for each status the ones it may change to (none: final). */
interface Machine<S extends string> {
  readonly initial: readonly S[];
  readonly statuses: readonly S[];
  readonly to: Readonly<Record<S, readonly S[]>>;
}

function anyScanBut(status: ShipmentStatus): readonly ShipmentStatus[] {
  return SHIPMENT_STATUSES.filter((other) => other !== 'pending' && other !== status);
}

/**
 * The one transition table: API, workflow and the database's guard all follow it (a test compares the
 * database's copy). `completed` and `canceled` are initial for imported history.
 */
export const MACHINES: { readonly [M in MachineName]: Machine<StatusByMachine[M]> } = {
  order: {
    initial: ['draft', 'pending', 'completed', 'canceled'],
    statuses: ORDER_STATUSES,
    to: {
      draft: ['pending'],
      pending: ['in_review', 'confirmed', 'canceled', 'expired'],
      in_review: ['confirmed', 'canceled'],
      confirmed: ['processing', 'canceled'],
      processing: ['completed', 'canceled'],
      completed: [],
      canceled: [],
      expired: [],
    },
  },
  fulfillmentOrder: {
    initial: ['open', 'scheduled'],
    statuses: FULFILLMENT_ORDER_STATUSES,
    to: {
      open: ['scheduled', 'on_hold', 'in_progress', 'canceled'],
      scheduled: ['open', 'canceled'],
      on_hold: ['open', 'canceled'],
      in_progress: ['closed', 'incomplete', 'canceled'],
      closed: [],
      incomplete: [],
      canceled: [],
    },
  },
  // A projection of scans, so only what scans in the order they happened cannot do is left out: going
  // back to `pending`, leaving `delivered` other than by goods that come back, and leaving that way back again.
  shipment: {
    initial: ['pending'],
    statuses: SHIPMENT_STATUSES,
    to: {
      pending: anyScanBut('pending'),
      picked_up: anyScanBut('picked_up'),
      in_transit: anyScanBut('in_transit'),
      out_for_delivery: anyScanBut('out_for_delivery'),
      ready_for_pickup: anyScanBut('ready_for_pickup'),
      delivered: ['return_to_sender'],
      delivery_delayed: anyScanBut('delivery_delayed'),
      delivery_failed: anyScanBut('delivery_failed'),
      on_hold: anyScanBut('on_hold'),
      return_to_sender: ['delivered'],
      canceled: anyScanBut('canceled'),
      unknown: ['pending', ...anyScanBut('unknown')],
      lost: anyScanBut('lost'),
      expired: anyScanBut('expired'),
    },
  },
  payment: {
    initial: ['pending'],
    statuses: PAYMENT_STATUSES,
    to: {
      pending: [
        'action_required',
        'authorized',
        'partially_captured',
        'captured',
        'voided',
        'expired',
        'declined',
        'failed',
      ],
      action_required: ['authorized', 'voided', 'expired', 'declined', 'failed'],
      authorized: ['partially_captured', 'captured', 'voided', 'expired'],
      partially_captured: ['captured'],
      captured: [],
      // Money that came at the provider after we had given the payment up.
      voided: ['captured'],
      expired: [],
      declined: [],
      failed: [],
    },
  },
  refund: REFUND_MACHINE,
  reservation: {
    initial: ['held', 'committed'],
    statuses: RESERVATION_STATES,
    to: {
      held: ['committed', 'expired', 'released'],
      committed: ['consumed', 'released'],
      consumed: [],
      released: [],
      expired: [],
    },
  },
  hold: {
    initial: ['active'],
    statuses: HOLD_STATUSES,
    to: { active: ['released'], released: [] },
  },
  return: RETURN_MACHINE,
};

/** True if the table allows the change; staying is no transition. */
export function canTransition<M extends MachineName>(
  machine: M,
  from: StatusByMachine[M],
  to: StatusByMachine[M],
): boolean {
  return targetsOf(machine, from).includes(to);
}

/** The statuses `from` may change to; empty when it is final. */
export function targetsOf<M extends MachineName>(
  machine: M,
  from: StatusByMachine[M],
): readonly StatusByMachine[M][] {
  return MACHINES[machine].to[from];
}

/** The statuses that may change to `to`: what a guarded update compares with. */
export function sourcesOf<M extends MachineName>(
  machine: M,
  to: StatusByMachine[M],
): readonly StatusByMachine[M][] {
  return MACHINES[machine].statuses.filter((from) => canTransition(machine, from, to));
}
