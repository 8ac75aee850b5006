import { IncidentPage, IncidentQuery, type Incident } from '../../contracts/incidents';
import { listIncidents, type IncidentRow } from '../../db/oms/incident-list';
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

export const incidentRoutes = [listAll];
