import { currencyExponent } from './money';

/** Where Stripe counts in another unit than ISO 4217's minor one; the digits after the point that it counts in. */
const STRIPE_EXPONENTS: Readonly<Record<string, number>> = { ISK: 2, MGA: 0, UGX: 2 };

/** Stripe wants the last digit of three-decimal currencies to be 0. */
const IN_TENS: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

function factorOf(currency: string): number {
  const exponent = currencyExponent(currency);
  return 10 ** ((STRIPE_EXPONENTS[currency] ?? exponent) - exponent);
}

/** Our minor units as Stripe counts them (JPY 500 → 500, ISK 5 → 500). Null: Stripe cannot express the amount. */
export function toStripeAmount(minor: number, currency: string): number | null {
  const amount = minor * factorOf(currency);
  const isExact = Number.isSafeInteger(amount) && (!IN_TENS.has(currency) || amount % 10 === 0);
  return isExact ? amount : null;
}

/** Stripe's amount in our minor units. Null: it is no whole number of them. */
export function fromStripeAmount(amount: number, currency: string): number | null {
  const minor = amount / factorOf(currency);
  return Number.isSafeInteger(minor) ? minor : null;
}
