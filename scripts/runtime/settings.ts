import path from 'node:path';
import { z } from 'zod';

import { readConfig } from '../../src/platform/config';
import { type PortRequest } from './ports';

export const ROOT = path.resolve(__dirname, '../..');

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

/** What `npm start` reads of the environment beside the variables that it hands on to its parts. */
export const StartConfig = z.object({
  THROUGHLINE_STATE_DIR: z.string().default('.throughline'),
  PORT: port(3000),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
  POSTGRES_PORT: port(5433),
  SANDBOX_PORT: port(4010),
  SANDBOX_SMTP_PORT: port(4025),
  /** Set: that engine is used, and none is started. */
  TEMPORAL_ADDRESS: z.string().optional(),
  TEMPORAL_NAMESPACE: z.string().default('throughline'),
  TEMPORAL_UI_URL: z.url().optional(),
  /** Read by the search for the CLI. */
  TEMPORAL_CLI: z.string().optional(),
  /** Set: that store is used; PostgreSQL is started only when one of the two is not set. */
  CRM_DATABASE_URL: z.url().optional(),
  OMS_DATABASE_URL: z.url().optional(),
  ADMIN_DATABASE_URL: z.url().optional(),
  CRM_ADMIN_DATABASE_URL: z.url().optional(),
  OMS_ADMIN_DATABASE_URL: z.url().optional(),
  SHOPIFY_WEBHOOK_SECRET: z.string().optional(),
  CARRIER_SANDBOX_WEBHOOK_SECRET: z.string().optional(),
  SANDBOX_PAYMENTS_WEBHOOK_SECRET: z.string().optional(),
  STRIPE_WEBHOOK_SECRET: z.string().optional(),
  LINK_SECRET: z.string().optional(),
});
export type StartConfig = z.infer<typeof StartConfig>;

/** Reads the settings; a `.env` file of the repository counts where the environment says nothing. */
export function readSettings(): StartConfig {
  try {
    process.loadEnvFile(path.join(ROOT, '.env'));
  } catch {
    // There is none.
  }
  return readConfig(StartConfig);
}

export interface External {
  readonly temporal: boolean;
  readonly postgres: boolean;
}

/** Which parts are not ours to start. */
export function externalParts(config: StartConfig): External {
  return {
    temporal: config.TEMPORAL_ADDRESS !== undefined,
    postgres: config.CRM_DATABASE_URL !== undefined && config.OMS_DATABASE_URL !== undefined,
  };
}

export interface Ports {
  readonly api: number;
  readonly sandbox: number;
  readonly smtp: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly postgres: number;
}

/** The ports that have to be free for this start; those of parts that are not started are left out as 0. */
export function portRequests(config: StartConfig): Record<keyof Ports, PortRequest> {
  const external = externalParts(config);
  const ask = (part: string, variable: keyof StartConfig, wanted: number): PortRequest => ({
    part,
    variable,
    port: wanted,
  });
  return {
    api: ask('API', 'PORT', config.PORT),
    sandbox: ask('sandbox', 'SANDBOX_PORT', config.SANDBOX_PORT),
    smtp: ask('sandbox mail', 'SANDBOX_SMTP_PORT', config.SANDBOX_SMTP_PORT),
    temporal: ask('Temporal', 'TEMPORAL_PORT', external.temporal ? 0 : config.TEMPORAL_PORT),
    temporalUi: ask(
      'Temporal UI',
      'TEMPORAL_UI_PORT',
      external.temporal ? 0 : config.TEMPORAL_UI_PORT,
    ),
    postgres: ask('PostgreSQL', 'POSTGRES_PORT', external.postgres ? 0 : config.POSTGRES_PORT),
  };
}
