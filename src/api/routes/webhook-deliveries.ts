import { IdParams } from '../../contracts/common';
import {
  WebhookDeliveryAnswer,
  WebhookDeliveryPage,
  WebhookDeliveryQuery,
  type WebhookDelivery,
} from '../../contracts/webhook-endpoints';
import {
  askForRedelivery,
  listWebhookDeliveries,
  type WebhookDeliveryRow,
} from '../../db/oms/webhook-deliveries';
import { DomainError } from '../../domain/errors';
import { idAfter, toPage } from '../page';
import { defineRoute } from '../route';

function toDelivery(row: WebhookDeliveryRow): WebhookDelivery {
  const { aggregate, aggregateId, seq, nextAttemptAt, createdAt, deliveredAt, ...delivery } = row;
  return {
    ...delivery,
    aggregate: { type: aggregate, id: aggregateId, seq },
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    deliveredAt: deliveredAt?.toISOString() ?? null,
  };
}

const listAll = defineRoute({
  method: 'get',
  path: '/v1/webhook-deliveries',
  scope: 'webhooks:read',
  summary: 'What was told to which endpoint, newest first',
  query: WebhookDeliveryQuery,
  responses: { 200: WebhookDeliveryPage },
  handler: async ({ query, deps }) => {
    const { limit, cursor, ...filter } = query;
    const page = { limit: limit + 1, after: idAfter(cursor) };
    const rows = await listWebhookDeliveries(deps.oms, filter, page);
    return { status: 200, body: toPage(rows, limit, toDelivery, (row) => [row.id]) };
  },
});

const redeliver = defineRoute({
  method: 'post',
  path: '/v1/webhook-deliveries/{id}/redeliver',
  scope: 'webhooks:write',
  idempotent: true,
  summary: 'Sends an event again, under the same id',
  params: IdParams,
  responses: { 202: WebhookDeliveryAnswer },
  errors: ['illegal_transition'],
  handler: async ({ params, deps }) => {
    const asked = await askForRedelivery(deps.oms, params.id);
    if (asked.kind === 'missing')
      throw new DomainError('not_found', 'There is no such webhook delivery.');
    if (asked.kind === 'endpoint_disabled')
      throw new DomainError('illegal_transition', 'The endpoint is disabled.', {
        extra: { currentStatus: 'disabled', allowedActions: [] },
      });
    return { status: 202, body: { webhookDelivery: toDelivery(asked.delivery) } };
  },
});

export const webhookDeliveryRoutes = [listAll, redeliver];
