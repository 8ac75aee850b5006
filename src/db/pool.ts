import { createHash } from 'node:crypto';

import { Pool, types, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';

/** What query functions take as their first argument: a pool, or a client inside a transaction. */
export interface Queryable {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
}

export type { Pool } from 'pg';

const DATE = 1082;
const INT8 = 20;
const INT8_ARRAY = 1016;
const CONNECT_TIMEOUT_MS = 2000;
const STATEMENT_TIMEOUT_MS = 2000;

/** `bigint` as a number; throws beyond the range in which a number is exact. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('bigint beyond the safe integer range');
  return value;
}

function parseInt8Array(text: string): number[] {
  const inner = text.slice(1, -1);
  return inner === '' ? [] : inner.split(',').map(parseInt8);
}

/** `bigint` (and arrays of it) as checked numbers, `date` as its text (a Date would move it by the time zone). */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<
  number,
  (text: string) => unknown
>([
  [INT8, parseInt8],
  [INT8_ARRAY, parseInt8Array],
  [DATE, String],
]);

const standardParser: (oid: number, format?: 'text' | 'binary') => (text: string) => unknown =
  types.getTypeParser;

const parsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    PARSERS.get(oid) ?? standardParser(oid, format),
};

export interface PoolOptions {
  readonly connectionString: string;
  readonly max: number;
  readonly applicationName: string;
  /** Called for an idle connection that broke; the pool replaces it by itself. */
  readonly onError: (err: Error) => void;
  /** Called with the text of every statement, `begin` and `commit` too: lets tests count them. */
  readonly onStatement?: (text: string) => void;
  /** Default 2 s: how long to wait for a connection, a free one or a new one. */
  readonly connectTimeoutMs?: number;
  /** Default 2 s: no caller waits on a stuck statement. */
  readonly statementTimeoutMs?: number;
}

/** A pool whose connections fail fast: 2 s to connect, 2 s a statement. Survives a restart of the server. */
export function createPool(options: PoolOptions): Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const pool = new Pool({
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: statementTimeoutMs,
    // A server that no longer answers at all cannot cancel the statement, so the client gives up by itself.
    query_timeout: statementTimeoutMs + 1000,
    idle_in_transaction_session_timeout: 10_000,
    types: parsers,
  });
  pool.on('error', options.onError);
  pool.on('connect', (client) => {
    // One that breaks while in use rejects its statement; without a listener it would end the process too.
    client.on('error', () => undefined);
    prepareStatements(client, options.onStatement);
  });
  return pool;
}

/**
 * Gives every statement with values a name of its own, so that a connection parses and plans it once. Our texts are
 * constants, so a connection never keeps more of them than there are query functions.
 */
function prepareStatements(client: PoolClient, onStatement?: (text: string) => void): void {
  const original: (...args: unknown[]) => unknown = client.query.bind(client);
  Object.defineProperty(client, 'query', {
    configurable: true,
    writable: true,
    value: (text: unknown, values: unknown, ...rest: unknown[]) => {
      if (typeof text !== 'string') return original(text, values, ...rest);
      onStatement?.(text);
      if (!Array.isArray(values)) return original(text, values, ...rest);
      return original({ name: nameOf(text), text, values }, ...rest);
    },
  });
}

const names = new Map<string, string>();

/** The same in every process, as a pooler between us and the server wants it; PostgreSQL keeps 63 characters of it. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  names.set(text, name);
  return name;
}

/**
 * Runs `fn` in one transaction: committed when it returns, rolled back when it throws. The connection goes back
 * to the pool in every case; one whose rollback failed is thrown away.
 */
export async function withTransaction<T>(
  pool: Pool,
  fn: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await fn(client);
    await client.query('commit');
    return result;
  } catch (err) {
    broken = await rollBack(client);
    throw err;
  } finally {
    client.release(broken);
  }
}

async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (err) {
    return err instanceof Error ? err : new Error(String(err));
  }
}
