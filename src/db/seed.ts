import { POLICIES } from '../domain/policies';
import { readConfig, SeedConfig } from '../platform/config';
import { createLogger } from '../platform/logger';

import { hashApiKey, insertApiKey, prefixOfApiKey } from './crm/api-keys';
import { seedTemplates } from './crm/seed-templates';
import { seedPolicies } from './oms/policies';
import { seedCatalogue } from './oms/seed-catalogue';
import { createPool, withTransaction, type Pool } from './pool';

export interface SeedOptions {
  readonly oms: Pool;
  readonly crm: Pool;
  /** Stored hashed, with the scope `admin`. */
  readonly adminKey: string;
}

/**
 * Fills both stores for a start: policies, demo catalogue, templates and the admin's key. What is there stays as it is.
 * May run any number of times.
 */
export async function seedStores({ oms, crm, adminKey }: SeedOptions): Promise<void> {
  const policies = Object.entries(POLICIES).map(([key, { value }]) => ({ key, value }));
  await withTransaction(oms, async (tx) => {
    await seedPolicies(tx, policies);
    await seedCatalogue(tx);
  });
  await withTransaction(crm, async (tx) => {
    await seedTemplates(tx);
    await insertApiKey(tx, {
      name: 'admin',
      prefix: prefixOfApiKey(adminKey),
      keyHash: hashApiKey(adminKey),
      scopes: ['admin'],
      expiresAt: null,
    });
  });
}

async function main(): Promise<void> {
  const config = readConfig(SeedConfig);
  const logger = createLogger({ service: 'seed', level: config.LOG_LEVEL });
  const open = (connectionString: string): Pool =>
    createPool({
      connectionString,
      max: 1,
      applicationName: 'seed',
      onError: (err) => logger.warn({ err }, 'idle connection lost'),
      statementTimeoutMs: 30_000,
    });
  const oms = open(config.OMS_ADMIN_DATABASE_URL ?? config.ADMIN_DATABASE_URL);
  const crm = open(config.CRM_ADMIN_DATABASE_URL ?? config.ADMIN_DATABASE_URL);
  try {
    await seedStores({ oms, crm, adminKey: config.ADMIN_KEY });
    logger.info('the stores are seeded');
  } finally {
    await Promise.all([oms.end(), crm.end()]);
  }
}

if (require.main === module) {
  main().catch((err: unknown) => {
    process.stderr.write(`${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
    process.exitCode = 1;
  });
}
