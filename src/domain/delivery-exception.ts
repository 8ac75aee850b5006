import type { ShipmentStatus } from './order-state';

export const DELIVERY_EXCEPTIONS = ['delivery_failed', 'lost', 'delivery_disputed'] as const;
/** Why a person has to decide how a shipment goes on. */
export type DeliveryException = (typeof DELIVERY_EXCEPTIONS)[number];

export const DELIVERY_ACTIONS = ['wait', 'redeliver', 'resend', 'refund'] as const;
export type DeliveryAction = (typeof DELIVERY_ACTIONS)[number];

/** Why an order does not wait for a shipment any more: sent again, paid back, or back in the house. */
export type GivenUpAs = 'resend' | 'refund' | 'returned';

/** The incident that is open as long as a shipment has the exception. */
export const INCIDENT_OF = {
  delivery_failed: 'delivery_failed',
  lost: 'shipment_lost',
  delivery_disputed: 'delivery_disputed',
} as const satisfies Readonly<Record<DeliveryException, string>>;

/** An incident of this kind is a parcel's, on which a person has to decide. */
export function isDeliveryIncident(kind: string): boolean {
  return Object.values<string>(INCIDENT_OF).includes(kind);
}

/** What a shipment's scans say, and what its order has recorded of that. */
export interface ShipmentFacts {
  readonly status: ShipmentStatus;
  readonly isDelivered: boolean;
  readonly failedAttempts: number;
  readonly recordedAttempts: number;
  readonly recordedStatus: 'lost' | 'return_to_sender' | null;
  readonly exception: DeliveryException | null;
}

export interface DeliveryRules {
  /** From this many failed attempts on a person decides; null: never. */
  readonly maxAttempts: number | null;
  readonly lostAction: 'ask' | 'refund' | 'resend';
}

export interface DeliveryNews {
  /** Numbers of the attempts that failed and were not recorded, in their order. */
  readonly attempts: readonly number[];
  readonly isLost: boolean;
  /** A scan came of a parcel that was lost. */
  readonly isFound: boolean;
  /** It is on its way back to us. */
  readonly isReturning: boolean;
  /** On what a person has to decide now; null: nothing. */
  readonly exception: DeliveryException | null;
  /** What the policy does by itself. */
  readonly action: 'refund' | 'resend' | null;
}

/**
 * What an order has to record of a shipment; null: nothing. Only what is so counts, never how it came to be known, so
 * any order of arrival and repeats end the same. Late scans of a parcel that has arrived are no news, but its way back is.
 */
export function readDeliveryNews(facts: ShipmentFacts, rules: DeliveryRules): DeliveryNews | null {
  const { status, recordedStatus, recordedAttempts, failedAttempts } = facts;
  // What is on its way back is a return: its scans decide nothing any more.
  if (recordedStatus === 'return_to_sender') return null;
  const isReturning = status === 'return_to_sender';
  if (facts.isDelivered && !isReturning) return null;
  const attempts = facts.isDelivered ? [] : numbersAfter(recordedAttempts, failedAttempts);
  const isLost = status === 'lost' && recordedStatus !== 'lost';
  const isFound = status !== 'lost' && recordedStatus === 'lost';
  if (attempts.length === 0 && !isReturning && !isLost && !isFound) return null;
  const action = isLost && rules.lostAction !== 'ask' ? rules.lostAction : null;
  const news = { attempts, isLost, isFound, isReturning, action };
  return { ...news, exception: exceptionAfter(facts, rules, news) };
}

function numbersAfter(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n + 1);
}

function exceptionAfter(
  { exception, failedAttempts }: ShipmentFacts,
  { maxAttempts }: DeliveryRules,
  { isLost, isReturning, attempts, isFound }: Omit<DeliveryNews, 'exception'>,
): DeliveryException | null {
  if (isReturning) return null;
  if (isLost) return 'lost';
  const isOver = maxAttempts !== null && failedAttempts >= maxAttempts;
  if (isOver && attempts.length > 0) return 'delivery_failed';
  return isFound && exception === 'lost' ? null : exception;
}

export const SHIPMENT_ACTIONS = ['intercept', 'resolve', 'dispute-delivery'] as const;
export type ShipmentAction = (typeof SHIPMENT_ACTIONS)[number];

export interface ShipmentActionFacts {
  readonly isShipped: boolean;
  readonly isDelivered: boolean;
  readonly status: ShipmentStatus;
  readonly exception: DeliveryException | null;
  readonly givenUpAs: GivenUpAs | null;
}

/** The commands that are legal for a shipment now: the answer of its document, of a 409 and of the steps alike. */
export function shipmentActions(facts: ShipmentActionFacts): ShipmentAction[] {
  if (!facts.isShipped || facts.givenUpAs !== null) return [];
  return SHIPMENT_ACTIONS.filter((action) => {
    switch (action) {
      case 'intercept':
        return !facts.isDelivered && facts.status !== 'return_to_sender';
      case 'resolve':
        return facts.exception !== null;
      case 'dispute-delivery':
        return facts.status === 'delivered' && facts.exception === null;
    }
  });
}
