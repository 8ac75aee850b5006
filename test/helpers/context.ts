/** What the global set-up started, handed to the test processes through the environment. */
export interface TestContext {
  readonly postgresAdminUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** A migrated, seeded database that each test file clones. */
  readonly templateDatabase: string;
  readonly pids: { readonly postgres: number; readonly temporal: number };
}

const VARIABLE = 'THROUGHLINE_TEST_CONTEXT';

export function shareContext(context: TestContext): void {
  process.env[VARIABLE] = JSON.stringify(context);
}

export function testContext(): TestContext {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('the global set-up has not run');
  // Written by `shareContext` in the same run.
  const context: TestContext = JSON.parse(text);
  return context;
}
