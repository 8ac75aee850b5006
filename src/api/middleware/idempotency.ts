import { createHash } from 'node:crypto';

import {
  claimIdempotencyKey,
  completeIdempotencyKey,
  releaseIdempotencyKey,
  type StoredResponse,
} from '../../db/oms/idempotency';
import { DomainError } from '../../domain/errors';
import { canonicalJson } from '../canonical-json';
import type { Route, RouteRequest, RouteResult } from '../route';

const MAX_LENGTH = 200;

/** The caller's `Idempotency-Key`, or null. Throws for an empty one or one over 200 characters. */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (header !== '' && header.length <= MAX_LENGTH) return header;
  throw new DomainError('validation_failed', 'The Idempotency-Key cannot be accepted.', {
    errors: [{ path: 'Idempotency-Key', message: `must have 1 to ${MAX_LENGTH} characters` }],
  });
}

/**
 * Runs a request once for its key: a repeat gets the stored answer, another request with the key is refused, and so is
 * one that comes while the first runs. Answers worth keeping (2xx, 404, 409, 422) are kept for a day; any other frees
 * the key. `run` never throws. The store keeps a hash of the request, never the request.
 */
export async function runOnce(
  route: Route,
  request: RouteRequest,
  run: () => Promise<RouteResult>,
): Promise<RouteResult> {
  const { idempotencyKey: key, deps } = request;
  if (key === null) return await run();
  const scope = scopeOf(route, request);
  const claim = await claimIdempotencyKey(deps.oms, { scope, key, requestHash: hashOf(request) });
  switch (claim.kind) {
    case 'done':
      return replay(claim.response);
    case 'running':
      throw new DomainError('idempotency_in_progress', 'The first request is still running.');
    case 'other_request':
      throw new DomainError('idempotency_key_reused', 'The key was used with another request.');
    case 'claimed':
      return await runClaimed(request, { scope, key, token: claim.token }, run);
  }
}

async function runClaimed(
  { deps, requestId }: RouteRequest,
  claim: { scope: string; key: string; token: string },
  run: () => Promise<RouteResult>,
): Promise<RouteResult> {
  const result = await run();
  try {
    if (isKept(result.status)) await completeIdempotencyKey(deps.oms, claim, toStored(result));
    else await releaseIdempotencyKey(deps.oms, claim);
  } catch (err) {
    // What was done is done, and is answered. A repeat takes the key over after 30 s; the effect has keys of its own.
    deps.logger.warn({ err, requestId }, 'idempotency key not settled');
  }
  return result;
}

function isKept(status: number): boolean {
  return (status >= 200 && status < 300) || status === 404 || status === 409 || status === 422;
}

function toStored(result: RouteResult): StoredResponse {
  return { status: result.status, headers: result.headers ?? {}, body: withoutSecrets(result) };
}

function withoutSecrets({ body, secrets = [] }: RouteResult): unknown {
  return secrets.reduce<unknown>((rest, field) => blank(rest, field.split('.')), body ?? null);
}

function blank(value: unknown, [name, ...inner]: readonly string[]): unknown {
  if (name === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([k, v]) => [k, k === name ? blank(v, inner) : v]));
}

function replay(stored: StoredResponse): RouteResult {
  return { ...stored, headers: { ...stored.headers, 'idempotency-replayed': 'true' } };
}

/** API key, route, and the values in its path: a key used on one order says nothing about another. */
function scopeOf(route: Route, request: RouteRequest): string {
  const path = route.path.replace(/\{(\w+)\}/g, (_match, name: string) =>
    encodeURIComponent(String(request.params[name])),
  );
  return `${request.actor.id} ${route.method} ${path}`;
}

function hashOf(request: RouteRequest): string {
  const text = canonicalJson({ body: request.body, query: request.query });
  return createHash('sha256').update(text).digest('hex');
}
