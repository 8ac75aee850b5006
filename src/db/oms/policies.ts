import type { Queryable } from '../pool';

export interface PolicyRow {
  readonly key: string;
  readonly value: unknown;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

/** By key; at most `limit` after the key `after`. */
export async function listPolicies(
  db: Queryable,
  page: { limit: number; after: string | null },
): Promise<PolicyRow[]> {
  const { rows } = await db.query<PolicyRow>(
    `select key, value, updated_at as "updatedAt", updated_by as "updatedBy" from oms.policies
     where $2::text is null or key > $2::text
     order by key
     limit $1::integer`,
    [page.limit, page.after],
  );
  return rows;
}

export async function findPolicy(db: Queryable, key: string): Promise<PolicyRow | null> {
  const { rows } = await db.query<PolicyRow>(
    `select key, value, updated_at as "updatedAt", updated_by as "updatedBy" from oms.policies
     where key = $1::text`,
    [key],
  );
  return rows[0] ?? null;
}

/** Sets a policy; waits that begin from now on follow it. May run any number of times. */
export async function putPolicyValue(
  db: Queryable,
  policy: { key: string; value: unknown; updatedBy: string },
): Promise<PolicyRow> {
  const { rows } = await db.query<PolicyRow>(
    `insert into oms.policies (key, value, updated_by) values ($1::text, $2::jsonb, $3::text)
     on conflict (key) do update
       set value = excluded.value, updated_by = excluded.updated_by, updated_at = now()
     returning key, value, updated_at as "updatedAt", updated_by as "updatedBy"`,
    [policy.key, JSON.stringify(policy.value), policy.updatedBy],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('an upsert returned no row');
  return row;
}

/** Stores the defaults of policies that were never set, so that changed ones stay. May run any number of times. */
export async function seedPolicies(
  db: Queryable,
  defaults: readonly { key: string; value: unknown }[],
): Promise<void> {
  await db.query(
    `insert into oms.policies (key, value)
     select d.key, d.value from jsonb_to_recordset($1::jsonb) as d(key text, value jsonb)
     on conflict (key) do nothing`,
    [JSON.stringify(defaults)],
  );
}
