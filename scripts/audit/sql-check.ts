import type { Queryable } from '../../src/db/pool';
import type { Check } from './types';

/** A store says more at once than anybody reads. */
const LIMIT = 200;

export interface SqlCheck {
  readonly store: 'oms' | 'crm';
  /** A table or a derived one: what the check looks at. */
  readonly over: string;
  /** Answers with one row per breach, its sentence in the column `breach`. */
  readonly find: string;
}

/** A check that one statement can make; it sees one moment of its store. */
export function sqlCheck({ store, over, find }: SqlCheck): Check {
  return {
    needs: [],
    isRechecked: true,
    run: async ({ deps }) => {
      const db = deps[store];
      const rows = await countRows(db, over);
      const found = await db.query<{ breach: string }>(`${find} limit ${String(LIMIT)}`);
      return { rows, breaches: found.rows.map(({ breach }) => breach) };
    },
  };
}

async function countRows(db: Queryable, over: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(`select count(*)::int as n from ${over}`);
  return rows[0]?.n ?? 0;
}

/** Reads a statement page by page: `$1` is the last key seen, `$2` the page's size; rows carry their key as `key`. */
export async function* pagesOf<R extends { readonly key: string }>(
  db: Queryable,
  statement: string,
  options: { readonly first: string; readonly size: number },
): AsyncGenerator<R[]> {
  let after = options.first;
  for (;;) {
    const { rows } = await db.query<R & Record<string, unknown>>(statement, [after, options.size]);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last.key;
  }
}

export const FIRST_UUID = '00000000-0000-0000-0000-000000000000';

const PAGE = 5000;

/** All rows of such a statement whose keys are UUIDs. */
export async function allOf<R extends { readonly key: string }>(
  db: Queryable,
  statement: string,
): Promise<R[]> {
  const all: R[] = [];
  for await (const page of pagesOf<R>(db, statement, { first: FIRST_UUID, size: PAGE }))
    all.push(...page);
  return all;
}
