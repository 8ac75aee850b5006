import type { Queryable } from '../pool';

/** Policies by key, null where a rule is switched off; a key that was never set is not in the answer. */
export async function findPolicyValues(
  db: Queryable,
  keys: readonly string[],
): Promise<Map<string, unknown>> {
  const { rows } = await db.query<{ key: string; value: unknown }>(
    `select key, value from oms.policies where key = any($1::text[])`,
    [keys],
  );
  return new Map(rows.map((row) => [row.key, row.value]));
}

/** A policy that is an ISO 8601 duration: the default while it was never set, null when it is switched off. */
export function durationOf(
  policies: ReadonlyMap<string, unknown>,
  key: string,
  fallback: string,
): string | null {
  const value = policies.get(key);
  if (value === null) return null;
  return typeof value === 'string' ? value : fallback;
}
