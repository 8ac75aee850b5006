/**
 * Who may import what: the table of docs/architecture.md as an allow-list. An import that no line allows fails the check.
 * `import type` vanishes when compiled, so some lines allow types only (`preCompilationOnly`).
 */

const CORE = ['core'];
/** Listed under `dependencies`; a package that only tests or tools have is not there in production. */
const NPM = ['npm'];

const folder = (...names) => `^src/(?:${names.join('|')})/`;
const packages = (...names) => `(?:^|/)node_modules/(?:${names.join('|')})/`;

/** Product code of these folders; its tests stand beside it and may import what they like. */
const from = (...names) => ({ path: folder(...names), pathNot: '[.]test[.]ts$' });
const allow = (names, to) => ({ from: from(...[names].flat()), to });
const typesOf = (...names) => ({ path: folder(...names), preCompilationOnly: true });

const IO = ['activities', 'api', 'db', 'integrations', 'platform', 'workers'];

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Two files that need each other are one file, or miss a third.',
      from: {},
      to: { circular: true },
    },
  ],
  allowed: [
    allow('domain', { path: folder('domain') }),

    allow('contracts', { path: folder('contracts', 'domain') }),
    allow('contracts', { path: packages('zod') }),

    allow('workflows', { path: folder('workflows', 'domain') }),
    allow('workflows', typesOf('contracts', 'activities')),
    allow('workflows', { path: packages('@temporalio/workflow', '@temporalio/common') }),

    allow('activities', {
      path: folder('activities', 'domain', 'contracts', 'db', 'integrations', 'platform'),
    }),
    allow('integrations', { path: folder('integrations', 'domain', 'contracts', 'platform') }),
    allow('db', { path: folder('db', 'domain', 'platform') }),
    allow('db', typesOf('contracts')),
    allow('api', { path: folder('api', 'contracts', 'domain', 'db', 'platform') }),
    allow('api', { path: '^src/workflows/messages[.]ts$' }),
    allow('api', typesOf('workflows')),
    allow('workers', { path: folder('workflows', ...IO.filter((name) => name !== 'api')) }),
    allow('workers', { path: folder('contracts', 'domain') }),
    allow('platform', { path: folder('platform') }),
    allow(IO, { dependencyTypes: CORE }),
    allow(IO, { dependencyTypes: NPM }),

    allow('console', { path: folder('console') }),
    allow('console', typesOf('contracts')),
    allow('console', { dependencyTypes: NPM }),

    { from: { path: '^(?:scripts|bench|test)/' }, to: { couldNotResolve: false } },
    { from: { path: '[.]test[.]ts$' }, to: { couldNotResolve: false } },
  ],
  allowedSeverity: 'error',
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'require', 'node', 'import', 'default'],
      mainFields: ['main', 'types', 'typings'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.d.ts', '.json'],
    },
  },
};
