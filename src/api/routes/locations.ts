import {
  LocationAnswer,
  LocationPage,
  LocationParams,
  LocationQuery,
  PutLocation,
  type Location,
} from '../../contracts/catalogue';
import { findLocation, listLocations, putLocation, type LocationRow } from '../../db/oms/locations';
import type { Queryable } from '../../db/pool';
import { DomainError } from '../../domain/errors';
import { timeAndKeyAfter, toPage } from '../page';
import { defineRoute } from '../route';

function toLocation({ createdKey: _key, createdAt, updatedAt, ...row }: LocationRow): Location {
  return { ...row, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

async function loadLocation(db: Queryable, code: string): Promise<Location> {
  const row = await findLocation(db, code);
  if (row === null) throw new DomainError('not_found', 'There is no such location.');
  return toLocation(row);
}

const listAll = defineRoute({
  method: 'get',
  path: '/v1/locations',
  scope: 'locations:read',
  summary: 'Lists locations, newest first',
  query: LocationQuery,
  responses: { 200: LocationPage },
  handler: async ({ query, deps }) => {
    const rows = await listLocations(deps.oms, {
      limit: query.limit + 1,
      after: timeAndKeyAfter(query.cursor),
      code: null,
      active: query.active ?? null,
    });
    const body = toPage(rows, query.limit, toLocation, (row) => [row.createdKey, row.code]);
    return { status: 200, body };
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/v1/locations/{code}',
  scope: 'locations:read',
  summary: 'A location',
  params: LocationParams,
  responses: { 200: LocationAnswer },
  handler: async ({ params, deps }) => ({
    status: 200,
    body: { location: await loadLocation(deps.oms, params.code) },
  }),
});

const put = defineRoute({
  method: 'put',
  path: '/v1/locations/{code}',
  scope: 'locations:write',
  summary: 'Creates a location or replaces it as a whole',
  params: LocationParams,
  body: PutLocation,
  responses: { 200: LocationAnswer },
  handler: async ({ params, body, deps }) => {
    await putLocation(deps.oms, params.code, body);
    return { status: 200, body: { location: await loadLocation(deps.oms, params.code) } };
  },
});

export const locationRoutes = [listAll, getOne, put];
