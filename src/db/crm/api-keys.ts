import { createHash } from 'node:crypto';

import type { Queryable } from '../pool';

/** What is stored of a key, beside its prefix. A key has 256 random bits, so it needs no salt. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The part of a key that finds its row; short enough to say nothing of the rest. */
export function prefixOfApiKey(key: string): string {
  return key.slice(0, Math.min(12, Math.floor(key.length / 4)));
}

export interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly keyHash: string;
  readonly scopes: string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** Keys in force that begin with this prefix: one, but for a coincidence. */
export async function findApiKeys(db: Queryable, prefix: string): Promise<ApiKeyRow[]> {
  const { rows } = await db.query<ApiKeyRow>(
    `select id, name, prefix, key_hash as "keyHash", scopes, created_at as "createdAt",
       expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"
     from crm.api_keys
     where prefix = $1::text and revoked_at is null and (expires_at is null or expires_at > now())`,
    [prefix],
  );
  return rows;
}

export interface NewApiKey {
  readonly name: string;
  readonly prefix: string;
  readonly keyHash: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
}

/** Stores a key; the same hash again changes nothing and returns the row that is there. */
export async function insertApiKey(db: Queryable, key: NewApiKey): Promise<ApiKeyRow> {
  const { rows } = await db.query<ApiKeyRow>(
    `insert into crm.api_keys as k (name, prefix, key_hash, scopes, expires_at)
     values ($1::text, $2::text, $3::text, $4::text[], $5::timestamptz)
     on conflict (key_hash) do update set name = k.name
     returning id, name, prefix, key_hash as "keyHash", scopes, created_at as "createdAt",
       expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"`,
    [key.name, key.prefix, key.keyHash, key.scopes, key.expiresAt],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('an insert returned no row');
  return row;
}

/** Newest first, revoked ones too; at most `limit` after (older than) the id `after`. */
export async function listApiKeys(
  db: Queryable,
  page: { limit: number; after: string | null },
): Promise<ApiKeyRow[]> {
  const { rows } = await db.query<ApiKeyRow>(
    `select id, name, prefix, key_hash as "keyHash", scopes, created_at as "createdAt",
       expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"
     from crm.api_keys
     where $2::uuid is null or id < $2::uuid
     order by id desc
     limit $1::integer`,
    [page.limit, page.after],
  );
  return rows;
}

/** Revokes a key for good; again keeps the first time. Null when there is no such key. */
export async function revokeApiKey(db: Queryable, id: string): Promise<ApiKeyRow | null> {
  const { rows } = await db.query<ApiKeyRow>(
    `update crm.api_keys set revoked_at = coalesce(revoked_at, now()) where id = $1::uuid
     returning id, name, prefix, key_hash as "keyHash", scopes, created_at as "createdAt",
       expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"`,
    [id],
  );
  return rows[0] ?? null;
}

/** Notes that a key is in use; at most once a minute for each key. */
export async function markApiKeyUsed(db: Queryable, id: string): Promise<void> {
  await db.query(
    `update crm.api_keys set last_used_at = now()
     where id = $1::uuid and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    [id],
  );
}
