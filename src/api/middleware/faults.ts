import { ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';

import { isStoreOutage } from '../../db/outage';
import { DomainError } from '../../domain/errors';

/** A lost store or engine as the refusal the caller gets (503); null for anything else. */
export function toUnavailable(err: unknown): DomainError | null {
  if (isEngineFault(err))
    return new DomainError('engine_unavailable', 'The workflow engine cannot be reached.', {
      cause: err,
    });
  if (isStoreOutage(err))
    return new DomainError('store_unavailable', 'A store cannot be reached.', { cause: err });
  return null;
}

/** True when Temporal could not be reached or did not answer in time. */
function isEngineFault(err: unknown): boolean {
  return err instanceof ServiceError || err instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
}
