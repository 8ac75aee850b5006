import type { NextFunction, Request, RequestHandler, Response } from 'express';

import type { Logger } from '../../platform/logger';

import { requestIdOf } from './request-id';

/** What the log calls the exchange: the route, never the path with its values, and who called. */
const names = new WeakMap<Response, { route: string; actorId?: string }>();

/** Probes come every few seconds and say nothing while they are well. */
const QUIET = new Set(['GET /healthz', 'GET /readyz']);

export function nameRoute(res: Response, route: string): void {
  names.set(res, { route });
}

export function nameActor(res: Response, actorId: string): void {
  const name = names.get(res);
  if (name !== undefined) name.actorId = actorId;
}

export function routeNameOf(res: Response): string {
  return names.get(res)?.route ?? 'unknown route';
}

/** One line for each exchange when it is over, also when the caller hung up. */
export function logAccess(logger: Logger): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    const startedAt = performance.now();
    res.once('close', () => {
      const route = routeNameOf(res);
      const fields = {
        requestId: requestIdOf(res),
        method: req.method,
        route,
        status: res.statusCode,
        actorId: names.get(res)?.actorId,
        ms: Math.round(performance.now() - startedAt),
        ...(res.writableFinished ? {} : { aborted: true }),
      };
      if (QUIET.has(route) && res.statusCode < 400) logger.debug(fields, 'request');
      else logger.info(fields, 'request');
    });
    next();
  };
}
