import type { Books } from './books';
import { latestScan, toStatus, type BookingState, type Shipment } from './carrier-book';
import { delayIfSlow } from './faults';
import { newId, newTrackingNo, nowIso, toFingerprint } from './ids';
import { Problem } from './problem';
import type { CarrierRequest, Fault, JournalRecord, Scan } from './records';
import { scanWebhook } from './webhook-messages';

const MAX_WEIGHT_GRAMS = 70_000;
const DAY_MS = 24 * 3600 * 1000;
const WALK = ['picked_up', 'in_transit', 'out_for_delivery', 'delivered'] as const;
const ENDED: readonly string[] = ['delivered', 'return_to_sender', 'lost', 'canceled', 'expired'];

export type Delivery = 'in_order' | 'shuffled' | 'duplicated';

export interface ScanReport {
  readonly id?: string | undefined;
  readonly code: string;
  readonly occurredAt: string;
  readonly location?: string | null | undefined;
}

/** The scan that comes next on the way to the door, or null when the way has ended. Pure. */
export function nextCode(status: string): string | null {
  if (ENDED.includes(status)) return null;
  const step = WALK.findIndex((code) => code === status);
  if (step >= 0) return WALK[step + 1] ?? null;
  // After a failed try or a stop the parcel goes out again; before the first scan it is picked up.
  return status === 'pending' ? 'picked_up' : 'out_for_delivery';
}

/** Called back, and no scan has said so yet. */
function isToGoBack({ interceptedAt, scans }: Shipment): boolean {
  return interceptedAt !== null && scans.every(({ code }) => code !== 'return_to_sender');
}

function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** The order in which scans are sent: as given, in any order, or all of them and then all again. */
function toSendOrder(scans: readonly Scan[], deliver: Delivery): readonly Scan[] {
  switch (deliver) {
    case 'in_order':
      return scans;
    case 'shuffled':
      return shuffled(scans);
    case 'duplicated':
      return [...scans, ...scans];
  }
}

function toEta(service: string, bookedAtMs: number): string {
  const days = /express|next|overnight/i.test(service) ? 1 : 4;
  return new Date(bookedAtMs + days * DAY_MS).toISOString();
}

/** Books parcels and reports where they are; each booking is entered as pending on arrival and answered once. */
export class CarrierDesk {
  readonly #books: Books;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Answers the bookings that an earlier process left open; to be called before requests are taken. */
  async resume(): Promise<void> {
    for (const booking of this.#books.carrier.bookings()) {
      if (booking.kind === 'pending') await this.#decide(booking.request, null);
    }
  }

  async book(
    order: Omit<CarrierRequest, 'fingerprint' | 'at'>,
    fault: Fault | null,
  ): Promise<Shipment> {
    const { idempotencyKey, reference, kind, service, from, to, weightGrams } = order;
    const fingerprint = toFingerprint(reference, kind, service, from, to, weightGrams);
    const known = this.#books.carrier.findBooking(idempotencyKey);
    if (known) return this.#replay(known, fingerprint);
    const request = { ...order, fingerprint, at: nowIso() };
    await this.#books.write({ type: 'carrier.opened', request });
    await delayIfSlow(fault);
    return await this.#decide(request, fault);
  }

  /** Takes a parcel back that has not moved yet; again: nothing changes. */
  async void(shipment: Shipment): Promise<void> {
    if (shipment.voidedAt !== null) return;
    if (shipment.scans.length > 0 || shipment.handedOverAt !== null) {
      throw new Problem(422, 'already_picked_up', 'The carrier has the parcel');
    }
    const { trackingNo } = shipment;
    await this.#books.write({ type: 'carrier.voided', trackingNo, at: nowIso() });
  }

  /** True the first time. */
  async handOver(shipment: Shipment): Promise<boolean> {
    const { trackingNo, voidedAt, handedOverAt } = shipment;
    if (voidedAt !== null) throw new Problem(422, 'voided', 'The booking was voided');
    if (handedOverAt !== null) return false;
    await this.#books.write({ type: 'carrier.handed_over', trackingNo, at: nowIso() });
    return true;
  }

  /** Calls a parcel back that has not arrived; again: nothing changes. */
  async intercept(shipment: Shipment): Promise<void> {
    if (shipment.interceptedAt !== null) return;
    if (shipment.voidedAt !== null || ENDED.includes(toStatus(shipment)))
      throw new Problem(422, 'not_under_way', 'The parcel is not under way');
    const { trackingNo } = shipment;
    await this.#books.write({ type: 'carrier.intercepted', trackingNo, at: nowIso() });
  }

  /** Enters scans and queues one webhook for each sending of one. */
  async report(
    shipment: Shipment,
    reports: readonly ScanReport[],
    deliver: Delivery,
  ): Promise<Scan[]> {
    const { trackingNo } = shipment;
    const isCalledBack = isToGoBack(shipment);
    const scans = reports.map(({ id, code, occurredAt, location }, n) => ({
      id: id ?? newId('scn'),
      code: isCalledBack && n === 0 ? 'return_to_sender' : code,
      occurredAt,
      location: location ?? null,
    }));
    const webhooks = toSendOrder(scans, deliver).map((scan): JournalRecord => ({
      type: 'webhook.queued',
      webhook: scanWebhook(trackingNo, scan),
    }));
    await this.#books.write({ type: 'carrier.scanned', trackingNo, scans }, ...webhooks);
    return scans;
  }

  /** Reports the next step, later than all before it. Null when there is none. */
  async step(trackingNo: string): Promise<Scan | null> {
    const shipment = this.#books.carrier.findShipment(trackingNo);
    const code = shipment && nextCode(toStatus(shipment));
    if (!shipment || !code) return null;
    const earliest = Date.parse(latestScan(shipment)?.occurredAt ?? '') + 1;
    const occurredAt = new Date(Math.max(Date.now(), earliest || 0)).toISOString();
    const [scan] = await this.report(shipment, [{ code, occurredAt }], 'in_order');
    return scan ?? null;
  }

  #replay(known: BookingState, fingerprint: string): Shipment {
    if (known.request.fingerprint !== fingerprint) {
      throw new Problem(409, 'idempotency_key_reused', 'The key belongs to another booking');
    }
    if (known.kind === 'refused') throw new Problem(422, known.code, 'The booking was refused');
    const shipment =
      known.kind === 'booked' ? this.#books.carrier.findShipment(known.trackingNo) : null;
    if (shipment) return shipment;
    throw new Problem(409, 'idempotency_in_progress', 'The first request is still running');
  }

  async #decide(request: CarrierRequest, fault: Fault | null): Promise<Shipment> {
    const { idempotencyKey, service, weightGrams } = request;
    const code = refusalCode(weightGrams, fault);
    if (code !== null) {
      await this.#books.write({ type: 'carrier.refused', idempotencyKey, code });
      throw new Problem(422, code, 'The booking was refused');
    }
    const trackingNo = newTrackingNo();
    const eta = toEta(service, Date.parse(request.at));
    await this.#books.write({
      type: 'carrier.booked',
      idempotencyKey,
      trackingNo,
      eta,
      at: nowIso(),
    });
    const shipment = this.#books.carrier.findShipment(trackingNo);
    if (!shipment) throw new Error('A booking was not entered');
    return shipment;
  }
}

function refusalCode(weightGrams: number, fault: Fault | null): string | null {
  if (fault?.mode === 'decline') return 'injected_decline';
  return weightGrams > MAX_WEIGHT_GRAMS ? 'too_heavy' : null;
}
