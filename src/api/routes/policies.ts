import {
  PolicyAnswer,
  PolicyPage,
  PolicyParams,
  PolicyQuery,
  putPolicy,
  PutPolicy,
  type Policy,
} from '../../contracts/policies';
import { findPolicy, listPolicies, putPolicyValue, type PolicyRow } from '../../db/oms/policies';
import { DomainError } from '../../domain/errors';
import { isPolicyKey, POLICIES } from '../../domain/policies';
import { parsePart } from '../middleware/validate';
import { keysAfter, toPage } from '../page';
import { defineRoute } from '../route';

function toPolicy({ updatedAt, ...row }: PolicyRow): Policy {
  const description = isPolicyKey(row.key) ? POLICIES[row.key].about : null;
  return { ...row, description, updatedAt: updatedAt.toISOString() };
}

function notFound(): DomainError {
  return new DomainError('not_found', 'There is no such policy.');
}

const listAll = defineRoute({
  method: 'get',
  path: '/v1/policies',
  scope: 'policies:read',
  summary: 'Deadlines, thresholds and rules, by key',
  query: PolicyQuery,
  responses: { 200: PolicyPage },
  handler: async ({ query, deps }) => {
    const after = keysAfter(query.cursor, 1)?.[0] ?? null;
    const rows = await listPolicies(deps.oms, { limit: query.limit + 1, after });
    return { status: 200, body: toPage(rows, query.limit, toPolicy, (row) => [row.key]) };
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/v1/policies/{key}',
  scope: 'policies:read',
  summary: 'A policy',
  params: PolicyParams,
  responses: { 200: PolicyAnswer },
  handler: async ({ params, deps }) => {
    const row = await findPolicy(deps.oms, params.key);
    if (row === null) throw notFound();
    return { status: 200, body: { policy: toPolicy(row) } };
  },
});

const put = defineRoute({
  method: 'put',
  path: '/v1/policies/{key}',
  scope: 'policies:write',
  summary: 'Sets a policy for waits that begin from now on',
  params: PolicyParams,
  body: PutPolicy,
  responses: { 200: PolicyAnswer },
  handler: async ({ params, body, actor, deps }) => {
    if (!isPolicyKey(params.key)) throw notFound();
    const { value } = parsePart<ReturnType<typeof putPolicy>>(putPolicy(params.key), body);
    const updatedBy = `${actor.type}:${actor.id}`;
    const row = await putPolicyValue(deps.oms, { key: params.key, value, updatedBy });
    return { status: 200, body: { policy: toPolicy(row) } };
  },
});

export const policyRoutes = [listAll, getOne, put];
