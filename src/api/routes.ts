import { surveyPages } from './pages/survey';
import type { Route } from './route';
import { apiKeyRoutes } from './routes/api-keys';
import { documentationRoutes } from './routes/docs';
import { customerRoutes } from './routes/customers';
import { healthRoutes } from './routes/health';
import { incidentRoutes } from './routes/incidents';
import { inventoryRoutes } from './routes/inventory';
import { locationRoutes } from './routes/locations';
import { messageRoutes } from './routes/messages';
import { policyRoutes } from './routes/policies';
import { productRoutes } from './routes/products';
import { surveyRoutes } from './routes/surveys';

const RESOURCES: readonly Route[] = [
  ...healthRoutes,
  ...productRoutes,
  ...locationRoutes,
  ...inventoryRoutes,
  ...policyRoutes,
  ...incidentRoutes,
  ...apiKeyRoutes,
  ...customerRoutes,
  ...messageRoutes,
  ...surveyRoutes,
  ...surveyPages,
];

/** Every route there is. What is not listed here is not served and not in the OpenAPI document. */
export const ROUTES: readonly Route[] = [...RESOURCES, ...documentationRoutes(RESOURCES)];
