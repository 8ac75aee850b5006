import type { Express, Request, Response } from 'express';

import { DomainError } from '../domain/errors';

import type { ApiDeps } from './deps';
import { nameActor, nameRoute } from './middleware/access-log';
import { PUBLIC_ACTOR, requireScope, type Authenticator } from './middleware/authenticate';
import { readBody } from './middleware/body';
import { withinLimit } from './middleware/deadline';
import { answerError } from './middleware/errors';
import { readIdempotencyKey, runOnce } from './middleware/idempotency';
import { requestIdOf } from './middleware/request-id';
import { send } from './middleware/send';
import type { Route, RouteRequest, RouteResult } from './route';

/** Thrown at boot for a route table that must not be served. */
class RouteError extends Error {
  override readonly name = 'RouteError';
}

/**
 * Serves the routes: authentication, scope, body, idempotency, checks, handler, within 10 s. Fails the boot for a route
 * without a scope, a public one with idempotency keys, and one declared twice. A known path with another method is 405.
 */
export function registerRoutes(
  app: Express,
  routes: readonly Route[],
  deps: ApiDeps,
  authenticator: Authenticator,
): void {
  checkRoutes(routes);
  const methodsByPath = new Map<string, string[]>();
  for (const route of [...routes].sort(byLiteralFirst)) {
    const path = toExpressPath(route.path);
    app[route.method](path, (req: Request, res: Response) =>
      serve(route, req, res, deps, authenticator),
    );
    const methods = methodsByPath.get(path) ?? [];
    methods.push(...(route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()]));
    methodsByPath.set(path, methods);
  }
  for (const [path, methods] of methodsByPath)
    app.all(path, (_req: Request, res: Response) => {
      res.set('Allow', methods.join(', '));
      throw new DomainError('method_not_allowed', `The route takes ${methods.join(', ')}.`);
    });
}

/** Also run by the tests over the whole table; a JavaScript caller could leave the scope out. */
export function checkRoutes(routes: readonly Route[]): void {
  const seen = new Set<string>();
  for (const route of routes) {
    const name = nameOf(route);
    const scope: string | undefined = route.scope;
    if (!/^(?:public|admin|[a-z-]+:[a-z-]+)$/.test(scope))
      throw new RouteError(`${name} has no scope`);
    if (route.scope === 'public' && route.idempotent === true)
      throw new RouteError(`${name} is public and cannot be idempotent by key`);
    if (seen.has(name)) throw new RouteError(`${name} is declared twice`);
    seen.add(name);
  }
}

async function serve(
  route: Route,
  req: Request,
  res: Response,
  deps: ApiDeps,
  authenticator: Authenticator,
): Promise<void> {
  nameRoute(res, nameOf(route));
  const work = answer(route, req, res, deps, authenticator);
  const requestId = requestIdOf(res);
  const result = await withinLimit(work, (err) => {
    deps.logger.warn({ err, requestId, route: nameOf(route) }, 'request failed after its time');
  });
  send(res, result, { page: route.page === true });
}

async function answer(
  route: Route,
  req: Request,
  res: Response,
  deps: ApiDeps,
  authenticator: Authenticator,
): Promise<RouteResult> {
  const actor =
    route.scope === 'public'
      ? PUBLIC_ACTOR
      : await authenticator.authenticate(req.get('authorization'));
  nameActor(res, actor.id);
  if (route.scope !== 'public') requireScope(actor, route.scope);
  const isReading = route.method === 'get' || route.method === 'delete';
  const body = isReading ? { body: {}, rawBody: Buffer.alloc(0) } : await readBody(req, res, route);
  const request: RouteRequest = {
    params: req.params,
    query: req.query,
    ...body,
    headers: req.headers,
    actor,
    requestId: requestIdOf(res),
    idempotencyKey:
      route.idempotent === true ? readIdempotencyKey(req.get('idempotency-key')) : null,
    deps,
    forgetApiKey: (apiKeyId) => authenticator.forget(apiKeyId),
  };
  return await runOnce(route, request, () => runSafely(route, request));
}

/** Refusals and faults become answers here, so that those worth keeping are stored with their key. */
async function runSafely(route: Route, request: RouteRequest): Promise<RouteResult> {
  try {
    return await route.handle(request);
  } catch (err) {
    return answerError(err, {
      logger: request.deps.logger,
      requestId: request.requestId,
      route: nameOf(route),
    });
  }
}

function nameOf(route: Route): string {
  return `${route.method.toUpperCase()} ${route.path}`;
}

function toExpressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** `/v1/orders/bulk` before `/v1/orders/{id}`: a parameter sorts behind every literal at its place. */
function byLiteralFirst(a: Route, b: Route): number {
  const key = (route: Route): string => route.path.replaceAll('{', '\uffff');
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}
