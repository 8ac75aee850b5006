import { z } from 'zod';

import { IdParams } from '../../contracts/common';
import {
  ChangeWebhookEndpoint,
  CreateWebhookEndpoint,
  RotateWebhookSecret,
  WebhookEndpointAnswer,
  WebhookEndpointPage,
  WebhookEndpointQuery,
  WebhookSecretAnswer,
  type WebhookEndpoint,
} from '../../contracts/webhook-endpoints';
import { endDeliveriesOf } from '../../db/oms/webhook-deliveries';
import {
  changeEndpoint,
  deleteEndpoint,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  rotateSecret,
  type EndpointRow,
} from '../../db/oms/webhook-endpoints';
import { withTransaction } from '../../db/pool';
import { DomainError } from '../../domain/errors';
import { makeWebhookSecret } from '../../platform/standard-webhooks';
import { idAfter, toPage } from '../page';
import { defineRoute } from '../route';
import { requireTarget } from '../webhook-target';

function toEndpoint({ createdAt, updatedAt, events, ...row }: EndpointRow): WebhookEndpoint {
  return {
    ...row,
    events: [...events],
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function found(row: EndpointRow | null): EndpointRow {
  if (row === null) throw new DomainError('not_found', 'There is no such webhook endpoint.');
  return row;
}

/** The secret is in this answer and in no other. */
const SHOWN_ONCE = ['webhookEndpoint.secret'];

const create = defineRoute({
  method: 'post',
  path: '/v1/webhook-endpoints',
  scope: 'webhooks:write',
  idempotent: true,
  summary: 'Adds an endpoint that is told of events; the answer shows its secret this once',
  body: CreateWebhookEndpoint,
  responses: { 201: WebhookSecretAnswer },
  errors: ['target_not_allowed'],
  handler: async ({ body, deps }) => {
    const { url, events, description = null } = body;
    await requireTarget(deps, url);
    const secret = makeWebhookSecret();
    const patterns = [...new Set(events)];
    const row = await insertEndpoint(deps.oms, { url, events: patterns, description, secret });
    const shown = { webhookEndpoint: { ...toEndpoint(row), secret } };
    return { status: 201, body: shown, secrets: SHOWN_ONCE };
  },
});

const listAll = defineRoute({
  method: 'get',
  path: '/v1/webhook-endpoints',
  scope: 'webhooks:read',
  summary: 'Endpoints, newest first',
  query: WebhookEndpointQuery,
  responses: { 200: WebhookEndpointPage },
  handler: async ({ query, deps }) => {
    const page = { limit: query.limit + 1, after: idAfter(query.cursor) };
    const rows = await listEndpoints(deps.oms, { status: query.status ?? null }, page);
    return { status: 200, body: toPage(rows, query.limit, toEndpoint, (row) => [row.id]) };
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/v1/webhook-endpoints/{id}',
  scope: 'webhooks:read',
  summary: 'An endpoint',
  params: IdParams,
  responses: { 200: WebhookEndpointAnswer },
  handler: async ({ params, deps }) => {
    const row = found(await findEndpoint(deps.oms, params.id));
    return { status: 200, body: { webhookEndpoint: toEndpoint(row) } };
  },
});

const change = defineRoute({
  method: 'patch',
  path: '/v1/webhook-endpoints/{id}',
  scope: 'webhooks:write',
  summary: 'Changes what is given; a disabled endpoint loses what it was still to get',
  params: IdParams,
  body: ChangeWebhookEndpoint,
  responses: { 200: WebhookEndpointAnswer },
  errors: ['target_not_allowed'],
  handler: async ({ params, body, deps }) => {
    if (body.url !== undefined) await requireTarget(deps, body.url);
    const row = await withTransaction(deps.oms, async (tx) => {
      const changed = found(await changeEndpoint(tx, params.id, body));
      await endDeliveriesOf(tx, params.id);
      return changed;
    });
    return { status: 200, body: { webhookEndpoint: toEndpoint(row) } };
  },
});

const remove = defineRoute({
  method: 'delete',
  path: '/v1/webhook-endpoints/{id}',
  scope: 'webhooks:write',
  summary: 'Takes an endpoint away for good; its deliveries can still be looked at',
  params: IdParams,
  responses: { 204: z.null() },
  handler: async ({ params, deps }) => {
    await withTransaction(deps.oms, async (tx) => {
      if (!(await deleteEndpoint(tx, params.id))) found(null);
      await endDeliveriesOf(tx, params.id);
    });
    return { status: 204, body: null };
  },
});

const rotate = defineRoute({
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/rotate-secret',
  scope: 'webhooks:write',
  idempotent: true,
  summary: 'Makes a new secret; until the overlap ends both sign',
  params: IdParams,
  body: RotateWebhookSecret,
  responses: { 200: WebhookSecretAnswer },
  handler: async ({ params, body, deps }) => {
    const secret = makeWebhookSecret();
    const row = found(await rotateSecret(deps.oms, params.id, { secret, overlap: body.overlap }));
    const shown = { webhookEndpoint: { ...toEndpoint(row), secret } };
    return { status: 200, body: shown, secrets: SHOWN_ONCE };
  },
});

export const webhookEndpointRoutes = [create, listAll, getOne, change, remove, rotate];
