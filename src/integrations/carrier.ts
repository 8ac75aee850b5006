export interface CarrierAddress {
  readonly name: string;
  readonly company?: string | null;
  readonly line1: string;
  readonly line2?: string | null;
  readonly city: string;
  readonly region?: string | null;
  readonly postalCode?: string | null;
  readonly country: string;
  readonly phone?: string | null;
}

export interface BookRequest {
  readonly idempotencyKey: string;
  /** The shipment's or the return's id. */
  readonly reference: string;
  /** Default `outbound`; of a `return` the customer is the sender. */
  readonly kind?: 'outbound' | 'return';
  readonly service: string;
  readonly from: CarrierAddress;
  readonly to: CarrierAddress;
  readonly weightGrams: number;
}

export interface Booking {
  readonly trackingNo: string;
  readonly labelUrl: string;
  readonly carrier: string;
  readonly service: string;
  readonly eta: string | null;
}

export type BookResult =
  | { readonly kind: 'booked'; readonly booking: Booking }
  | { readonly kind: 'refused'; readonly code: string };

export type CarrierLookup =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'found'; readonly booking: Booking; readonly status: string };

export interface VoidBookingRequest {
  readonly idempotencyKey: string;
  readonly trackingNo: string;
}

export type VoidBookingResult =
  { readonly kind: 'voided' } | { readonly kind: 'refused'; readonly code: string };

export type InterceptResult =
  { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly code: string };

/**
 * Books parcels. A refusal is a value; a fault throws and leaves the outcome open: ask `find` with the same key.
 * All calls may be repeated with the same key or tracking number.
 */
export interface Carrier {
  readonly code: string;
  book(request: BookRequest): Promise<BookResult>;
  /** What became of the booking with this key. Reads only. */
  find(idempotencyKey: string): Promise<CarrierLookup>;
  void(request: VoidBookingRequest): Promise<VoidBookingResult>;
  /** Tells the carrier that it has the parcel now; repeating it changes nothing. */
  handedOver(trackingNo: string): Promise<void>;
  /** Asks for a parcel under way to be sent back to us; its scans say whether it is. Repeating it changes nothing. */
  intercept(trackingNo: string): Promise<InterceptResult>;
}
