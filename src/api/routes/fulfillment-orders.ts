import { z } from 'zod';

import { IdParams, pageOf } from '../../contracts/common';
import {
  FulfillmentOrder,
  FulfillmentOrderAnswer,
  FulfillmentOrderQuery,
  HoldFulfillmentBody,
  PackBody,
  PickBody,
  ReleaseFulfillmentBody,
  ReportShortBody,
} from '../../contracts/fulfillment';
import { AcceptedOperation } from '../../contracts/operations';
import { listFulfillmentOrders } from '../../db/oms/fulfillment-work';
import { listShipmentsOf } from '../../db/oms/shipments';
import * as messages from '../../workflows/messages';
import type { FulfillmentAction } from '../../domain/fulfillment-actions';
import {
  type CommandContext,
  type CommandOutcome,
  type OrderCommandRequest,
  sendCommand,
} from '../commands';
import type { ApiDeps } from '../deps';
import { pageById } from '../page';
import { defineRoute } from '../route';
import {
  changeWork,
  completePackages,
  pickUnits,
  refuseWork,
  requireFulfillmentOrder,
} from '../warehouse';

const work = {
  method: 'post',
  scope: 'fulfillment:write',
  tag: 'fulfillment',
  idempotent: true,
} as const;

const getList = defineRoute({
  method: 'get',
  path: '/v1/fulfillment-orders',
  scope: 'fulfillment:read',
  tag: 'fulfillment',
  summary: 'Warehouse work, newest first',
  query: FulfillmentOrderQuery,
  responses: { 200: pageOf(FulfillmentOrder) },
  handler: async ({ query, deps }) => {
    const { limit, cursor, ...filter } = query;
    const body = await pageById({ limit, cursor }, (page) =>
      listFulfillmentOrders(deps.oms, filter, page),
    );
    return { status: 200, body };
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/v1/fulfillment-orders/{id}',
  scope: 'fulfillment:read',
  tag: 'fulfillment',
  summary: "One location's work on an order",
  params: IdParams,
  responses: { 200: FulfillmentOrderAnswer },
  handler: async ({ params, deps }) => ({
    status: 200,
    body: { fulfillmentOrder: await requireFulfillmentOrder(deps, params.id) },
  }),
});

const start = defineRoute({
  ...work,
  path: '/v1/fulfillment-orders/{id}/start',
  summary: 'Begins the work',
  params: IdParams,
  body: z.strictObject({}),
  responses: { 200: FulfillmentOrderAnswer },
  errors: ['illegal_transition'],
  handler: async (ctx) => ({
    status: 200,
    body: { fulfillmentOrder: await changeWork(ctx, ctx.params.id, 'start') },
  }),
});

const hold = defineRoute({
  ...work,
  path: '/v1/fulfillment-orders/{id}/hold',
  summary: 'Keeps work that has not begun from beginning; the rest of the order goes on',
  params: IdParams,
  body: HoldFulfillmentBody,
  responses: { 200: FulfillmentOrderAnswer },
  errors: ['illegal_transition'],
  handler: async (ctx) => {
    const reason = ctx.body.reason ?? ctx.body.type ?? null;
    const fulfillmentOrder = await changeWork(ctx, ctx.params.id, 'hold', reason);
    return { status: 200, body: { fulfillmentOrder } };
  },
});

const release = defineRoute({
  ...work,
  path: '/v1/fulfillment-orders/{id}/release',
  summary: 'Lets held work begin',
  params: IdParams,
  body: ReleaseFulfillmentBody,
  responses: { 200: FulfillmentOrderAnswer },
  errors: ['illegal_transition'],
  handler: async (ctx) => {
    const reason = ctx.body.reason ?? null;
    const fulfillmentOrder = await changeWork(ctx, ctx.params.id, 'release', reason);
    return { status: 200, body: { fulfillmentOrder } };
  },
});

const reportShort = defineRoute({
  ...work,
  path: '/v1/fulfillment-orders/{id}/report-short',
  summary:
    'Takes units that are not on the shelf off the work; they are sent from elsewhere, or awaited',
  params: IdParams,
  body: ReportShortBody,
  responses: { 200: FulfillmentOrderAnswer, 202: AcceptedOperation },
  errors: ['illegal_transition', 'engine_unavailable'],
  handler: (ctx) =>
    sendWork(ctx, ctx.params.id, {
      action: 'report-short',
      update: messages.reportShort,
      toBody: () => ctx.body,
    }),
});

const pick = defineRoute({
  ...work,
  path: '/v1/fulfillment-orders/{id}/pick',
  summary: 'Counts picked units; may be called several times, units add up',
  params: IdParams,
  body: PickBody,
  responses: { 200: FulfillmentOrderAnswer },
  errors: ['illegal_transition'],
  handler: async (ctx) => ({
    status: 200,
    body: { fulfillmentOrder: await pickUnits(ctx, ctx.params.id, ctx.body) },
  }),
});

const pack = defineRoute({
  ...work,
  path: '/v1/fulfillment-orders/{id}/pack',
  summary: 'Packs what was picked and books the carrier, one shipment per package',
  params: IdParams,
  body: PackBody,
  responses: { 200: FulfillmentOrderAnswer, 202: AcceptedOperation },
  errors: ['illegal_transition', 'booking_refused', 'engine_unavailable'],
  handler: (ctx) =>
    sendWork(ctx, ctx.params.id, {
      action: 'pack',
      update: messages.pack,
      toBody: (found) => ({ packages: completePackages(ctx.body, found) }),
    }),
});

const handOver = defineRoute({
  ...work,
  path: '/v1/fulfillment-orders/{id}/hand-over',
  summary: 'Hands the packages to the carrier; the capture follows by itself',
  params: IdParams,
  body: z.strictObject({}),
  responses: { 200: FulfillmentOrderAnswer, 202: AcceptedOperation },
  errors: ['illegal_transition', 'engine_unavailable'],
  handler: (ctx) =>
    sendWork(ctx, ctx.params.id, {
      action: 'hand-over',
      update: messages.handOver,
      toBody: () => ({}),
    }),
});

interface WorkCommand {
  readonly action: FulfillmentAction;
  readonly update: OrderCommandRequest['update'];
  readonly toBody: (found: FulfillmentOrder) => Readonly<Record<string, unknown>>;
}

/** Work with a consequence for the order goes through its workflow. */
async function sendWork(ctx: CommandContext, id: string, { action, update, toBody }: WorkCommand) {
  const found = await requireFulfillmentOrder(ctx.deps, id);
  const outcome = await sendCommand(ctx, {
    orderId: found.orderId,
    fulfillmentOrderId: found.id,
    kind: action,
    body: { fulfillmentOrderId: found.id, ...toBody(found) },
    update,
    refusal: async () => refuseWork(action, await requireFulfillmentOrder(ctx.deps, found.id)),
  });
  return answer(ctx.deps, found.id, outcome);
}

/** The fulfilment order with its shipments; the first one's number and label stand beside it. */
async function answer(deps: ApiDeps, id: string, outcome: CommandOutcome) {
  if (outcome.kind === 'accepted') return { status: 202 as const, body: outcome.operation };
  const [fulfillmentOrder, shipments] = await Promise.all([
    requireFulfillmentOrder(deps, id),
    listShipmentsOf(deps.oms, id),
  ]);
  const [first] = shipments;
  const booking = { trackingNo: first?.trackingNo ?? null, labelUrl: first?.labelUrl ?? null };
  return { status: 200 as const, body: { fulfillmentOrder, shipments, ...booking } };
}

export const fulfillmentOrderRoutes = [
  getList,
  getOne,
  start,
  hold,
  release,
  reportShort,
  pick,
  pack,
  handOver,
];
