import type { Queryable } from '../pool';

export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export type Claim =
  | { readonly kind: 'claimed'; readonly token: string }
  | { readonly kind: 'done'; readonly response: StoredResponse }
  | { readonly kind: 'running' }
  | { readonly kind: 'other_request' };

export interface ClaimRequest {
  readonly scope: string;
  readonly key: string;
  readonly requestHash: string;
}

interface KeyRow {
  readonly request_hash: string;
  readonly status: 'running' | 'done';
  readonly response_status: number | null;
  readonly response: { headers: Record<string, string>; body: unknown } | null;
}

/**
 * Claims a key for one run of a request. Claimed when the key is new, past its day, or held for over 30 s by a run
 * that never ended; the token fences off that earlier run. Otherwise says what became of the first request.
 */
export async function claimIdempotencyKey(db: Queryable, request: ClaimRequest): Promise<Claim> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const token = await tryClaim(db, request);
    if (token !== null) return { kind: 'claimed', token };
    const row = await readKey(db, request);
    // Freed between the two statements: claim again.
    if (row !== null) return toClaim(row, request);
  }
  return { kind: 'running' };
}

async function tryClaim(db: Queryable, request: ClaimRequest): Promise<string | null> {
  const { rows } = await db.query<{ token: string }>(
    `insert into oms.idempotency_keys as k (scope, key, request_hash, locked_at)
     values ($1::text, $2::text, $3::text, clock_timestamp())
     on conflict (scope, key) do update
       set request_hash = excluded.request_hash, status = 'running', response_status = null, response = null,
         locked_at = clock_timestamp(), expires_at = now() + interval '24 hours'
       where k.expires_at <= now()
         or (k.status = 'running' and k.locked_at < now() - interval '30 seconds'
           and k.request_hash = excluded.request_hash)
     returning locked_at::text as token`,
    [request.scope, request.key, request.requestHash],
  );
  return rows[0]?.token ?? null;
}

async function readKey(db: Queryable, request: ClaimRequest): Promise<KeyRow | null> {
  const { rows } = await db.query<KeyRow>(
    `select request_hash, status, response_status, response from oms.idempotency_keys
     where scope = $1::text and key = $2::text`,
    [request.scope, request.key],
  );
  return rows[0] ?? null;
}

function toClaim(row: KeyRow, request: ClaimRequest): Claim {
  if (row.request_hash !== request.requestHash) return { kind: 'other_request' };
  if (row.status === 'running' || row.response === null || row.response_status === null)
    return { kind: 'running' };
  return { kind: 'done', response: { status: row.response_status, ...row.response } };
}

/** Keeps the answer for the rest of the day. Does nothing for a run whose claim was taken over. */
export async function completeIdempotencyKey(
  db: Queryable,
  claim: { scope: string; key: string; token: string },
  response: StoredResponse,
): Promise<void> {
  const { status, ...stored } = response;
  await db.query(
    `update oms.idempotency_keys
     set status = 'done', response_status = $4::integer, response = $5::jsonb
     where scope = $1::text and key = $2::text and locked_at = $3::timestamptz and status = 'running'`,
    [claim.scope, claim.key, claim.token, status, JSON.stringify(stored)],
  );
}

/** Frees a key whose request had no effect to remember. Does nothing for a run whose claim was taken over. */
export async function releaseIdempotencyKey(
  db: Queryable,
  claim: { scope: string; key: string; token: string },
): Promise<void> {
  await db.query(
    `delete from oms.idempotency_keys
     where scope = $1::text and key = $2::text and locked_at = $3::timestamptz and status = 'running'`,
    [claim.scope, claim.key, claim.token],
  );
}

/** Deletes up to 10,000 keys past their day; returns how many. */
export async function deleteExpiredIdempotencyKeys(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    `delete from oms.idempotency_keys k using (
       select scope, key from oms.idempotency_keys where expires_at <= now()
       order by expires_at limit 10000 for update skip locked) old
     where k.scope = old.scope and k.key = old.key`,
  );
  return rowCount ?? 0;
}
