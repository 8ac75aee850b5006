import type { KitPart, StockLevel } from './allocation';
import type {
  ExchangePayment,
  Address,
  CardPayment,
  IntakeBody,
  IntakeCustomer,
  IntakeEntry,
  OrderTotals,
  Priority,
  SourcePayment,
} from './intake-body';
import type { Finding, ReviewRules } from './review';
import type { TaxRate } from './tax';

export interface ProductFacts {
  readonly sku: string;
  readonly title: string;
  readonly taxCategory: string;
  readonly weightGrams: number;
  readonly backorder: 'deny' | 'allow';
  readonly active: boolean;
  /** What one unit is made of; empty: the item itself. */
  readonly kitParts: readonly KitPart[];
  /** In the order's currency; null: the catalogue has none. */
  readonly priceMinor: number | null;
}

export interface ShippingFacts {
  readonly code: string;
  readonly title: string;
  readonly carrier: string;
  readonly service: string;
  readonly priceMinor: number;
  readonly taxCategory: string;
}

/** What the catalogue says about one basket: only its SKUs, currency, country and shipping method. */
export interface CatalogueFacts {
  readonly products: readonly ProductFacts[];
  /** Null: the method is unknown, or has no price in this currency. */
  readonly shipping: ShippingFacts | null;
  readonly hasShippingMethodElsewhere: boolean;
  readonly pricesIncludeTax: boolean;
  readonly taxRates: readonly TaxRate[];
}

export interface IntakeHead {
  readonly id: string;
  readonly orderId: string;
  readonly orderNo: string;
  readonly door: 'api' | 'shopify';
  readonly channel: string;
  readonly externalId: string | null;
  readonly status: 'accepted' | 'placed' | 'parked';
  readonly actorType: string;
  readonly actorId: string;
  readonly requestId: string | null;
  readonly createdAt: string;
}

/** Everything the place step decides by, read in one statement (`loadIntakeForPlacing`). */
export interface IntakeFacts {
  readonly intake: IntakeHead;
  readonly body: IntakeBody;
  readonly catalogue: CatalogueFacts;
  /** Active locations only; safety stock and what is unavailable are taken off already. */
  readonly stock: readonly (StockLevel & { readonly backorder: boolean })[];
  readonly rules: ReviewRules;
  readonly trustedChannels: readonly string[];
  readonly history: {
    /** Orders of the same e-mail or phone within the velocity policy's window, this one included. */
    readonly ordersInWindow: number;
    readonly hasEarlierOrder: boolean;
  };
  /** SKUs of this order on which an order of equal or better rank waits: join the queue. */
  readonly queuedSkus: readonly string[];
}

export interface PlacedLineDiscount {
  readonly source: 'merchant' | 'shopify';
  readonly code: string | null;
  readonly type: 'fixed' | 'percent';
  readonly valuePercent: number | null;
  readonly amountMinor: number;
}

/** One row of `oms.order_lines`, with its frozen adjustments. */
export interface PlacedLine {
  readonly lineNo: number;
  readonly sku: string | null;
  readonly isKnownSku: boolean;
  readonly externalLineId: string | null;
  readonly title: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
  readonly discounts: readonly PlacedLineDiscount[];
  readonly discountMinor: number;
  readonly taxMinor: number;
  readonly taxRate: string;
  readonly taxCategory: string;
  readonly totalMinor: number;
  readonly weightGrams: number;
  readonly requiresShipping: boolean;
}

/** How the order is paid; `external` is money that a shop authorised or awaits (`sourcePayment`). */
export type PlacedPayment =
  | CardPayment
  | { readonly method: 'prepaid'; readonly reference: string }
  | { readonly method: 'cod' }
  | { readonly method: 'invoice'; readonly terms: string | null }
  | (ExchangePayment & {
      /** Of the return's worth, as far as the order takes it; set when it is placed. */
      readonly creditMinor?: number;
    })
  | {
      readonly method: 'external';
      readonly sourcePayment: Exclude<SourcePayment, 'paid'>;
      readonly reference: string;
    };

/** One row of `oms.orders`, less what the intake row and the machine give. */
export interface PlacedHeader extends OrderTotals {
  readonly currency: string;
  readonly taxIncluded: boolean;
  readonly shippingTaxMinor: number;
  readonly shippingTaxRate: string;
  readonly shippingMethod: string | null;
  readonly presentment: (OrderTotals & { readonly currency: string }) | null;
  readonly customer: IntakeCustomer & { readonly externalId: string | null };
  /** May the e-mail decide who the customer is (`trustedChannels`)? */
  readonly isEmailVerified: boolean;
  /** Null: the order names none, and the customer's own counts. */
  readonly locale: string | null;
  readonly shipTo: Address | null;
  readonly billTo: Address | null;
  readonly priority: Priority;
  readonly promisedBy: string | null;
  readonly placedAt: string;
  readonly note: string | null;
  readonly origin: 'checkout' | 'import' | 'exchange' | 'resend';
  readonly sourceMetadata: Readonly<Record<string, unknown>>;
  /** History only. */
  readonly canceledAt: string | null;
  readonly cancelReason: string | null;
  readonly completedAt: string | null;
}

export interface PlacedOrder {
  readonly header: PlacedHeader;
  readonly lines: readonly PlacedLine[];
  readonly payment: PlacedPayment;
  /** Of the total, from the customer's store credit: asked for, and (once it is placed) what was there. */
  readonly storeCredit: { readonly askedMinor: number; readonly takenMinor: number };
  readonly entry: IntakeEntry;
  /** Defects of the document: `unknown_sku`, `totals_inconsistent`; none of them refuses the order. */
  readonly findings: readonly Finding[];
}
