/** Every code a caller may see in a problem document. One table in api/ maps each to its HTTP status. */
export const ERROR_CODES = [
  'validation_failed',
  'malformed_json',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'not_acceptable',
  'illegal_transition',
  'version_conflict',
  'external_id_reused',
  'idempotency_key_reused',
  'idempotency_in_progress',
  'survey_answered',
  'gone',
  'payload_too_large',
  'unsupported_media_type',
  'insufficient_stock',
  'insufficient_store_credit',
  'already_packed',
  'unknown_sku',
  'price_missing',
  'payment_declined',
  'refund_exceeds_captured',
  'refund_exceeds_quantity',
  'four_eyes_required',
  'booking_refused',
  'intercept_refused',
  'customer_blocked',
  'return_exceeds_delivered',
  'return_window_closed',
  'not_returnable',
  'nothing_to_return',
  'target_not_allowed',
  'not_supported_yet',
  'rate_limited',
  'internal_error',
  'engine_unavailable',
  'store_unavailable',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One offending field; `path` is dotted (`lines.0.quantity`). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface DomainErrorOptions {
  readonly errors?: readonly FieldError[];
  /** Further members of the problem document, e.g. `currentStatus` and `allowedActions`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * A refusal to the caller (bad input, not found, conflict, illegal transition), never a fault or an
 * expected business outcome. `detail` is shown to the caller: nothing personal, no foreign names.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  // `declare`: a plain optional field would exist as undefined.
  declare readonly errors?: readonly FieldError[];
  declare readonly extra?: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, options: DomainErrorOptions = {}) {
    super(`${code}: ${detail}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'DomainError';
    this.code = code;
    this.detail = detail;
    if (options.errors !== undefined) this.errors = options.errors;
    if (options.extra !== undefined) this.extra = options.extra;
  }
}
