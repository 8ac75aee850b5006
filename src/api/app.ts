import express, { type Express } from 'express';
import helmet from 'helmet';

import type { ApiDeps } from './deps';
import { logAccess } from './middleware/access-log';
import { createAuthenticator } from './middleware/authenticate';
import { handleErrors, refuseUnknownRoute } from './middleware/errors';
import { takeRequestId } from './middleware/request-id';
import { registerRoutes } from './register';
import type { Route } from './route';
import { ROUTES } from './routes';

/**
 * The HTTP API on the given stores and engine; opens nothing by itself. Throws for a route table that must not be
 * served. `routes` is the whole table unless a test gives its own.
 */
export function createApp(deps: ApiDeps, routes: readonly Route[] = ROUTES): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(takeRequestId, logAccess(deps.logger));
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
    }),
  );
  registerRoutes(app, routes, deps, createAuthenticator(deps));
  app.use(refuseUnknownRoute);
  app.use(handleErrors(deps.logger));
  return app;
}
