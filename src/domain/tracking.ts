import { SHIPMENT_STATUSES, type ShipmentStatus } from './order-state';

/** One carrier scan. `code` is a shipment status (adapters translate); any other is `unknown`. */
export interface TrackingEvent {
  readonly id: string;
  readonly code: string;
  /** ISO 8601 with offset. One that cannot be read is ignored. */
  readonly occurredAt: string;
}

export interface ShipmentProjection {
  readonly status: ShipmentStatus;
  /** When the scan that gives the status happened (UTC); null before any scan. */
  readonly statusAt: string | null;
  /** The first `delivered` scan; kept when goods later go back to the sender. */
  readonly deliveredAt: string | null;
  /** Attempts to deliver that failed: distinct scans that say so. */
  readonly failedAttempts: number;
  /** Scans dated after `now`, taken as of `now`; in the order of their ids. */
  readonly clampedIds: readonly string[];
}

interface Scan {
  readonly id: string;
  readonly status: ShipmentStatus;
  readonly at: number;
}

/** Of scans at one instant the one further along counts. All ranks differ, so the order is total. */
const RANK: Readonly<Record<ShipmentStatus, number>> = {
  unknown: 0,
  pending: 1,
  picked_up: 2,
  in_transit: 3,
  on_hold: 4,
  delivery_delayed: 5,
  out_for_delivery: 6,
  delivery_failed: 7,
  ready_for_pickup: 8,
  lost: 9,
  expired: 10,
  canceled: 11,
  delivered: 12,
  return_to_sender: 13,
};

/** The shipment status a scan code stands for; `unknown` for a code that is none of ours. */
export function toShipmentStatus(code: string): ShipmentStatus {
  return SHIPMENT_STATUSES.find((status) => status === code) ?? 'unknown';
}

/**
 * A shipment's status by when its scans happened, not by when they came: every order of arrival, with
 * any duplicates, gives the same. `delivered` is left only by a later-dated `return_to_sender`, and that only by `delivered`;
 * `unknown` and `pending` never replace a status that says more. `now` bounds clocks that run ahead.
 */
export function projectShipment(events: readonly TrackingEvent[], now: string): ShipmentProjection {
  const nowMs = Date.parse(now);
  const scans = events.map((event) => toScan(event)).filter((scan) => !Number.isNaN(scan.at));
  const ordered = scans
    .map((scan) => ({ ...scan, at: Math.min(scan.at, nowMs) }))
    .toSorted((a, b) => a.at - b.at || RANK[a.status] - RANK[b.status]);
  const current = ordered.reduce<Scan | null>(advance, null);
  const delivered = ordered.find((scan) => scan.status === 'delivered');
  const clamped = scans.filter((scan) => scan.at > nowMs).map((scan) => scan.id);
  return {
    status: current?.status ?? 'pending',
    statusAt: toIso(current),
    deliveredAt: toIso(delivered),
    failedAttempts: countFailed(scans),
    clampedIds: [...new Set(clamped)].toSorted(),
  };
}

function toScan({ id, code, occurredAt }: TrackingEvent): Scan {
  return { id, status: toShipmentStatus(code), at: Date.parse(occurredAt) };
}

function countFailed(scans: readonly Scan[]): number {
  return new Set(scans.filter(({ status }) => status === 'delivery_failed').map(({ id }) => id))
    .size;
}

function advance(current: Scan | null, next: Scan): Scan {
  if (current === null) return next;
  if (current.status === 'delivered') {
    return next.status === 'return_to_sender' && next.at > current.at ? next : current;
  }
  // Whatever happens to it on its way back, it goes back.
  if (current.status === 'return_to_sender') return next.status === 'delivered' ? next : current;
  const saysLess = RANK[next.status] <= RANK.pending && RANK[current.status] > RANK[next.status];
  return saysLess ? current : next;
}

function toIso(scan: Scan | null | undefined): string | null {
  return scan === null || scan === undefined ? null : new Date(scan.at).toISOString();
}
