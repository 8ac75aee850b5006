import { IdParams } from '../../contracts/common';
import {
  IncidentAnswer,
  IncidentPage,
  IncidentQuery,
  ResolveIncidentBody,
  RetryIncidentBody,
  type Incident,
} from '../../contracts/incidents';
import { AcceptedOperation } from '../../contracts/operations';
import { findIncident, listIncidents, type IncidentRow } from '../../db/oms/incident-list';
import { DomainError } from '../../domain/errors';
import type { CommandOutcome } from '../commands';
import type { ApiDeps } from '../deps';
import { endIncident, retryIncident } from '../incident-work';
import { idAfter, toPage } from '../page';
import { defineRoute } from '../route';

function toIncident({ openedAt, resolvedAt, ...row }: IncidentRow): Incident {
  return {
    ...row,
    openedAt: openedAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
  };
}

const listAll = defineRoute({
  method: 'get',
  path: '/v1/incidents',
  scope: 'incidents:read',
  summary: 'What needs a person, newest first',
  query: IncidentQuery,
  responses: { 200: IncidentPage },
  handler: async ({ query, deps }) => {
    const rows = await listIncidents(deps.oms, {
      limit: query.limit + 1,
      after: idAfter(query.cursor),
      status: query.status ?? null,
      kind: query.kind ?? null,
      orderId: query.orderId ?? null,
    });
    return { status: 200, body: toPage(rows, query.limit, toIncident, (row) => [row.id]) };
  },
});

const work = {
  method: 'post',
  scope: 'incidents:write',
  idempotent: true,
  params: IdParams,
  responses: { 200: IncidentAnswer, 202: AcceptedOperation },
  errors: [
    'illegal_transition',
    'refund_exceeds_captured',
    'refund_exceeds_quantity',
    'engine_unavailable',
  ],
} as const;

const retry = defineRoute({
  ...work,
  path: '/v1/incidents/{id}/retry',
  summary: 'Tries again what failed',
  body: RetryIncidentBody,
  handler: async (ctx) =>
    answer(ctx.deps, ctx.params.id, await retryIncident(ctx, ctx.params.id, ctx.body.note)),
});

const resolve = defineRoute({
  ...work,
  path: '/v1/incidents/{id}/resolve',
  summary: 'Ends an incident by hand; what a refund still owes may become store credit',
  body: ResolveIncidentBody,
  handler: async (ctx) =>
    answer(ctx.deps, ctx.params.id, await endIncident(ctx, ctx.params.id, ctx.body)),
});

async function answer(deps: ApiDeps, id: string, outcome: CommandOutcome) {
  if (outcome.kind === 'accepted') return { status: 202 as const, body: outcome.operation };
  const row = await findIncident(deps.oms, id);
  if (row === null) throw new DomainError('not_found', 'There is no such incident.');
  return { status: 200 as const, body: { incident: toIncident(row) } };
}

export const incidentRoutes = [listAll, retry, resolve];
