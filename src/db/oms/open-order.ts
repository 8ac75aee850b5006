import type {
  FulfillmentState,
  OpenPacking,
  OrderPhase,
  OrderState,
  OrderWaitCode,
} from '../../contracts/order-process';
import type {
  FulfillmentOrderStatus,
  OrderStatus,
  PaymentStatus,
  ShipmentStatus,
} from '../../domain/order-state';
import { paidByOf } from '../../domain/order-actions';
import type { KitPart } from '../../domain/allocation';
import { restOf } from '../../domain/order-worth';
import type { DeliveryException, GivenUpAs } from '../../domain/delivery-exception';
import type { Queryable } from '../pool';

export interface OpenLine {
  readonly id: string;
  readonly lineNo: number;
  readonly sku: string | null;
  readonly knownSku: boolean;
  readonly requiresShipping: boolean;
  readonly ordered: number;
  /** Ordered less canceled. */
  readonly wanted: number;
  readonly allocated: number;
  readonly fulfilled: number;
  readonly shipped: number;
  readonly delivered: number;
  readonly itemMinor: number;
  readonly taxMinor: number;
  readonly capturedMinor: number;
  readonly creditedMinor: number;
  /** What one unit is made of; empty: the item itself. */
  readonly kitParts: readonly KitPart[];
}

export interface OpenFulfillment {
  readonly id: string;
  readonly location: string | null;
  readonly status: FulfillmentOrderStatus;
  readonly packed: boolean;
  readonly shippingCapturedMinor: number;
  /** Its units were handed over, and captured, before. */
  readonly isResend: boolean;
  readonly lines: readonly { lineId: string; quantity: number; picked: number; packed: number }[];
}

export interface OpenShipment {
  readonly id: string;
  readonly fulfillmentOrderId: string;
  readonly carrier: string;
  readonly bookingKey: string;
  readonly bookingStatus: 'pending' | 'booked' | 'voiding' | 'voided' | 'refused';
  readonly trackingNo: string | null;
  readonly status: ShipmentStatus;
  readonly shipped: boolean;
  readonly arrived: boolean;
  /** What a person has to decide on. */
  readonly exception: DeliveryException | null;
  readonly givenUpAs: GivenUpAs | null;
  /** The carrier is asked to send it back. */
  readonly intercepted: boolean;
}

export interface OpenPayment {
  readonly id: string;
  readonly seq: number;
  readonly method: string;
  readonly provider: string;
  readonly status: PaymentStatus;
  readonly reference: string | null;
  readonly idempotencyKey: string;
  /** The gateway was called, or is just being called, with the key. */
  readonly isAttempted: boolean;
  /** Whether the authorisation allows several captures. */
  readonly multicapture: boolean;
  /** It is asked for in place of one that ends. */
  readonly isRenewal: boolean;
  /** Another one is there in its place: nothing more is captured from it. */
  readonly isReplaced: boolean;
  readonly amountMinor: number;
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly voidedMinor: number;
}

export interface CommandRecord {
  readonly id: string;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly actorType: string;
  readonly actorId: string;
  readonly requestId: string | null;
  readonly status: 'running' | 'done' | 'failed';
  /** Of a refused one: why. */
  readonly result: { readonly code?: string } | null;
}

/** An order as a step finds it, its row locked until the step's transaction ends. */
export interface OpenOrder {
  readonly id: string;
  readonly revision: number;
  readonly version: number;
  readonly orderNo: string;
  readonly channel: string;
  readonly status: OrderStatus;
  readonly phase: OrderPhase;
  readonly waitCode: OrderWaitCode | null;
  readonly until: string | null;
  readonly currency: string;
  readonly customerId: string | null;
  readonly paymentMethod: string;
  readonly totalMinor: number;
  readonly currentTotalMinor: number;
  readonly taxIncluded: boolean;
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  readonly shippingMethod: string | null;
  readonly priority: string;
  readonly promisedBy: string | null;
  readonly placedAt: string;
  readonly cancelReason: string | null;
  readonly shippingCreditedMinor: number;
  /** Refunds of what was canceled or made cheaper, those under way among them. */
  readonly givenBackMinor: number;
  /** Gateway and carrier owe nothing more. */
  readonly isSettled: boolean;
  readonly activeHolds: number;
  readonly openFindings: readonly string[];
  /** What was not there follows; it waits for stock. */
  readonly isBackordered: boolean;
  /** Stock is reserved that no fulfilment order covers yet. */
  readonly isUnplanned: boolean;
  readonly lines: readonly OpenLine[];
  readonly fulfillments: readonly OpenFulfillment[];
  readonly shipments: readonly OpenShipment[];
  readonly payments: readonly OpenPayment[];
  readonly captures: readonly {
    captureId: string;
    paymentId: string;
    intentId: string;
    amountMinor: number;
    currency: string;
    provider: string;
    idempotencyKey: string;
    status: 'owed' | 'done';
  }[];
  readonly command: CommandRecord | null;
}

