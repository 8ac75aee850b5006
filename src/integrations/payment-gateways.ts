import type { PaymentGateway } from './payment-gateway';

/** Thrown for a payment whose provider this installation has no key for. */
class UnknownGateway extends Error {
  override readonly name = 'UnknownGateway';
}

/** The gateways side by side: a payment's `provider` says which one holds its money. */
export interface PaymentGateways {
  /** Takes the card tokens that orders bring. */
  readonly cards: PaymentGateway;
  /** Providers that can be called. */
  readonly providers: readonly string[];
  /** Throws UnknownGateway where there is none: nothing goes out, and the caller tries again later. */
  of(provider: string): PaymentGateway;
}

/** `others` hold payments that were made elsewhere; one of the same provider as `cards` is left out. */
export function createGateways(
  cards: PaymentGateway,
  others: readonly PaymentGateway[] = [],
): PaymentGateways {
  const known = new Map([...others, cards].map((gateway) => [gateway.provider, gateway]));
  return {
    cards,
    providers: [...known.keys()],
    of(provider) {
      const gateway = known.get(provider);
      if (gateway === undefined) throw new UnknownGateway(`no gateway is set up for ${provider}`);
      return gateway;
    },
  };
}
