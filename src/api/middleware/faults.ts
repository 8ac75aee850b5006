import { isNativeError } from 'node:util/types';

import { ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';

import { DomainError } from '../../domain/errors';

/** Connection, resources, shutdown, lock and serialisation trouble: the same request may succeed in a moment. */
const PASSING_SQLSTATE = /^(?:08|53|57P|57014$|40001$|40P01$|55P03$|25006$)/;

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** node-postgres gives these no code. */
const POOL_TROUBLE =
  /^(?:timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|Cannot use a pool after|Client was closed)/;

/** A lost store or engine as the refusal the caller gets (503); null for anything else. */
export function toUnavailable(err: unknown): DomainError | null {
  if (isEngineFault(err))
    return new DomainError('engine_unavailable', 'The workflow engine cannot be reached.', {
      cause: err,
    });
  if (isStoreFault(err))
    return new DomainError('store_unavailable', 'A store cannot be reached.', { cause: err });
  return null;
}

/** True when Temporal could not be reached or did not answer in time. */
export function isEngineFault(err: unknown): boolean {
  return err instanceof ServiceError || err instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
}

/** True when PostgreSQL could not be reached, is shutting down, full, or did not answer in time. */
export function isStoreFault(err: unknown): boolean {
  if (!isNativeError(err)) return false;
  const code: unknown = 'code' in err ? err.code : undefined;
  if (typeof code === 'string' && (PASSING_SQLSTATE.test(code) || NETWORK_CODES.has(code)))
    return true;
  return POOL_TROUBLE.test(err.message);
}
