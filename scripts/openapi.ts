import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { buildOpenApi } from '../src/api/openapi';
import { ROUTES } from '../src/api/routes';

/** Writes openapi.json from the routes; with `--check` only says whether the one in the repository is still true. */
function main(): void {
  const file = path.resolve(__dirname, '../openapi.json');
  const text = `${JSON.stringify(buildOpenApi(ROUTES), null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
    process.stdout.write('openapi.json written\n');
    return;
  }
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  process.stderr.write('openapi.json differs from the routes: npm run openapi\n');
  process.exitCode = 1;
}

main();
