/**
 * `npm run build`: compiles src/ to dist/ and bundles the workflows to dist/workflow-bundle.js. Both are skipped as
 * far as nothing changed since the last time.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, ROOT } from './ensure-installed.mjs';

const DIST = path.join(ROOT, 'dist');
const BUNDLE = path.join(DIST, 'workflow-bundle.js');

/** What each output is made of; the bundle is workflows, the rules that they use, and packages. */
const SETTINGS = ['package-lock.json', 'scripts/build.mjs'];
const CODE_SOURCES = ['src', 'tsconfig.json', 'tsconfig.build.json', ...SETTINGS];
const BUNDLE_SOURCES = ['src/workflows', 'src/domain', ...SETTINGS];

function compile() {
  // The compiler believes its own notes, not the folder.
  if (!existsSync(path.join(DIST, 'api'))) rmSync(path.join(DIST, '.tsbuildinfo'), { force: true });
  const tsc = path.join(ROOT, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

async function bundle() {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(ROOT, 'src/workflows/index.ts'),
    workflowInterceptorModules: [path.join(ROOT, 'src/workflows/one-step-at-a-time.ts')],
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(BUNDLE, code);
}

/** Makes the output unless it was made from the very same sources. */
async function unlessDone(output, sources, make) {
  const stamp = path.join(DIST, `.${path.basename(output)}.stamp`);
  const hash = hashOf(sources);
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  mkdirSync(DIST, { recursive: true });
  await make();
  writeFileSync(stamp, hash);
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
await unlessDone(path.join(DIST, 'api'), CODE_SOURCES, compile);
await unlessDone(BUNDLE, BUNDLE_SOURCES, bundle);
