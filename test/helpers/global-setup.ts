import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { startTestServices, type TestServices } from '../../scripts/runtime/test-services';
import { shareContext } from './context';
import { prepareTemplate } from './template';

declare global {
  var testServices: TestServices | undefined;
}

const ROOT = path.resolve(__dirname, '../..');

/** Starts PostgreSQL and Temporal once per run; migrates and seeds the template that every test file clones. */
export default async function globalSetup(): Promise<void> {
  // Jest calls this once per project that names it.
  if (globalThis.testServices !== undefined) return;
  const services = await startTestServices();
  globalThis.testServices = services;
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  shareContext(await prepareTemplate(services));
}
