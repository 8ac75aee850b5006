import type { MoneyFacts, WorthOrder } from './change-money';

/** What of an order its money is worked out from; a step's order has it. */
export interface MoneyView {
  readonly phase: string;
  readonly waitCode: string | null;
  readonly paymentMethod: string;
  readonly taxIncluded: boolean;
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  readonly shippingCreditedMinor: number;
  /** Refunds of what was canceled or made cheaper. */
  readonly givenBackMinor: number;
  readonly lines: readonly {
    readonly id: string;
    readonly ordered: number;
    readonly wanted: number;
    readonly itemMinor: number;
    readonly taxMinor: number;
    readonly capturedMinor: number;
    readonly creditedMinor: number;
  }[];
  readonly fulfillments: readonly { readonly shippingCapturedMinor: number }[];
  readonly captures: readonly {
    readonly paymentId: string;
    readonly amountMinor: number;
    readonly status: 'owed' | 'done';
  }[];
  readonly payments: readonly MoneyPayment[];
}

interface MoneyPayment {
  readonly id: string;
  readonly method: string;
  readonly status: string;
  readonly isAttempted: boolean;
  /** It is asked for in place of one that ends. */
  readonly isRenewal: boolean;
  /** Another one is there in its place. */
  readonly isReplaced: boolean;
  readonly amountMinor: number;
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  readonly voidedMinor: number;
}

/** What of a card payment is authorised and neither captured, voided nor owed to a hand-over; 0 where nothing is held. */
export function restOf(order: Pick<MoneyView, 'captures'>, payment: MoneyPayment): number {
  if (payment.method !== 'card' || payment.isReplaced) return 0;
  if (payment.status !== 'authorized' && payment.status !== 'partially_captured') return 0;
  const owed = order.captures.filter(
    ({ paymentId, status }) => paymentId === payment.id && status === 'owed',
  );
  return payment.authorizedMinor - payment.capturedMinor - payment.voidedMinor - amountOf(owed);
}

/** It stands in the pay step until money comes. */
export function isUnpaid({ phase, waitCode }: Pick<MoneyView, 'phase' | 'waitCode'>): boolean {
  return phase === 'pay' && waitCode === 'payment';
}

/** What an order costs less what was paid, or authorised, for it. */
export function dueOf(order: MoneyView & { readonly currentTotalMinor: number }): number {
  const paidMinor = order.payments.reduce(
    (sum, payment) => sum + payment.capturedMinor + restOf(order, payment),
    0,
  );
  return Math.max(0, order.currentTotalMinor - paidMinor);
}

/** Shipping with its tax that hand-overs captured and nobody gave back. */
export function shippingCaptured(order: MoneyView): number {
  return shippingTaken(order) - order.shippingCreditedMinor;
}

function shippingTaken({ fulfillments }: MoneyView): number {
  return fulfillments.reduce((sum, f) => sum + f.shippingCapturedMinor, 0);
}

/** Money that came without a card and that no hand-over has used yet. */
export function coveredLeft(order: MoneyView): number {
  const worthMinor = order.lines.reduce(
    (sum, { capturedMinor }) => sum + capturedMinor,
    shippingTaken(order),
  );
  return Math.max(0, coveredBy(order) - Math.max(0, worthMinor - amountOf(order.captures)));
}

const COUNTS_LATER: ReadonlySet<string> = new Set(['card', 'cod', 'invoice']);

/** Booked, or to be booked with the pay step. Cash on delivery and invoices are no money that is there. */
function coveredBy({ payments }: MoneyView): number {
  return payments
    .filter(({ method }) => !COUNTS_LATER.has(method))
    .reduce((sum, { status, capturedMinor, amountMinor }) => {
      return sum + (status === 'pending' || status === 'authorized' ? amountMinor : capturedMinor);
    }, 0);
}

/** Taken, or owed to a hand-over. */
function paidBy({ payments, captures }: MoneyView): number {
  return payments
    .filter(({ method }) => method !== 'card')
    .reduce((sum, { capturedMinor }) => sum + capturedMinor, amountOf(captures));
}

function amountOf(captures: readonly { readonly amountMinor: number }[]): number {
  return captures.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

/** What the order's lines are worth, with its canceled units, and what of it was captured. */
export function toWorth(order: MoneyView): WorthOrder {
  return {
    taxIncluded: order.taxIncluded,
    lines: order.lines.map((line) => ({
      lineId: line.id,
      quantity: line.ordered,
      canceled: line.ordered - line.wanted,
      itemMinor: line.itemMinor,
      taxMinor: line.taxMinor,
      capturedMinor: line.capturedMinor - line.creditedMinor,
    })),
    shippingMinor: order.shippingMinor,
    shippingTaxMinor: order.shippingTaxMinor,
    shippingCapturedMinor: shippingCaptured(order),
  };
}

const BEFORE_PAYMENT: ReadonlySet<string> = new Set(['review', 'reserve', 'pay']);

/** Where the order's money stands. */
export function toMoney(order: MoneyView): MoneyFacts {
  const cards = order.payments.filter(({ method }) => method === 'card');
  const asked = cards.filter(
    ({ status, isAttempted, isRenewal }) => status === 'pending' && isAttempted && !isRenewal,
  );
  return {
    method: order.paymentMethod,
    coveredMinor: coveredBy(order),
    coveredLeftMinor: coveredLeft(order),
    paidMinor: paidBy(order) - order.givenBackMinor,
    openMinor: cards.reduce((sum, card) => sum + restOf(order, card), amountOf(asked)),
    isCardUntried: order.paymentMethod === 'card' && BEFORE_PAYMENT.has(order.phase),
    isAwaited: order.paymentMethod === 'prepaid' && isUnpaid(order),
  };
}
