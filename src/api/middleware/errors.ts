import type { NextFunction, Request, Response } from 'express';

import { DomainError } from '../../domain/errors';
import type { Logger } from '../../platform/logger';
import type { RouteResult } from '../route';

import { routeNameOf } from './access-log';
import { toDomainError, toProblem } from './problem';
import { requestIdOf } from './request-id';
import { send } from './send';

interface ErrorContext {
  readonly logger: Logger;
  readonly requestId: string;
  readonly route: string;
}

/** The problem document for whatever was thrown. Faults are logged here, once; refusals are not. */
export function answerError(err: unknown, context: ErrorContext): RouteResult {
  const refusal = toDomainError(err);
  const { logger, ...fields } = context;
  if (refusal.code === 'internal_error') logger.error({ ...fields, err }, 'request failed');
  else if (refusal !== err) logger.warn({ ...fields, err, code: refusal.code }, 'request refused');
  return toProblem(refusal, context.requestId);
}

/** No route has the path. */
export function refuseUnknownRoute(): never {
  throw new DomainError('not_found', 'There is no such route.');
}

/** Express's last handler: what failed before or beside a route. */
export function handleErrors(logger: Logger) {
  return (err: unknown, _req: Request, res: Response, next: NextFunction): void => {
    if (res.headersSent) {
      next(err);
      return;
    }
    const cause = isUndecodable(err)
      ? new DomainError('not_found', 'There is no such route.')
      : err;
    const context = { logger, requestId: requestIdOf(res), route: routeNameOf(res) };
    send(res, answerError(cause, context));
  };
}

/** A path like `/v1/orders/%zz`, which the router itself refuses. */
function isUndecodable(err: unknown): boolean {
  return err instanceof URIError;
}
