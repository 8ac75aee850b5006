import { z } from 'zod';

import { Id, IdParams, pageOf } from '../../contracts/common';
import { AcceptedIntake, CreateOrder } from '../../contracts/intake';
import {
  Autofill,
  OrderAnswer,
  OrderEvent,
  OrderEventQuery,
  OrderItem,
  OrderQuery,
} from '../../contracts/orders';
import { listOrders, type OrderCursor } from '../../db/oms/order-lists';
import { findAutofill, listOrderEvents } from '../../db/oms/order-views';
import { DomainError } from '../../domain/errors';
import { acceptOrder } from '../accept-order';
import { requireOrder, workflowLinks } from '../order-answers';
import { decodeCursor, numberAfter, toPage } from '../page';
import { defineRoute } from '../route';

const createOrder = defineRoute({
  method: 'post',
  path: '/v1/orders',
  scope: 'orders:write',
  tag: 'orders',
  idempotent: true,
  summary: 'Accepts an order and places it',
  description:
    'Needs an externalId or an Idempotency-Key. The same order again is 200; another body under the same externalId is 409. Without the workflow engine it is 202 and placed by itself later.',
  body: CreateOrder,
  responses: { 200: OrderAnswer, 201: OrderAnswer, 202: AcceptedIntake },
  errors: ['external_id_reused', 'insufficient_store_credit'],
  handler: async (ctx) => acceptOrder(ctx, ctx.body),
});

function orderAfter(cursor: string | undefined): OrderCursor | null {
  const parts = decodeCursor(cursor, 2);
  if (parts === null) return null;
  const parsed = z.tuple([z.coerce.number().pipe(z.int().min(0).max(9)), Id]).safeParse(parts);
  if (parsed.success) return { rank: parsed.data[0], id: parsed.data[1] };
  throw new DomainError('validation_failed', 'The cursor is not one of this list.', {
    errors: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  });
}

const getOrders = defineRoute({
  method: 'get',
  path: '/v1/orders',
  scope: 'orders:read',
  tag: 'orders',
  summary: 'Orders, newest first; with q best match first',
  description:
    'q finds by order number, external id, tracking number, e-mail or phone, each as a whole.',
  query: OrderQuery,
  responses: { 200: pageOf(OrderItem) },
  handler: async ({ query, deps }) => {
    const { limit, cursor, ...filter } = query;
    const page = { after: orderAfter(cursor), limit: limit + 1 };
    const rows = await listOrders(deps.oms, filter, page, workflowLinks(deps));
    const body = toPage(
      rows,
      limit,
      (row) => row.item,
      (row) => [row.rank, row.item.id],
    );
    return { status: 200, body };
  },
});

const getOrder = defineRoute({
  method: 'get',
  path: '/v1/orders/{id}',
  scope: 'orders:read',
  tag: 'orders',
  summary: 'The complete order',
  params: IdParams,
  responses: { 200: OrderAnswer },
  handler: async ({ params, deps }) => ({
    status: 200,
    body: { order: await requireOrder(deps, params.id) },
  }),
});

const getEvents = defineRoute({
  method: 'get',
  path: '/v1/orders/{id}/events',
  scope: 'orders:read',
  tag: 'orders',
  summary: 'Who did what to the order, when and why; oldest first',
  params: IdParams,
  query: OrderEventQuery,
  responses: { 200: pageOf(OrderEvent) },
  handler: async ({ params, query, deps }) => {
    const page = { after: numberAfter(query.cursor) ?? 0, limit: query.limit + 1 };
    const events = await listOrderEvents(deps.oms, params.id, page);
    if (events === null) throw new DomainError('not_found', 'There is no such order.');
    const body = toPage(
      events,
      query.limit,
      (event) => event,
      (event) => [event.seq],
    );
    return { status: 200, body };
  },
});

const getAutofill = defineRoute({
  method: 'get',
  path: '/v1/orders/{id}/autofill',
  scope: 'orders:read',
  tag: 'orders',
  summary: "The customer's last address, shipping method and terms",
  params: IdParams,
  query: z.strictObject({ customerId: Id.optional() }),
  responses: { 200: z.object({ autofill: Autofill }) },
  handler: async ({ params, query, deps }) => {
    const autofill = await findAutofill(deps.oms, params.id, query.customerId ?? null);
    if (autofill === null) throw new DomainError('not_found', 'There is no such order.');
    return { status: 200, body: { autofill } };
  },
});

export const orderRoutes = [createOrder, getOrders, getOrder, getEvents, getAutofill];
