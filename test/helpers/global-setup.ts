import { execFileSync } from 'node:child_process';
import path from 'node:path';

import {
  createTestDatabase,
  startTestServices,
  type TestServices,
} from '../../scripts/runtime/test-services';
import { shareContext } from './context';

declare global {
  var testServices: TestServices | undefined;
}

const TEMPLATE = 'throughline_template';
const ROOT = path.resolve(__dirname, '../..');
export const TEST_ADMIN_KEY = 'tl_test_admin_key_0000000000000000000000000000';

/** Starts PostgreSQL and Temporal once per run; migrates and seeds the template that every test file clones. */
export default async function globalSetup(): Promise<void> {
  // Jest calls this once per project that names it.
  if (globalThis.testServices !== undefined) return;
  const services = await startTestServices({ durable: true });
  globalThis.testServices = services;
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
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
  shareContext({
    postgresAdminUrl,
    temporalAddress,
    temporalNamespace,
    pids,
    templateDatabase: TEMPLATE,
  });
}
