import type { Client } from '@temporalio/client';

import type { Pool } from '../db/pool';
import type { ApiConfig } from '../platform/config';
import type { Logger } from '../platform/logger';

/** What the routes may know of the configuration; not the store's URLs. */
export type ApiSettings = Pick<
  ApiConfig,
  | 'PUBLIC_URL'
  | 'TEMPORAL_UI_URL'
  | 'TEMPORAL_NAMESPACE'
  | 'THROUGHLINE_TASK_QUEUE_PREFIX'
  | 'SHOPIFY_WEBHOOK_SECRET'
  | 'CARRIER_SANDBOX_WEBHOOK_SECRET'
  | 'SANDBOX_PAYMENTS_WEBHOOK_SECRET'
  | 'STRIPE_WEBHOOK_SECRET'
  | 'WEBHOOK_PRIVATE_TARGETS'
>;

/** Everything the API works with; built in main.ts, and by tests with their own stores. */
export interface ApiDeps {
  readonly oms: Pool;
  readonly crm: Pool;
  readonly temporal: Client;
  readonly config: ApiSettings;
  readonly logger: Logger;
}
