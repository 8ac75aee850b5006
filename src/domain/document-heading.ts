import { toDecimal } from './exact';

export interface DocumentAddress {
  readonly line1: string | null;
  readonly line2: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

export interface DocumentParty {
  readonly name: string;
  readonly address: DocumentAddress;
  readonly taxId: string | null;
  readonly email: string | null;
  /** Where electronic invoices reach it: `9935:IE1234567WA`, scheme and address. */
  readonly endpoint: string | null;
}

/** Who sells, from the configuration. */
export type Seller = DocumentParty & { readonly taxId: string; readonly endpoint: string };

/** An address as an order keeps it; a shop's may leave out nearly everything. */
export type KeptAddress = Partial<Readonly<Record<keyof DocumentAddress | 'name', string | null>>>;

export interface BilledOrder {
  readonly orderId: string;
  readonly orderNo: string;
  readonly currency: string;
  readonly taxIncluded: boolean;
  readonly locale: string;
  readonly customerName: string | null;
  readonly email: string | null;
  readonly billTo: KeptAddress | null;
  readonly shipTo: KeptAddress | null;
  readonly paymentMethod: string;
  /** Of an order on account, as agreed: `net 14`. */
  readonly terms: string | null;
}

/** All of a document but its number and its figures. */
export interface DocumentHeading {
  readonly orderId: string;
  readonly orderNo: string;
  /** `2026-11-22`, in UTC. */
  readonly issueDate: string;
  readonly dueDate: string;
  readonly currency: string;
  readonly taxIncluded: boolean;
  /** The language of its PDF. */
  readonly locale: string;
  readonly seller: Seller;
  readonly buyer: DocumentParty;
}

/** The heading of a document issued on a day. Who is billed is the billing address, else the one shipped to. */
export function headingOf(order: BilledOrder, seller: Seller, issueDate: string): DocumentHeading {
  const { orderId, orderNo, currency, taxIncluded, locale } = order;
  const dueDate = addDays(issueDate, daysToPay(order));
  const buyer = buyerOf(order, seller);
  return {
    orderId,
    orderNo,
    issueDate,
    dueDate,
    currency,
    taxIncluded,
    locale,
    seller,
    buyer,
  };
}

function buyerOf(order: BilledOrder, seller: Seller): DocumentParty {
  const kept = order.billTo ?? order.shipTo;
  return {
    name: kept?.name ?? order.customerName ?? order.email ?? order.orderNo,
    address: {
      line1: kept?.line1 ?? null,
      line2: kept?.line2 ?? null,
      city: kept?.city ?? null,
      region: kept?.region ?? null,
      postalCode: kept?.postalCode ?? null,
      country: kept?.country ?? seller.address.country,
    },
    taxId: null,
    email: order.email,
    endpoint: null,
  };
}

const ON_ACCOUNT_DAYS = 30;

/** Only an order on account is paid later: in the days that its terms name. */
function daysToPay({ paymentMethod, terms }: BilledOrder): number {
  if (paymentMethod !== 'invoice') return 0;
  const named = /\b(\d{1,3})\b/.exec(terms?.replace(/[a-z]+(?=\d)/gi, '') ?? '')?.[1];
  return named === undefined ? ON_ACCOUNT_DAYS : Number(named);
}

const DAY_MS = 86_400_000;

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** `0.0625` → `6.25`, as documents show a rate. */
export function toPercent(rate: string): string {
  const { units, scale } = toDecimal(rate);
  const digits = String(units * 100n).padStart(scale + 1, '0');
  if (scale === 0) return digits;
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return text.replace(/\.?0+$/, '');
}
