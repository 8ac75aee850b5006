import type { UpdateDefinition } from '@temporalio/common';
import type { z } from 'zod';

import { IdParams } from '../../contracts/common';
import { AcceptedOperation } from '../../contracts/operations';
import type { CommandInput, CommandResult } from '../../contracts/order-process';
import {
  ApproveReturnBody,
  CreateReturn,
  EndReturnBody,
  InspectReturnBody,
  ReceiveReturnBody,
  ReturnAnswer,
  ReturnPage,
  ReturnQuery,
} from '../../contracts/returns';
import { listReturns } from '../../db/oms/return-views';
import type { ErrorCode } from '../../domain/errors';
import type { ReturnAction } from '../../domain/return-state';
import * as messages from '../../workflows/messages';
import { workflowLinks } from '../order-answers';
import { pageById } from '../page';
import { requireReturn, sendReturnCommand } from '../return-commands';
import { untilLabeled } from '../return-label';
import { requestReturn } from '../return-requests';
import { defineRoute, type Route } from '../route';

const REFUSALS: readonly ErrorCode[] = [
  'return_exceeds_delivered',
  'return_window_closed',
  'not_returnable',
];

const create = defineRoute({
  method: 'post',
  path: '/v1/orders/{id}/returns',
  scope: 'returns:write',
  tag: 'returns',
  idempotent: true,
  summary: 'Asks for delivered units to come back, for money or in exchange',
  params: IdParams,
  body: CreateReturn,
  responses: { 201: ReturnAnswer },
  errors: REFUSALS,
  handler: async (ctx) => {
    const request = { ...ctx.body, orderId: ctx.params.id, requestedBy: 'staff' as const };
    const id = await requestReturn(ctx, request);
    return { status: 201, body: { return: await requireReturn(ctx.deps, id) } };
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/v1/returns/{id}',
  scope: 'returns:read',
  tag: 'returns',
  summary: 'A return',
  params: IdParams,
  responses: { 200: ReturnAnswer },
  handler: async ({ params, deps }) => ({
    status: 200,
    body: { return: await requireReturn(deps, params.id) },
  }),
});

const getList = defineRoute({
  method: 'get',
  path: '/v1/returns',
  scope: 'returns:read',
  tag: 'returns',
  summary: 'Returns by filters, newest first',
  query: ReturnQuery,
  responses: { 200: ReturnPage },
  handler: async ({ query, deps }) => ({
    status: 200,
    body: await pageById(query, (page) => listReturns(deps.oms, query, page, workflowLinks(deps))),
  }),
});

interface CommandSpec<B extends z.ZodType<Record<string, unknown>>> {
  readonly action: ReturnAction;
  readonly summary: string;
  readonly body: B;
  readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
}

/** One command of a return: kept, sent to its workflow, answered with the return it changed. */
function defineCommand<B extends z.ZodType<Record<string, unknown>>>(spec: CommandSpec<B>): Route {
  const { action, update } = spec;
  return defineRoute({
    method: 'post',
    path: `/v1/returns/{id}/${action}`,
    scope: action === 'approve' || action === 'decline' ? 'returns:approve' : 'returns:write',
    tag: 'returns',
    idempotent: true,
    summary: spec.summary,
    params: IdParams,
    body: spec.body,
    responses: { 200: ReturnAnswer, 202: AcceptedOperation },
    errors: ['illegal_transition', 'engine_unavailable'],
    handler: async (ctx) => {
      const returnId = ctx.params.id;
      const outcome = await sendReturnCommand(ctx, { returnId, action, body: ctx.body, update });
      if (outcome.kind === 'accepted') return { status: 202 as const, body: outcome.operation };
      if (action === 'approve') await untilLabeled(ctx.deps, returnId);
      return { status: 200 as const, body: { return: await requireReturn(ctx.deps, returnId) } };
    },
  });
}

export const returnRoutes: readonly Route[] = [
  create,
  getList,
  getOne,
  defineCommand({
    action: 'approve',
    summary: 'Lets the goods come back with a label, or lets the customer keep them',
    body: ApproveReturnBody,
    update: messages.approve,
  }),
  defineCommand({
    action: 'decline',
    summary: 'Refuses a return',
    body: EndReturnBody,
    update: messages.decline,
  }),
  defineCommand({
    action: 'cancel',
    summary: 'Cancels a return until something is received; again it changes nothing',
    body: EndReturnBody,
    update: messages.cancel,
  }),
  defineCommand({
    action: 'receive',
    summary: 'Goods have come, all or some; what comes later adds up',
    body: ReceiveReturnBody,
    update: messages.receive,
  }),
  defineCommand({
    action: 'inspect',
    summary: 'Accepts or rejects received units and says where they go',
    body: InspectReturnBody,
    update: messages.inspect,
  }),
];
