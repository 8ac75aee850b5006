import { timingSafeEqual } from 'node:crypto';

import {
  findApiKeys,
  hashApiKey,
  markApiKeyUsed,
  prefixOfApiKey,
  type ApiKeyRow,
} from '../../db/crm/api-keys';
import { DomainError } from '../../domain/errors';
import type { ApiDeps } from '../deps';
import type { Actor, Scope } from '../route';

const CACHE_MS = 3000;
const CACHE_SIZE = 10_000;
const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,4096}) *$/i;

export const PUBLIC_ACTOR: Actor = { type: 'public', id: 'public', scopes: [], apiKeyId: null };

interface CachedKey {
  readonly row: ApiKeyRow;
  readonly until: number;
}

/** Finds out who calls, and forgets a key that was just revoked. */
export interface Authenticator {
  authenticate(authorization: string | undefined): Promise<Actor>;
  forget(apiKeyId: string): void;
}

/**
 * Checks `Authorization: Bearer <api key>` against the stored hashes. A key is trusted for three seconds before it is
 * looked up again, so a revocation made by another process holds after that.
 */
export function createAuthenticator(deps: Pick<ApiDeps, 'crm' | 'logger'>): Authenticator {
  const cache = new Map<string, CachedKey>();
  /** A burst of calls with one key asks the store once. */
  const asking = new Map<string, Promise<ApiKeyRow | null>>();

  async function authenticate(authorization: string | undefined): Promise<Actor> {
    const key = BEARER.exec(authorization ?? '')?.[1];
    if (key === undefined) throw new DomainError('unauthorized', 'An API key is needed.');
    const hash = hashApiKey(key);
    const row = recall(hash) ?? (await askOnce(key, hash));
    if (row === null || (row.expiresAt !== null && row.expiresAt.getTime() <= Date.now()))
      throw new DomainError('unauthorized', 'The API key is not known, expired or revoked.');
    return { type: 'api_key', id: row.id, scopes: row.scopes, apiKeyId: row.id };
  }

  function recall(hash: string): ApiKeyRow | null {
    const cached = cache.get(hash);
    return cached !== undefined && cached.until > Date.now() ? cached.row : null;
  }

  function askOnce(key: string, hash: string): Promise<ApiKeyRow | null> {
    const running = asking.get(hash);
    if (running !== undefined) return running;
    const answer = lookUp(key, hash).finally(() => asking.delete(hash));
    asking.set(hash, answer);
    return answer;
  }

  async function lookUp(key: string, hash: string): Promise<ApiKeyRow | null> {
    const rows = await findApiKeys(deps.crm, prefixOfApiKey(key));
    const row = rows.find((candidate) => isSameHash(candidate.keyHash, hash)) ?? null;
    if (row === null) return null;
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(hash, { row, until: Date.now() + CACHE_MS });
    // Beside the request: nobody waits for it, and losing it loses nothing.
    markApiKeyUsed(deps.crm, row.id).catch((err: unknown) => {
      deps.logger.warn({ err }, 'api key use not recorded');
    });
    return row;
  }

  function forget(apiKeyId: string): void {
    asking.clear();
    for (const [hash, cached] of cache) if (cached.row.id === apiKeyId) cache.delete(hash);
  }

  return { authenticate, forget };
}

function isSameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** Refuses an actor without the scope; `admin` has all. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (actor.scopes.includes('admin') || actor.scopes.includes(scope)) return;
  throw new DomainError('forbidden', `The API key lacks the scope ${scope}.`);
}
