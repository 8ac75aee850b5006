import { z } from 'zod';
import type {
  BookRequest,
  BookResult,
  Booking,
  Carrier,
  CarrierLookup,
  InterceptResult,
  VoidBookingRequest,
  VoidBookingResult,
} from './carrier';
import { OutsideFault, readReply, requestJson, type OutsideReply } from './http-json';

const SERVICE = 'carrier';
const DEFAULT_TIMEOUT_MS = 15_000;
const LOOKUP_TIMEOUT_MS = 5_000;

const ShipmentReply = z.object({
  trackingNo: z.string().min(1).max(100),
  labelUrl: z.url({ protocol: /^https?$/ }),
  carrier: z.string().min(1).max(50),
  service: z.string().min(1).max(100),
  eta: z.iso.datetime({ offset: true }).nullish(),
  status: z.string().min(1).max(50),
});

const LookupReply = z.union([
  z.object({ state: z.literal('pending') }),
  z.object({ state: z.literal('booked'), shipment: ShipmentReply }),
]);

const BookReply = z.object({ shipment: ShipmentReply });
const RefusalReply = z.object({ code: z.string().min(1).max(100) });

export interface HttpCarrierOptions {
  /** Without a slash at the end, e.g. `http://127.0.0.1:4010/carrier`. */
  readonly baseUrl: string;
  /** Default `sandbox`. */
  readonly code?: string;
  /** Per booking, void and hand-over; 15 s by default. */
  readonly timeoutMs?: number;
}

function toBooking(shipment: z.infer<typeof ShipmentReply>): Booking {
  const { trackingNo, labelUrl, carrier, service, eta } = shipment;
  return { trackingNo, labelUrl, carrier, service, eta: eta ?? null };
}

function readRefusal(reply: OutsideReply): { kind: 'refused'; code: string } | null {
  if (reply.status !== 404 && reply.status !== 422) return null;
  const parsed = RefusalReply.safeParse(reply.body);
  return parsed.success ? { kind: 'refused', code: parsed.data.code } : null;
}

/** Carrier over HTTP, in the sandbox carrier's spelling. */
export class HttpCarrier implements Carrier {
  readonly code: string;
  readonly #baseUrl: string;
  readonly #timeoutMs: number;

  constructor(options: HttpCarrierOptions) {
    this.code = options.code ?? 'sandbox';
    this.#baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  async book(request: BookRequest): Promise<BookResult> {
    const { idempotencyKey, ...body } = request;
    const reply = await this.#post('/shipments', idempotencyKey, body);
    const refusal = readRefusal(reply);
    if (refusal) return refusal;
    return { kind: 'booked', booking: toBooking(readReply(SERVICE, BookReply, reply).shipment) };
  }

  async find(idempotencyKey: string): Promise<CarrierLookup> {
    const reply = await requestJson({
      service: SERVICE,
      method: 'GET',
      url: `${this.#baseUrl}/bookings?idempotencyKey=${encodeURIComponent(idempotencyKey)}`,
      timeoutMs: Math.min(LOOKUP_TIMEOUT_MS, this.#timeoutMs),
    });
    if (reply.status === 404) return { kind: 'not_found' };
    const lookup = readReply(SERVICE, LookupReply, reply);
    if (lookup.state === 'pending') return { kind: 'pending' };
    return { kind: 'found', booking: toBooking(lookup.shipment), status: lookup.shipment.status };
  }

  async void(request: VoidBookingRequest): Promise<VoidBookingResult> {
    const path = `/shipments/${encodeURIComponent(request.trackingNo)}/void`;
    const reply = await this.#post(path, request.idempotencyKey, {});
    const refusal = readRefusal(reply);
    if (refusal) return refusal;
    readReply(SERVICE, BookReply, reply);
    return { kind: 'voided' };
  }

  async handedOver(trackingNo: string): Promise<void> {
    const path = `/shipments/${encodeURIComponent(trackingNo)}/handed-over`;
    const reply = await this.#post(path, undefined, {});
    if (reply.status >= 400) {
      throw new OutsideFault(SERVICE, 'refused the hand-over', { status: reply.status });
    }
  }

  async intercept(trackingNo: string): Promise<InterceptResult> {
    const path = `/shipments/${encodeURIComponent(trackingNo)}/intercept`;
    const reply = await this.#post(path, `intercept:${trackingNo}`, {});
    const refusal = readRefusal(reply);
    if (refusal) return refusal;
    readReply(SERVICE, BookReply, reply);
    return { kind: 'accepted' };
  }

  async #post(path: string, key: string | undefined, body: object): Promise<OutsideReply> {
    return await requestJson({
      service: SERVICE,
      method: 'POST',
      url: `${this.#baseUrl}${path}`,
      ...(key === undefined ? {} : { idempotencyKey: key }),
      body,
      timeoutMs: this.#timeoutMs,
    });
  }
}
