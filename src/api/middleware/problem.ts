import { DomainError, type ErrorCode } from '../../domain/errors';
import type { RouteResult } from '../route';

import { toUnavailable } from './faults';

/** One table from code to HTTP status; adding a code without a status does not compile. */
export const STATUS_OF = {
  malformed_json: 400,
  unauthorized: 401,
  forbidden: 403,
  four_eyes_required: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  illegal_transition: 409,
  version_conflict: 409,
  external_id_reused: 409,
  idempotency_key_reused: 409,
  idempotency_in_progress: 409,
  survey_answered: 409,
  nothing_to_return: 409,
  gone: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  insufficient_stock: 422,
  insufficient_store_credit: 422,
  unknown_sku: 422,
  price_missing: 422,
  payment_declined: 422,
  refund_exceeds_captured: 422,
  refund_exceeds_quantity: 422,
  booking_refused: 422,
  intercept_refused: 422,
  customer_blocked: 422,
  return_exceeds_delivered: 422,
  return_window_closed: 422,
  not_returnable: 422,
  already_packed: 422,
  target_not_allowed: 422,
  not_supported_yet: 422,
  rate_limited: 429,
  internal_error: 500,
  engine_unavailable: 503,
  store_unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

const RETRY_AFTER_S: Partial<Record<ErrorCode, number>> = {
  idempotency_in_progress: 1,
  rate_limited: 1,
  engine_unavailable: 5,
  store_unavailable: 5,
};

const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** `insufficient_stock` → `Insufficient stock`. */
function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** A refusal or a fault as the code that the caller sees; anything not foreseen is `internal_error` and tells nothing. */
export function toDomainError(err: unknown): DomainError {
  if (err instanceof DomainError) return err;
  return (
    toUnavailable(err) ??
    new DomainError('internal_error', 'Something went wrong. The request id finds it in the log.', {
      cause: err,
    })
  );
}

/** The problem document (RFC 9457) of a refusal, with `Retry-After` and further headers where the code has them. */
export function toProblem(err: DomainError, requestId: string): RouteResult {
  const retryAfter = RETRY_AFTER_S[err.code];
  const status = STATUS_OF[err.code];
  const body = {
    ...err.extra,
    type: `urn:throughline:problem:${err.code}`,
    title: titleOf(err.code),
    status,
    code: err.code,
    detail: err.detail,
    requestId,
    ...(err.errors === undefined ? {} : { errors: err.errors }),
  };
  const headers = {
    'content-type': PROBLEM_JSON,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...(err.code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
  };
  return { status, body, headers };
}
