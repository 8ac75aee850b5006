import { createPool, type Pool, withTransaction } from '../../src/db/pool';
import { createTestDatabase, type TestDatabase } from '../helpers/database';

let database: TestDatabase;
let pool: Pool;
const statements: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({
    connectionString: database.urls.oms,
    max: 2,
    applicationName: 'pool-test',
    onError: () => undefined,
    onStatement: (text) => statements.push(text),
    statementTimeoutMs: 300,
  });
});

afterAll(async () => {
  await pool.end();
  await database.close();
});

describe('createPool', () => {
  it('reads bigint as an exact number, and refuses one that is not', async () => {
    const { rows } = await pool.query(
      'select 9007199254740991::bigint as n, array[1, 2]::bigint[] as many',
    );

    expect(rows).toEqual([{ n: 9_007_199_254_740_991, many: [1, 2] }]);
    await expect(pool.query('select 9007199254740992::bigint')).rejects.toThrow(RangeError);
  });

  it('reads a date as its text, whatever the time zone', async () => {
    const { rows } = await pool.query("select date '2026-03-01' as day");

    expect(rows).toEqual([{ day: '2026-03-01' }]);
  });

  it('has a statement with values parsed once by a connection', async () => {
    await withTransaction(pool, async (tx) => {
      for (const n of [1, 2, 3]) {
        const { rows } = await tx.query('select $1::int + 1 as n', [n]);
        expect(rows).toEqual([{ n: n + 1 }]);
      }
      const { rows } = await tx.query<{ runs: number }>(
        `select (generic_plans + custom_plans)::int as runs from pg_prepared_statements
         where statement = 'select $1::int + 1 as n'`,
      );
      expect(rows).toEqual([{ runs: 3 }]);
    });
  });

  it('gives up a statement that takes too long', async () => {
    await expect(pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
  });

  it('works again after its connections were cut', async () => {
    await pool.query('select 1');
    // The same role may end its own connections.
    await database.oms.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool-test'",
    );

    const { rows } = await retry(() => pool.query('select 2 as n'));

    expect(rows).toEqual([{ n: 2 }]);
  });
});

describe('withTransaction', () => {
  it('commits what the function did and returns its result', async () => {
    statements.length = 0;

    const result = await withTransaction(pool, async (tx) => {
      await tx.query('create temp table kept (n int) on commit preserve rows');
      return 'done';
    });

    expect(result).toBe('done');
    expect(statements).toEqual(['begin', expect.stringContaining('create temp'), 'commit']);
  });

  it('rolls back and passes the error on', async () => {
    statements.length = 0;

    const failing = withTransaction(pool, async (tx) => {
      await tx.query('select 1');
      throw new Error('changed my mind');
    });

    await expect(failing).rejects.toThrow('changed my mind');
    expect(statements.at(-1)).toBe('rollback');
  });
});

async function retry<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch {
    return run();
  }
}
