import { Client } from 'pg';

import { testDatabaseUrls } from '../../scripts/runtime/test-services';
import { createPool, type Pool } from '../../src/db/pool';
import { type TestContext, testContext } from './context';

export interface TestDatabase {
  readonly name: string;
  readonly urls: { readonly admin: string; readonly oms: string; readonly crm: string };
  /** Runtime roles, as in production. */
  readonly oms: Pool;
  readonly crm: Pool;
  /** The owner: for set-up and for looking where the runtime roles may not. */
  readonly admin: Pool;
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Called with every statement of the OMS pool. */
  readonly onStatement?: (text: string) => void;
  readonly poolMax?: number;
  /** Servers of the test's own; default those of the run. */
  readonly context?: TestContext;
}

let counter = 0;

/** A database of its own for one test file: a clone of the migrated, seeded template (about 100 ms). */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const context = options.context ?? testContext();
  counter += 1;
  const name = `t_${String(process.pid)}_${String(Date.now())}_${String(counter)}`;
  await asSuperuser(context.postgresAdminUrl, (client) =>
    clone(client, name, context.templateDatabase),
  );
  const urls = testDatabaseUrls(context.postgresAdminUrl, name);
  const [oms, crm, admin] = [urls.oms, urls.crm, urls.admin].map((connectionString) =>
    createPool({
      connectionString,
      max: options.poolMax ?? 20,
      applicationName: 'test',
      onError: () => undefined,
      // A busy machine is no outage.
      connectTimeoutMs: 10_000,
      statementTimeoutMs: 10_000,
      ...(options.onStatement === undefined ? {} : { onStatement: options.onStatement }),
    }),
  );
  if (oms === undefined || crm === undefined || admin === undefined) throw new Error('no pools');
  return {
    name,
    urls,
    oms,
    crm,
    admin,
    async close() {
      await Promise.all([oms.end(), crm.end(), admin.end()]);
      await asSuperuser(context.postgresAdminUrl, (client) =>
        client.query(`drop database if exists ${name} with (force)`),
      );
    },
  };
}

/** Two files may clone at once; PostgreSQL lets only one copy a template at a time. */
async function clone(client: Client, name: string, template: string): Promise<void> {
  await client.query('select pg_advisory_lock(7471)');
  await client.query(`create database ${name} template ${template}`);
}

async function asSuperuser(url: string, run: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}
