import { builtinModules } from 'node:module';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TESTS = ['test/**/*.ts', '**/*.test.ts'];

const NODE_GLOBALS = [
  'Buffer',
  'URL',
  'fetch',
  'module',
  'performance',
  'process',
  'require',
  'setTimeout',
];

const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: a default export has a new name in every file.',
};
const NO_BARREL = {
  selector: 'ExportAllDeclaration',
  message: 'No barrel files: import from the file that declares it.',
};
const NO_ENUM = {
  selector: 'TSEnumDeclaration',
  message: 'Use a const object and a union type: an enum drags run-time code along.',
};
const NO_CLOCK = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'domain/ never reads the clock: take `now` as a parameter.',
};

const NO_ENV = {
  object: 'process',
  property: 'env',
  message: 'Only src/platform/config.ts reads the environment.',
};
const NO_CHANCE = [
  { object: 'Date', property: 'now', message: 'domain/ never reads the clock: take `now`.' },
  { object: 'Math', property: 'random', message: 'domain/ has no randomness: take the value.' },
];

const IMPORTS = [
  ...builtinModules
    .filter((name) => !name.startsWith('_') && !name.startsWith('node:'))
    .map((name) => ({ name, message: `Write node:${name}.` })),
  { name: 'node:process', importNames: ['env'], message: NO_ENV.message },
];

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'test-results/', '.throughline/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'max-lines': ['error', 300],
      'no-restricted-imports': ['error', { paths: IMPORTS }],
      'no-restricted-properties': ['error', NO_ENV],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_BARREL, NO_ENUM],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // A default that calls assertNever is checked by the compiler.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/domain/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', NO_ENV, ...NO_CHANCE],
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_BARREL, NO_ENUM, NO_CLOCK],
    },
  },
  {
    files: ['src/platform/config.ts', 'scripts/**/*.ts', 'bench/**/*.ts', ...TESTS],
    rules: {
      'no-restricted-imports': ['error', { paths: IMPORTS.slice(0, -1) }],
      'no-restricted-properties': 'off',
    },
  },
  {
    // A run's state changes behind every await, which the rule does not see through its readonly getters.
    files: ['src/workflows/**/*.ts'],
    rules: { '@typescript-eslint/no-unnecessary-condition': 'off' },
  },
  {
    // The bundle's entry must re-export every workflow.
    files: ['src/workflows/index.ts'],
    rules: { 'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, NO_ENUM] },
  },
  {
    // Jest loads its global set-up by the default export.
    files: ['test/helpers/global-*.ts', 'scripts/**/global-*.ts'],
    rules: { 'no-restricted-syntax': ['error', NO_BARREL, NO_ENUM] },
  },
  {
    files: TESTS,
    extends: [jest.configs['flat/recommended']],
    rules: {
      'max-lines': ['error', 500],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      // A fake is async because its port is.
      '@typescript-eslint/require-await': 'off',
      // Bodies of answers are `any` in a test, and a wrong guess fails it.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-plus-operands': ['error', { allowAny: true }],
      '@typescript-eslint/unbound-method': 'off',
      'jest/unbound-method': 'error',
      'jest/expect-expect': [
        'error',
        {
          assertFunctionNames: [
            'expect*',
            'assert*',
            'until*',
            'waitFor*',
            'fc.assert',
            '**.expect',
          ],
        },
      ],
      // One row of a table may ask more than another.
      'jest/no-conditional-expect': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])),
    },
    rules: { eqeqeq: 'error', 'max-lines': ['error', 300], 'no-console': 'error' },
  },
  prettier,
);
