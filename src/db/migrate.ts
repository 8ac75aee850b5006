import path from 'node:path';

import { MigrateConfig, readConfig } from '../platform/config';
import { createLogger } from '../platform/logger';

export const STORES = ['crm', 'oms'] as const;
export type Store = (typeof STORES)[number];

/** The SQL files are not compiled: this path holds from src/db and dist/db alike. */
function migrationsDir(store: Store): string {
  return path.resolve(__dirname, '../../src/db', store, 'migrations');
}

/**
 * Applies the store's open migrations as its owner, all in one transaction, and returns their names. May run any
 * number of times and at the same time as another: the second waits on an advisory lock and finds nothing to do.
 */
export async function migrateStore(store: Store, databaseUrl: string): Promise<string[]> {
  // ES module: loaded when used, so that modules which only name this file stay loadable in Jest.
  const { runner } = await import('node-pg-migrate');
  const done = await runner({
    databaseUrl,
    dir: migrationsDir(store),
    direction: 'up',
    migrationsTable: 'migrations',
    migrationsSchema: store,
    createMigrationsSchema: true,
    checkOrder: true,
    advisoryLockMode: 'wait',
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  });
  return done.map((migration) => migration.name);
}

function ignore(): void {
  // The runner's own log repeats every statement.
}

async function main(): Promise<void> {
  const config = readConfig(MigrateConfig);
  const logger = createLogger({ service: 'migrate', level: config.LOG_LEVEL });
  const urls = { crm: config.CRM_ADMIN_DATABASE_URL, oms: config.OMS_ADMIN_DATABASE_URL };
  for (const store of STORES) {
    const migrations = await migrateStore(store, urls[store]);
    logger.info({ store, migrations }, 'store is migrated');
  }
}

if (require.main === module) {
  main().catch((err: unknown) => {
    process.stderr.write(`${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
    process.exitCode = 1;
  });
}
