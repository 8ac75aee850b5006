import { share } from './money';

/** A line's worth and what of it was captured from cards. */
export interface WorthLine {
  readonly lineId: string | null;
  readonly quantity: number;
  readonly canceled: number;
  /** `unitPriceMinor` · `quantity` − `discountMinor`. */
  readonly itemMinor: number;
  readonly taxMinor: number;
  /** Captured by hand-overs, less what was given back since because the line is worth less. */
  readonly capturedMinor: number;
}

export interface WorthOrder {
  readonly taxIncluded: boolean;
  readonly lines: readonly WorthLine[];
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  /** Likewise for shipping with its tax. */
  readonly shippingCapturedMinor: number;
}

/** What a line is worth with its canceled units taken from the end, tax included where it is added. */
function worthOf(line: WorthLine, isTaxIncluded: boolean): number {
  const { quantity, canceled, itemMinor, taxMinor } = line;
  const wanted = quantity - canceled;
  const tax = isTaxIncluded ? 0 : share(taxMinor, wanted, quantity);
  return share(itemMinor, wanted, quantity) + tax;
}

/** Of the whole order; shipping falls away with the last unit. */
export function worthOfOrder(order: WorthOrder): number {
  const hasUnits = order.lines.some(({ quantity, canceled }) => quantity > canceled);
  const lines = order.lines.reduce((sum, line) => sum + worthOf(line, order.taxIncluded), 0);
  return hasUnits ? lines + shippingOf(order) : 0;
}

function shippingOf({ shippingMinor, shippingTaxMinor, taxIncluded }: WorthOrder): number {
  return shippingMinor + (taxIncluded ? 0 : shippingTaxMinor);
}

export interface Balance {
  /** Still to be captured by hand-overs. */
  readonly toCaptureMinor: number;
  /** Captured and not worth it any more: to be given back. */
  readonly overMinor: number;
  readonly lines: readonly { readonly lineId: string | null; readonly overMinor: number }[];
  readonly shippingOverMinor: number;
}

/**
 * What cards still owe and what was captured too much, each line for itself: a rest below zero is given back, never set
 * off against another line.
 */
export function balanceOf(order: WorthOrder): Balance {
  const lines = order.lines.map((line) => {
    const restMinor = worthOf(line, order.taxIncluded) - line.capturedMinor;
    return { lineId: line.lineId, restMinor, overMinor: Math.max(0, -restMinor) };
  });
  const shippingRest = shippingOf(order) - order.shippingCapturedMinor;
  const shippingOverMinor = Math.max(0, -shippingRest);
  return {
    toCaptureMinor: lines.reduce(
      (sum, { restMinor }) => sum + Math.max(0, restMinor),
      Math.max(0, shippingRest),
    ),
    overMinor: lines.reduce((sum, { overMinor }) => sum + overMinor, shippingOverMinor),
    lines: lines.map(({ lineId, overMinor }) => ({ lineId, overMinor })),
    shippingOverMinor,
  };
}

export type PaymentAction = 'none' | 'authorize' | 'capture_less' | 'refund';

/** Where an order's money stands as a cancel or an amend finds it. */
export interface MoneyFacts {
  readonly method: string;
  /** Money that came without a card and counts first: prepaid, store credit, a shop's; booked or to be booked. */
  readonly coveredMinor: number;
  /** Of it what no hand-over has used yet. */
  readonly coveredLeftMinor: number;
  /** All money taken, less what cancels and amends gave back already. */
  readonly paidMinor: number;
  /** Authorised on cards, or being authorised, and neither captured, voided nor owed to a hand-over. */
  readonly openMinor: number;
  /** A card payment exists that has not been tried: it is authorised for what the order is worth then. */
  readonly isCardUntried: boolean;
  /** Money in advance is waited for: a dearer order waits for more of it. */
  readonly isAwaited: boolean;
}

export interface PaymentPlan {
  readonly action: PaymentAction;
  readonly amountMinor: number;
  /** To be authorised before the change is written. */
  readonly authorizeMinor: number;
  readonly refundMinor: number;
}

/**
 * How the difference of a change is paid: more by a further authorisation where cards or money in advance pay (cash and
 * invoices simply grow), less by capturing less, and what was taken already by a refund.
 */
export function planPayment(before: WorthOrder, after: WorthOrder, money: MoneyFacts): PaymentPlan {
  const { method, isCardUntried, isAwaited } = money;
  const isLater = method === 'cod' || method === 'invoice' || isCardUntried || isAwaited;
  const wanted = Math.max(0, balanceOf(after).toCaptureMinor - money.coveredLeftMinor);
  const authorizeMinor = isLater ? 0 : Math.max(0, wanted - money.openMinor);
  const refundMinor = refundOf(after, money);
  const lessMinor = isLater ? 0 : Math.max(0, worthOfOrder(before) - worthOfOrder(after));
  const plan = { authorizeMinor, refundMinor };
  if (authorizeMinor > 0) return { ...plan, action: 'authorize', amountMinor: authorizeMinor };
  if (refundMinor > 0) return { ...plan, action: 'refund', amountMinor: refundMinor };
  return { ...plan, action: lessMinor > 0 ? 'capture_less' : 'none', amountMinor: lessMinor };
}

/** What was taken and is owed back: with money that counts first as a whole, else line by line. */
export function refundOf(after: WorthOrder, money: MoneyFacts): number {
  if (money.coveredMinor === 0) return balanceOf(after).overMinor;
  return Math.max(0, money.paidMinor - worthOfOrder(after));
}
