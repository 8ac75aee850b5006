import { randomBytes } from 'node:crypto';

import { z } from 'zod';

import { ApiKey, CreateApiKey, CreatedApiKey } from '../../contracts/api-keys';
import { IdParams, listQuery, pageOf } from '../../contracts/common';
import {
  hashApiKey,
  insertApiKey,
  listApiKeys,
  prefixOfApiKey,
  revokeApiKey,
  type ApiKeyRow,
} from '../../db/crm/api-keys';
import { DomainError } from '../../domain/errors';
import { idAfter, toPage } from '../page';
import { defineRoute, type RouteContext } from '../route';

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

const create = defineRoute({
  method: 'post',
  path: '/v1/api-keys',
  scope: 'keys:write',
  idempotent: true,
  summary: 'Makes an API key; the answer shows it this once',
  body: CreateApiKey,
  responses: { 201: CreatedApiKey },
  handler: async ({ body, actor, deps }) => {
    checkGrant(actor.scopes, body.scopes);
    const key = `tlk_${randomBytes(32).toString('base64url')}`;
    const row = await insertApiKey(deps.crm, {
      name: body.name,
      prefix: prefixOfApiKey(key),
      keyHash: hashApiKey(key),
      scopes: [...new Set(body.scopes)],
      expiresAt: body.expiresAt ?? null,
    });
    const { id, name, prefix, scopes, createdAt, expiresAt } = toApiKey(row);
    const shown = { id, key, scopes, name, prefix, createdAt, expiresAt };
    return { status: 201, body: shown, secrets: ['key'] };
  },
});

/** Nobody hands out more than they have. */
function checkGrant(own: readonly string[], wanted: readonly string[]): void {
  if (own.includes('admin')) return;
  const lacking = wanted.find((scope) => !own.includes(scope));
  if (lacking !== undefined)
    throw new DomainError(
      'forbidden',
      `The API key lacks the scope ${lacking} that it would give.`,
    );
}

const listAll = defineRoute({
  method: 'get',
  path: '/v1/api-keys',
  scope: 'keys:read',
  summary: 'API keys, newest first, revoked ones too',
  query: listQuery({}),
  responses: { 200: pageOf(ApiKey) },
  handler: async ({ query, deps }) => {
    const page = { limit: query.limit + 1, after: idAfter(query.cursor) };
    const rows = await listApiKeys(deps.crm, page);
    return { status: 200, body: toPage(rows, query.limit, toApiKey, (row) => [row.id]) };
  },
});

/** Holds at once here, and within seconds in other API processes. */
async function revoke(ctx: RouteContext<{ id: string }, unknown, unknown>): Promise<ApiKey> {
  const row = await revokeApiKey(ctx.deps.crm, ctx.params.id);
  if (row === null) throw new DomainError('not_found', 'There is no such API key.');
  ctx.forgetApiKey(row.id);
  return toApiKey(row);
}

const remove = defineRoute({
  method: 'delete',
  path: '/v1/api-keys/{id}',
  scope: 'keys:write',
  summary: 'Revokes an API key for good',
  params: IdParams,
  responses: { 204: z.null() },
  handler: async (ctx) => {
    await revoke(ctx);
    return { status: 204, body: null };
  },
});

const revokeOne = defineRoute({
  method: 'post',
  path: '/v1/api-keys/{id}/revoke',
  scope: 'keys:write',
  idempotent: true,
  summary: 'Revokes an API key for good',
  params: IdParams,
  responses: { 200: z.object({ apiKey: ApiKey }) },
  handler: async (ctx) => ({ status: 200, body: { apiKey: await revoke(ctx) } }),
});

export const apiKeyRoutes = [create, listAll, remove, revokeOne];
