import type { DeliveryAction } from '../domain/delivery-exception';
import type { OrderStatus } from '../domain/order-state';

/** Where an order's story is, and where a fresh run resumes it. */
export type OrderPhase =
  'review' | 'reserve' | 'pay' | 'fulfill' | 'track' | 'complete' | 'cancel' | 'over';

export type OrderWaitCode =
  'review' | 'finance_review' | 'shortage' | 'substitution' | 'payment' | 'void';

export interface FulfillmentState {
  readonly id: string;
  readonly closed: boolean;
  readonly packed: boolean;
  /** It waits for stock; left out: no. */
  readonly scheduled?: boolean;
}

/** A capture that a hand-over owes; its key was stored with the hand-over. */
export interface OwedCapture {
  readonly captureId: string;
  readonly intentId: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** Who holds the authorisation; histories of before name none, and it is the gateway that takes cards. */
  readonly provider?: string;
  readonly idempotencyKey: string;
}

/** What the order workflow knows of its order: ids, codes and amounts, nothing personal. */
export interface OrderState {
  /** The order's revision that this was read at: of two answers the newer one counts. */
  readonly rev: number;
  readonly orderNo: string;
  readonly channel: string;
  readonly status: OrderStatus;
  readonly phase: OrderPhase;
  readonly waitCode: OrderWaitCode | null;
  /** Deadline of the wait (ISO, UTC); null: none. */
  readonly until: string | null;
  readonly activeHolds: number;
  /** Codes of what holds the order in review. */
  readonly openFindings: readonly string[];
  readonly isPaidByCard: boolean;
  /** Its money comes in advance or by invoice; left out: no. */
  readonly isPaidOutside?: true;
  readonly fulfillments: readonly FulfillmentState[];
  readonly owedCaptures: readonly OwedCapture[];
  /** Shipments that arrived and whose delivery the order has not recorded yet. */
  readonly arrivedShipmentIds: readonly string[];
  /** Shipments on which a person has to decide; left out: none. */
  readonly exceptedShipmentIds?: readonly string[];
  /** Packings whose booking is open; only a run that takes over from a lost one finds any. */
  readonly openPackings?: readonly OpenPacking[];
  /** Packages were opened again: the carrier has still to take their bookings back. */
  readonly hasOpenedPackages?: boolean;
  /** Everything is handed over and more is authorised than will be captured. */
  readonly isOverAuthorized?: boolean;
  /** Amends that asked for an authorisation and have not ended; only a run that takes over from a lost one finds any. */
  readonly openAmends?: readonly string[];
}

/** A packing that was asked for, with its booking keys stored, and has not ended. */
export interface OpenPacking {
  readonly commandId: string;
  readonly fulfillmentOrderId: string;
}

/** What a step changed; the rest of the state stays. Members of lists are named, so that steps do not overwrite each other. */
export interface OrderChange extends Partial<OrderState> {
  readonly packedId?: string;
  readonly closedId?: string;
  readonly newCaptures?: readonly OwedCapture[];
  readonly newArrivals?: readonly string[];
  /** Of an amend: its difference must be authorised first. */
  readonly isAuthorizing?: true;
}

export interface OrderRef {
  readonly orderId: string;
}

/** A command of a caller. From the Web UI there is no `commandId`: the actor is `operator:web-ui` then. */
export interface CommandInput {
  readonly commandId?: string;
  readonly reasonCode?: string;
  readonly fulfillmentOrderId?: string;
  readonly holdId?: string;
  readonly choice?: 'wait' | 'split' | 'substitute' | 'cancel_lines' | 'cancel';
  readonly shipmentId?: string;
  /** What becomes of a shipment that a person has to decide on. */
  readonly action?: DeliveryAction;
  /** Of an update without `commandId`: makes its step repeatable. */
  readonly updateId?: string;
}

export interface CommandResult {
  readonly status: string;
}

/** Why an order is canceled when no caller asked for it. */
export type CancelCause = 'payment_deadline' | 'shortage_deadline' | 'requested';

/** A recorded fact a workflow hears of; `id` is the row's, so a repeat is recognised. */
export interface RecordedFact {
  readonly id: string;
  /**
   * `shipment_delivered`, `shipment_moved`, `stock_served`, `payment_reported`, `payment_event`, `dispute_reported`,
   * `cancel_requested`, `authorization_ends`;
   * others are ignored.
   */
  readonly kind: string;
  readonly ref: string;
}
