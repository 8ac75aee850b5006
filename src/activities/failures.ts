import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

import { errorCode } from '../db/outage';
import { DomainError } from '../domain/errors';

/**
 * What of an error may stand in a workflow's history: a refusal with its code and what the caller may see; of a fault
 * its class and code only, because a message of a database or a gateway may name a person.
 */
function toFailure(err: unknown): unknown {
  if (err instanceof ApplicationFailure || err instanceof CancelledFailure) return err;
  if (err instanceof DomainError) {
    const { code, detail, errors, extra } = err;
    return ApplicationFailure.nonRetryable(detail, code, { detail, errors, extra });
  }
  if (!(err instanceof Error))
    return ApplicationFailure.create({ message: 'unknown fault', type: 'fault' });
  const code = errorCode(err);
  const message = code === null ? err.name : `${err.name} ${code}`;
  return ApplicationFailure.create({ message, type: 'fault' });
}

/** Applies `toFailure` to every activity of a worker; the full error goes to the log. */
export const failureInterceptor: ActivityInterceptorsFactory = (ctx) => ({
  inbound: {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (err) {
        const isRefusal = err instanceof DomainError;
        if (!isRefusal && !(err instanceof CancelledFailure))
          ctx.log.warn('activity failed', { err });
        throw toFailure(err);
      }
    },
  },
});
