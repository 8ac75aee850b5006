import type { Route } from './route';
import { healthRoutes } from './routes/health';

/** Every route there is. What is not listed here is not served and not in the OpenAPI document. */
export const ROUTES: readonly Route[] = [...healthRoutes];
