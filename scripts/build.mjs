/**
 * `npm run build`: compiles src/ to dist/ and bundles the workflows to dist/workflow-bundle.js. Both are skipped as
 * far as nothing changed since the last time.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, ROOT } from './ensure-installed.mjs';

const DIST = path.join(ROOT, 'dist');
const BUNDLE = path.join(DIST, 'workflow-bundle.js');
const STAMP = path.join(DIST, 'workflow-bundle.stamp');

/** What the bundle is made of: workflows and the rules that they use, and the packages. */
const BUNDLE_SOURCES = ['src/workflows', 'src/domain', 'package-lock.json', 'scripts/build.mjs'];

function compile() {
  const tsc = path.join(ROOT, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

async function bundle() {
  const stamp = hashOf(BUNDLE_SOURCES);
  if (existsSync(BUNDLE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(ROOT, 'src/workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  mkdirSync(DIST, { recursive: true });
  writeFileSync(BUNDLE, code);
  writeFileSync(STAMP, stamp);
}

function hashOf(names) {
  const hash = createHash('sha256').update(process.version);
  for (const file of names.flatMap((name) => filesOf(path.join(ROOT, name)))) {
    hash.update(path.relative(ROOT, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesOf(file) {
  if (path.extname(file) !== '') return [file];
  return readdirSync(file, { recursive: true })
    .map((name) => path.join(file, String(name)))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort();
}

ensureInstalled();
compile();
await bundle();