/** Locks the order and reads it with the command a step carries out; null: no such order. */
export async function openOrder(
  tx: Queryable,
  orderId: string,
  commandId: string | null,
): Promise<OpenOrder | null> {
  const { rows } = await tx.query<{ document: OpenOrder | null }>(
    'select oms.open_order($1::uuid, $2::uuid) as document',
    [orderId, commandId],
  );
  return rows[0]?.document ?? null;
}

/** What the workflow knows of fulfilment orders that are not canceled. */
export function toFulfillmentStates(fulfillments: readonly OpenFulfillment[]): FulfillmentState[] {
  return fulfillments
    .filter(({ status }) => status !== 'canceled')
    .map(({ id, status, packed }) => ({
      id,
      closed: status === 'closed',
      packed,
      ...(status === 'scheduled' ? { scheduled: true } : {}),
    }));
}

export function paidOutside(method: string): Pick<OrderState, 'isPaidOutside'> {
  return paidByOf(method) === 'outside' ? { isPaidOutside: true } : {};
}

/** What the workflow knows of the order. */
export function toOrderState(order: OpenOrder): OrderState {
  return {
    rev: order.revision,
    orderNo: order.orderNo,
    channel: order.channel,
    status: order.status,
    phase: order.phase,
    waitCode: order.waitCode,
    until: order.until === null ? null : new Date(order.until).toISOString(),
    activeHolds: order.activeHolds,
    openFindings: order.openFindings,
    isPaidByCard: order.paymentMethod === 'card' && !isCovered(order),
    ...paidOutside(order.paymentMethod),
    fulfillments: toFulfillmentStates(order.fulfillments),
    owedCaptures: order.captures
      .filter((capture) => capture.status === 'owed')
      .map(({ captureId, intentId, amountMinor, currency, provider, idempotencyKey }) => ({
        captureId,
        intentId,
        amountMinor,
        currency,
        provider,
        idempotencyKey,
      })),
    arrivedShipmentIds: order.shipments
      .filter((shipment) => shipment.arrived && shipment.shipped)
      .map(({ id }) => id),
    ...(order.shipments.some(({ bookingStatus }) => bookingStatus === 'voiding')
      ? { hasOpenedPackages: true }
      : {}),
    ...(isOverAuthorized(order) ? { isOverAuthorized: true } : {}),
    exceptedShipmentIds: order.shipments
      .filter(({ exception }) => exception !== null)
      .map(({ id }) => id),
  };
}

/** What counts before the card, store credit or an exchange's worth, pays for everything that is still wanted. */
function isCovered({ currentTotalMinor, payments }: OpenOrder): boolean {
  const credits = payments.filter(({ method }) => method !== 'card');
  return credits.reduce((sum, { capturedMinor }) => sum + capturedMinor, 0) >= currentTotalMinor;
}

/** Everything is handed over, and something is still authorised: to be released once what is owed is captured. */
function isOverAuthorized(order: OpenOrder): boolean {
  if (order.phase !== 'track' && order.phase !== 'complete') return false;
  return order.payments.some((payment) => restOf(order, payment) > 0);
}

/** The amends whose authorisation a lost run of the workflow left open, by their commands. */
export function findOpenAmends(order: OpenOrder): string[] {
  return order.payments.flatMap(({ idempotencyKey, status }) => {
    const [kind, commandId] = idempotencyKey.split(':');
    return kind === 'amend' && status === 'pending' && commandId !== undefined ? [commandId] : [];
  });
}

/** The packings that a lost run of the workflow left half done: a booking key names its command. */
export function findOpenPackings(order: OpenOrder): OpenPacking[] {
  const open = new Map<string, OpenPacking>();
  for (const { bookingStatus, bookingKey, fulfillmentOrderId } of order.shipments) {
    const [, commandId] = bookingKey.split(':');
    if (bookingStatus !== 'pending' || commandId === undefined) continue;
    open.set(commandId, { commandId, fulfillmentOrderId });
  }
  return [...open.values()];
}
