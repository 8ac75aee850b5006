export interface AuthorizeRequest {
  readonly idempotencyKey: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** A card's token; or the intent of an earlier authorisation: the same card again. */
  readonly token: string;
  /** The order's id; shown in the gateway's books. */
  readonly reference: string;
}

export type AuthorizeResult =
  | {
      readonly kind: 'authorized';
      readonly intentId: string;
      readonly amountMinor: number;
      readonly expiresAt: string | null;
    }
  | { readonly kind: 'declined'; readonly code: string }
  | { readonly kind: 'action_required'; readonly intentId: string };

export interface SettleRequest {
  readonly idempotencyKey: string;
  readonly intentId: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** Of a capture: what it leaves of the authorisation is released. Default true. */
  readonly isFinal?: boolean;
}

export type SettleResult =
  | { readonly kind: 'done'; readonly entryId: string }
  | { readonly kind: 'refused'; readonly code: string };

export type GatewayOperation = 'authorization' | 'capture' | 'void' | 'refund';

/** Where to look for a call whose outcome is not known, for gateways that cannot look up a key alone. */
export interface LookupHint {
  readonly operation: GatewayOperation;
  readonly intentId: string;
}

export type GatewayLookup =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'found';
      readonly operation: GatewayOperation;
      readonly status: 'succeeded' | 'declined' | 'failed';
      readonly entryId: string;
      readonly intentId: string;
      readonly amountMinor: number;
      readonly code: string | null;
      /** Of an authorisation: when it ends, where that is known. */
      readonly expiresAt?: string | null;
    };

export interface DisputeAnswer {
  readonly idempotencyKey: string;
  readonly text: string;
}

/**
 * Takes and gives back card money. A decline or a refusal is a value; a fault (timeout, 5xx, lost connection)
 * throws, and then nobody knows whether it happened: ask `find` with the same key. Every call with a key that
 * the gateway has seen gets the first answer again, so calls may be repeated with their key, never with a new one.
 */
export interface PaymentGateway {
  readonly provider: string;
  authorize(request: AuthorizeRequest): Promise<AuthorizeResult>;
  capture(request: SettleRequest): Promise<SettleResult>;
  /** Releases what is authorised and not captured. */
  void(request: Omit<SettleRequest, 'amountMinor' | 'isFinal'>): Promise<SettleResult>;
  refund(request: SettleRequest): Promise<SettleResult>;
  /** What became of the call with this key. Reads only. */
  find(idempotencyKey: string, hint?: LookupHint): Promise<GatewayLookup>;
  /** Hands in the answer to a dispute. Left out where disputes are answered elsewhere. */
  respondToDispute?(reference: string, answer: DisputeAnswer): Promise<void>;
  /** Gives a dispute up. Left out where disputes are answered elsewhere. */
  acceptDispute?(reference: string, answer: DisputeAnswer): Promise<void>;
}
