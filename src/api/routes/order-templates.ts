import { z } from 'zod';

import { IdParams, listQuery, pageOf } from '../../contracts/common';
import {
  AcceptedIntake,
  CreateOrder,
  CreateOrderTemplate,
  OrderFromTemplate,
  OrderTemplate,
} from '../../contracts/intake';
import { OrderAnswer } from '../../contracts/orders';
import {
  deleteOrderTemplate,
  findOrderTemplate,
  insertOrderTemplate,
  listOrderTemplates,
  updateOrderTemplate,
} from '../../db/oms/order-templates';
import { DomainError } from '../../domain/errors';
import { acceptOrder } from '../accept-order';
import type { ApiDeps } from '../deps';
import { parsePart } from '../middleware/validate';
import { pageById } from '../page';
import { defineRoute } from '../route';

const Answer = z.object({ orderTemplate: OrderTemplate });
const PATH = '/v1/order-templates';
const missing = () => new DomainError('not_found', 'There is no such order template.');
const nameTaken = () =>
  new DomainError('validation_failed', 'Another template has this name.', {
    errors: [{ path: 'name', message: 'is taken' }],
  });

async function requireTemplate(deps: ApiDeps, id: string): Promise<OrderTemplate> {
  const template = await findOrderTemplate(deps.oms, id);
  if (template === null) throw missing();
  return template;
}

const create = defineRoute({
  method: 'post',
  path: PATH,
  scope: 'orders:write',
  idempotent: true,
  summary: 'Keeps an order to be placed again and again',
  body: CreateOrderTemplate,
  responses: { 201: Answer },
  handler: async ({ body, deps }) => {
    const orderTemplate = await insertOrderTemplate(deps.oms, body);
    if (orderTemplate === null) throw nameTaken();
    return { status: 201, body: { orderTemplate } };
  },
});

const list = defineRoute({
  method: 'get',
  path: PATH,
  scope: 'orders:read',
  summary: 'Order templates, newest first',
  query: listQuery({}),
  responses: { 200: pageOf(OrderTemplate) },
  handler: async ({ query, deps }) => {
    const body = await pageById(query, (page) => listOrderTemplates(deps.oms, page));
    return { status: 200, body };
  },
});

const get = defineRoute({
  method: 'get',
  path: `${PATH}/{id}`,
  scope: 'orders:read',
  summary: 'One order template',
  params: IdParams,
  responses: { 200: Answer },
  handler: async ({ params, deps }) => ({
    status: 200,
    body: { orderTemplate: await requireTemplate(deps, params.id) },
  }),
});

const replace = defineRoute({
  method: 'put',
  path: `${PATH}/{id}`,
  scope: 'orders:write',
  summary: "Replaces a template's name and order",
  params: IdParams,
  body: CreateOrderTemplate,
  responses: { 200: Answer },
  handler: async ({ params, body, deps }) => {
    const result = await updateOrderTemplate(deps.oms, params.id, body);
    if (result.kind === 'not_found') throw missing();
    if (result.kind === 'name_taken') throw nameTaken();
    return { status: 200, body: { orderTemplate: result.template } };
  },
});

const remove = defineRoute({
  method: 'delete',
  path: `${PATH}/{id}`,
  scope: 'orders:write',
  summary: 'Removes a template; its orders stay',
  params: IdParams,
  responses: { 200: z.object({ deleted: z.literal(true) }) },
  handler: async ({ params, deps }) => {
    if (!(await deleteOrderTemplate(deps.oms, params.id))) throw missing();
    return { status: 200, body: { deleted: true as const } };
  },
});

const placeOne = defineRoute({
  method: 'post',
  path: `${PATH}/{id}/orders`,
  scope: 'orders:write',
  idempotent: true,
  summary: 'Places an order from a template',
  description: "Members of the body replace the template's; together they must be an order.",
  params: IdParams,
  body: OrderFromTemplate,
  responses: { 200: OrderAnswer, 201: OrderAnswer, 202: AcceptedIntake },
  errors: ['external_id_reused'],
  handler: async (ctx) => {
    const template = await requireTemplate(ctx.deps, ctx.params.id);
    const order = parsePart<typeof CreateOrder>(CreateOrder, { ...template.body, ...ctx.body });
    // A key means something on its own route only.
    const key = ctx.idempotencyKey;
    const idempotencyKey = key === null ? null : `order-templates/${template.id} ${key}`;
    return acceptOrder({ ...ctx, idempotencyKey }, order);
  },
});

export const orderTemplateRoutes = [create, list, get, replace, remove, placeOne];
