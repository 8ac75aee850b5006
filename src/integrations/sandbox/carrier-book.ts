import type { CarrierRequest, JournalRecord, Scan } from './records';

export interface Shipment {
  readonly trackingNo: string;
  readonly request: CarrierRequest;
  readonly eta: string | null;
  readonly bookedAt: string;
  readonly handedOverAt: string | null;
  readonly voidedAt: string | null;
  /** Its next scan is `return_to_sender`. */
  readonly interceptedAt: string | null;
  /** In the order in which they were reported. */
  readonly scans: readonly Scan[];
}

/** A booking is pending from its arrival until the carrier has answered. */
export type BookingState =
  | { readonly kind: 'pending'; readonly request: CarrierRequest }
  | { readonly kind: 'refused'; readonly request: CarrierRequest; readonly code: string }
  | { readonly kind: 'booked'; readonly request: CarrierRequest; readonly trackingNo: string };

export interface AutoMove {
  readonly enabled: boolean;
  readonly stepMs: number;
}

/** The scan that occurred last decides; before any it is `pending`. Pure. */
export function toStatus(shipment: Shipment): string {
  if (shipment.voidedAt !== null) return 'canceled';
  return latestScan(shipment)?.code ?? 'pending';
}

/** The scan with the latest time; of several at one time the one reported last. Pure. */
export function latestScan(shipment: Shipment): Scan | null {
  let latest: Scan | null = null;
  for (const scan of shipment.scans) {
    if (latest === null || Date.parse(scan.occurredAt) >= Date.parse(latest.occurredAt))
      latest = scan;
  }
  return latest;
}

/** The carrier's bookings and shipments; reads only, it changes by `apply` alone. */
export class CarrierBook {
  readonly #bookings = new Map<string, BookingState>();
  readonly #shipments = new Map<string, Shipment>();
  #auto: AutoMove = { enabled: false, stepMs: 1500 };

  apply(record: JournalRecord): void {
    switch (record.type) {
      case 'carrier.opened':
        this.#bookings.set(record.request.idempotencyKey, {
          kind: 'pending',
          request: record.request,
        });
        break;
      case 'carrier.booked':
        this.#book(record);
        break;
      case 'carrier.refused':
        this.#refuse(record.idempotencyKey, record.code);
        break;
      case 'carrier.voided':
        this.#change(record.trackingNo, () => ({ voidedAt: record.at }));
        break;
      case 'carrier.handed_over':
        this.#change(record.trackingNo, () => ({ handedOverAt: record.at }));
        break;
      case 'carrier.intercepted':
        this.#change(record.trackingNo, () => ({ interceptedAt: record.at }));
        break;
      case 'carrier.scanned':
        this.#change(record.trackingNo, (s) => ({ scans: [...s.scans, ...record.scans] }));
        break;
      case 'carrier.auto':
        this.#auto = { enabled: record.enabled, stepMs: record.stepMs };
        break;
      default:
        break;
    }
  }

  get auto(): AutoMove {
    return this.#auto;
  }

  findBooking(idempotencyKey: string): BookingState | null {
    return this.#bookings.get(idempotencyKey) ?? null;
  }

  bookings(): BookingState[] {
    return [...this.#bookings.values()];
  }

  findShipment(trackingNo: string): Shipment | null {
    return this.#shipments.get(trackingNo) ?? null;
  }

  /** Oldest first. */
  shipments(): Shipment[] {
    return [...this.#shipments.values()];
  }

  #book(record: Extract<JournalRecord, { type: 'carrier.booked' }>): void {
    const request = this.#bookings.get(record.idempotencyKey)?.request;
    if (!request) return;
    const { trackingNo, eta, at } = record;
    this.#bookings.set(request.idempotencyKey, { kind: 'booked', request, trackingNo });
    const open = { handedOverAt: null, voidedAt: null, interceptedAt: null, scans: [] };
    this.#shipments.set(trackingNo, { trackingNo, request, eta, bookedAt: at, ...open });
  }

  #refuse(idempotencyKey: string, code: string): void {
    const request = this.#bookings.get(idempotencyKey)?.request;
    if (request) this.#bookings.set(idempotencyKey, { kind: 'refused', request, code });
  }

  #change(trackingNo: string, toChange: (shipment: Shipment) => Partial<Shipment>): void {
    const shipment = this.#shipments.get(trackingNo);
    if (shipment) this.#shipments.set(trackingNo, { ...shipment, ...toChange(shipment) });
  }
}
