/**
 * What an intake row's `body` holds: an order as a door accepted it. Both kinds keep `currency`,
 * `customer`, `lines[].sku`, `shippingAddress`, `shippingMethod`, `priority`, `promisedBy` and `placedAt` at
 * the same places, because SQL reads them there.
 */
export type IntakeBody = ApiIntake | ShopifyIntake;

export interface Address {
  readonly name?: string | null | undefined;
  readonly company?: string | null | undefined;
  readonly line1: string;
  readonly line2?: string | null | undefined;
  readonly city?: string | null | undefined;
  readonly region?: string | null | undefined;
  readonly postalCode?: string | null | undefined;
  /** ISO 3166-1 alpha-2; null only where a foreign document does not say. */
  readonly country: string | null;
  readonly phone?: string | null | undefined;
}

export interface IntakeCustomer {
  readonly email: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly locale: string | null;
}

export type Priority = 'low' | 'normal' | 'high' | 'urgent';

/** By a token, or by an intent that the storefront has made at a provider. */
export interface CardPayment {
  readonly method: 'card';
  readonly token?: string | undefined;
  readonly provider?: 'stripe' | undefined;
  readonly reference?: string | undefined;
}

export type ApiPayment = (
  | CardPayment
  | { readonly method: 'prepaid'; readonly reference: string }
  | { readonly method: 'cod' }
  | { readonly method: 'invoice'; readonly terms: string | null }
) & {
  /** Taken from the customer's store credit first; the rest is paid by `method`. */
  readonly storeCreditMinor?: number | undefined;
};

/** Paid with what a return is worth; what the order costs more is taken by `means`, a gateway's word for a known card. */
export interface ExchangePayment {
  readonly method: 'exchange_credit';
  readonly returnId: string;
  /** The order that the goods came back from. */
  readonly exchangeOf: string;
  readonly means: string | null;
}

export type ApiDiscount =
  | { readonly code: string; readonly type: 'fixed'; readonly valueMinor: number }
  | { readonly code: string; readonly type: 'percent'; readonly valuePercent: number };

export interface ApiIntakeLine {
  readonly sku: string;
  readonly quantity: number;
  /** Null: the catalogue's price counts. */
  readonly unitPriceMinor: number | null;
}

/** What a quote needs of an order. */
export interface Basket {
  readonly currency: string;
  readonly lines: readonly ApiIntakeLine[];
  readonly discounts: readonly ApiDiscount[];
  readonly shippingAddress: Address;
  readonly shippingMethod: string;
}

/** An order that is priced by us, as posted. The card token stays here until the order is placed. */
export interface ApiIntake extends Basket {
  readonly source: 'api';
  readonly channel: string;
  readonly externalId: string | null;
  readonly placedAt: string | null;
  readonly customer: IntakeCustomer;
  readonly billingAddress: Address | null;
  readonly payment: ApiPayment | ExchangePayment;
  readonly note: string | null;
  readonly priority: Priority;
  readonly promisedBy: string | null;
  /** What was delivered and did not arrive is sent again: nothing is charged, shipping neither. */
  readonly resendOf?: { readonly orderId: string; readonly shipmentId: string };
}

export interface ShopifyLine {
  readonly externalLineId: string | null;
  readonly sku: string | null;
  readonly title: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly discounts: readonly { readonly code: string | null; readonly amountMinor: number }[];
  readonly discountMinor: number;
  readonly taxMinor: number;
  /** All taxes of the line together, decimal text. */
  readonly taxRate: string;
  readonly totalMinor: number;
  readonly weightGrams: number;
  readonly requiresShipping: boolean;
}

export interface OrderTotals {
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** Amounts that are neither goods nor shipping: tips and duties. */
export interface Fee {
  readonly kind: 'tip' | 'duties';
  readonly amountMinor: number;
}

/**
 * `paid`: captured in full at the source. `authorized`: ships, the capture is due at the source.
 * `awaited`: waits for the source to report the money, without a deadline.
 */
export type SourcePayment = 'paid' | 'authorized' | 'awaited';

/** How the order enters: as work to do, or as history that runs nothing. */
export type IntakeEntry = 'open' | 'completed' | 'canceled';

/** An order priced by a shop: the document's own totals win, whatever its lines say. */
export interface ShopifyIntake extends OrderTotals {
  readonly source: 'shopify';
  readonly channel: 'shopify';
  readonly externalId: string;
  /** The shop's number for people (`#1001`). */
  readonly externalNo: string | null;
  readonly currency: string;
  readonly placedAt: string | null;
  readonly customer: IntakeCustomer & {
    readonly externalId: string | null;
    readonly isEmailVerified: boolean;
  };
  readonly lines: readonly ShopifyLine[];
  readonly taxIncluded: boolean;
  readonly shippingTaxMinor: number;
  readonly shippingTaxRate: string;
  readonly fees: readonly Fee[];
  /** The shopper's currency, when the document names one. */
  readonly presentment: (OrderTotals & { readonly currency: string }) | null;
  /** Where the figures do not add up, one sentence each; empty when they do. */
  readonly inconsistencies: readonly string[];
  readonly shippingAddress: Address | null;
  readonly billingAddress: Address | null;
  readonly shippingMethod: string | null;
  readonly sourcePayment: SourcePayment;
  readonly entry: IntakeEntry;
  readonly canceledAt: string | null;
  readonly cancelReason: string | null;
  readonly closedAt: string | null;
  readonly note: string | null;
  readonly priority: Priority;
  readonly promisedBy: null;
  readonly metadata: Readonly<Record<string, unknown>>;
}
