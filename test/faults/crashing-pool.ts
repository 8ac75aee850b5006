import type { Pool, PoolClient, QueryResult } from 'pg';

import type { CrashPoints } from './points';

/** A statement that changes a table, by itself or through a function. Locks alone (`for update`) change nothing. */
const WRITES = /(?:insert into|update|delete from)\s+(?:oms|crm)\.\w+|crm\.resolve_customer\(/g;

/** The query function that sends a statement: the first frame of the folder db on the stack. */
const SENDER = /at (?:async )?(?:Object\.)?(\w+) \([^)]*\/(?:src|dist)\/db\//;

type Query = (text: string, values?: unknown[]) => Promise<QueryResult>;

/**
 * The pool with a crash point before and after each commit that changes something. A statement outside of transactions
 * gets one of its own, so that "before" means: done, not committed. What changed no row is no commit.
 */
export function crashingPool(pool: Pool, points: CrashPoints): Pool {
  return new Proxy(pool, {
    get(target, key) {
      if (key === 'connect') return async () => crashingClient(await target.connect(), points);
      if (key === 'query')
        return (text: string, values?: unknown[]) =>
          isWrite(text) ? inTransaction(target, points, text, values) : target.query(text, values);
      return bound(target, key);
    },
  });
}

function crashingClient(client: PoolClient, points: CrashPoints): PoolClient {
  const senders = new Set<string>();
  const query: Query = async (text, values) => {
    if (text === 'begin') senders.clear();
    if (text === 'commit' && senders.size > 0) {
      const label = `commit(${[...senders].sort().join(',')})`;
      senders.clear();
      return points.around(label, () => client.query(text));
    }
    const sender = senderOf(new Error());
    const result = await client.query(text, values);
    if (hasEffect(text, result)) senders.add(sender);
    return result;
  };
  return new Proxy(client, {
    get: (target, key) => (key === 'query' ? query : bound(target, key)),
  });
}

async function inTransaction(
  pool: Pool,
  points: CrashPoints,
  text: string,
  values?: unknown[],
): Promise<QueryResult> {
  const client = crashingClient(await pool.connect(), points);
  let isDone = false;
  try {
    await client.query('begin');
    const result = await client.query(text, values);
    await client.query('commit');
    isDone = true;
    return result;
  } finally {
    client.release(!isDone);
  }
}

function isWrite(text: string): boolean {
  return countWrites(text) > 0;
}

/** A statement that changes several tables may have changed one of them and say nothing of it. */
function hasEffect(text: string, { rowCount }: QueryResult): boolean {
  const writes = countWrites(text);
  return writes > 1 || (writes === 1 && rowCount !== null && rowCount > 0);
}

function countWrites(text: string): number {
  return text.match(WRITES)?.length ?? 0;
}

function senderOf({ stack = '' }: Error): string {
  return SENDER.exec(stack)?.[1] ?? 'unknown';
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key);
  return typeof value === 'function' ? value.bind(target) : value;
}
