import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { createTestDatabase, type TestServices } from '../../scripts/runtime/test-services';
import type { TestContext } from './context';

const TEMPLATE = 'throughline_template';
const ROOT = path.resolve(__dirname, '../..');
const TEST_ADMIN_KEY = 'tl_test_admin_key_0000000000000000000000000000';

/** Migrates and seeds the database that tests clone, and says where everything is. */
export async function prepareTemplate(services: TestServices): Promise<TestContext> {
  const urls = await createTestDatabase(services.postgresAdminUrl, TEMPLATE);
  const env = {
    ...process.env,
    ADMIN_DATABASE_URL: urls.admin,
    CRM_DATABASE_URL: urls.crm,
    OMS_DATABASE_URL: urls.oms,
    ADMIN_KEY: TEST_ADMIN_KEY,
    LOG_LEVEL: 'warn',
  };
  for (const script of ['src/db/migrate.ts', 'src/db/seed.ts']) {
    execFileSync(process.execPath, ['--import', 'tsx', script], {
      cwd: ROOT,
      env,
      stdio: 'inherit',
    });
  }
  const { postgresAdminUrl, temporalAddress, temporalNamespace, pids } = services;
  return { postgresAdminUrl, temporalAddress, temporalNamespace, pids, templateDatabase: TEMPLATE };
}
