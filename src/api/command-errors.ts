import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';

import { DomainError, ERROR_CODES, type ErrorCode, type FieldError } from '../domain/errors';

/** How an update ended that did not succeed. */
export type UpdateFailure =
  | { readonly kind: 'refused'; readonly error: DomainError }
  /** No such workflow, or it ended before it took the update. */
  | { readonly kind: 'over' }
  | { readonly kind: 'fault' };

/** Tells a workflow's refusal from a workflow that is over and from a fault. */
export function toUpdateFailure(err: unknown): UpdateFailure {
  if (err instanceof WorkflowNotFoundError) return { kind: 'over' };
  if (!(err instanceof WorkflowUpdateFailedError)) return { kind: 'fault' };
  const { cause } = err;
  if (!(cause instanceof ApplicationFailure)) return { kind: 'fault' };
  if (cause.type === 'AcceptedUpdateCompletedWorkflow') return { kind: 'over' };
  const code = toErrorCode(cause.type);
  if (code === null) return { kind: 'fault' };
  return { kind: 'refused', error: toDomainError(code, cause) };
}

/** A stored or sent code, if it is one that callers know. */
export function toErrorCode(code: string | null | undefined): ErrorCode | null {
  return ERROR_CODES.find((known) => known === code) ?? null;
}

function toDomainError(code: ErrorCode, failure: ApplicationFailure): DomainError {
  const details = asRecord(failure.details?.[0]);
  const errors = readFieldErrors(details['errors']);
  const { detail, errors: _errors, extra, ...rest } = details;
  return new DomainError(code, typeof detail === 'string' ? detail : failure.message, {
    ...(errors.length > 0 ? { errors } : {}),
    extra: { ...rest, ...asRecord(extra) },
  });
}

function readFieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value
    .map(asRecord)
    .flatMap(({ path, message }) =>
      typeof path === 'string' && typeof message === 'string' ? [{ path, message }] : [],
    );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
