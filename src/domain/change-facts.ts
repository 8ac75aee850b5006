import type { KitPart } from './allocation';
import type { Address, ApiDiscount, Priority } from './intake-body';
import type { CatalogueFacts } from './intake-facts';

/** One wish of an amend. Index `n` of the request is what a refusal names (`changes.n.…`). */
export type Change =
  | {
      readonly type: 'addLine';
      readonly sku: string;
      readonly quantity: number;
      /** Null: the catalogue's price counts. */
      readonly unitPriceMinor: number | null;
    }
  | { readonly type: 'setQuantity'; readonly lineId: string; readonly quantity: number }
  | {
      readonly type: 'setAddress';
      /** Left out: stays; so does a billing address, which null takes off. */
      readonly shippingAddress?: Address | undefined;
      readonly billingAddress?: Address | null | undefined;
    }
  | { readonly type: 'setShippingMethod'; readonly shippingMethod: string }
  | {
      readonly type: 'applyDiscount';
      readonly discount: ApiDiscount;
      /** Left out: all lines. */
      readonly lineIds?: readonly string[] | undefined;
    }
  | {
      readonly type: 'setPriority';
      readonly priority?: Priority | undefined;
      readonly promisedBy?: string | null | undefined;
    };

/** A line's share of a discount, as it was frozen. */
export interface FrozenDiscount {
  /** Null: new with this change. */
  readonly id: string | null;
  readonly code: string | null;
  readonly type: 'fixed' | 'percent';
  readonly valuePercent: number | null;
  readonly amountMinor: number;
}

/** What of a line an amend looks at and changes. */
export interface ChangeLine {
  /** Null: new with this change. */
  readonly lineId: string | null;
  readonly lineNo: number;
  readonly sku: string | null;
  readonly title: string;
  /** Units ordered, the canceled ones among them. */
  readonly quantity: number;
  readonly canceled: number;
  readonly shipped: number;
  readonly unitPriceMinor: number;
  readonly discountMinor: number;
  readonly discounts: readonly FrozenDiscount[];
  readonly taxMinor: number;
  readonly taxRate: string;
  readonly taxCategory: string;
  readonly totalMinor: number;
  readonly weightGrams: number;
  readonly requiresShipping: boolean;
  /** What one unit is made of; empty: the item itself. */
  readonly kitParts: readonly KitPart[];
}

/** An order's figures as its last confirmed version has them. */
export interface ChangeBase {
  readonly currency: string;
  readonly taxIncluded: boolean;
  readonly lines: readonly ChangeLine[];
  readonly shippingMethod: string | null;
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  readonly shippingTaxRate: string;
  readonly totalMinor: number;
  readonly shipTo: Address | null;
  readonly billTo: Address | null;
  readonly priority: Priority;
  readonly promisedBy: string | null;
}

/** What the catalogue says of added items, of the shipping method and of taxes where the order goes after the change. */
export type ChangeCatalogue = CatalogueFacts;

export interface ChangeTotals {
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  readonly shippingMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}
