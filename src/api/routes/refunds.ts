import type { UpdateDefinition } from '@temporalio/common';
import type { z } from 'zod';

import { IdParams } from '../../contracts/common';
import { AcceptedOperation } from '../../contracts/operations';
import type { CommandInput, CommandResult } from '../../contracts/order-process';
import {
  DecideRefundBody,
  RecordRefundBody,
  RefundAnswer,
  RefundBody,
  RefundPage,
  RefundQuery,
} from '../../contracts/refunds';
import { listRefunds } from '../../db/oms/refund-views';
import { DomainError, type ErrorCode } from '../../domain/errors';
import type { RefundAction } from '../../domain/refund-state';
import * as messages from '../../workflows/messages';
import { sendDocumentCommand } from '../document-commands';
import { workflowLinks } from '../order-answers';
import { pageById } from '../page';
import { requestRefund, requireRefund } from '../refund-requests';
import { defineRoute, type Route, type Scope } from '../route';

const ask = defineRoute({
  method: 'post',
  path: '/v1/orders/{id}/refunds',
  scope: 'refunds:write',
  tag: 'refunds',
  idempotent: true,
  summary: 'Asks for a refund of units, shipping or an amount; it goes on by itself',
  params: IdParams,
  body: RefundBody,
  responses: { 201: RefundAnswer },
  errors: ['refund_exceeds_captured', 'refund_exceeds_quantity'],
  handler: async (ctx) => {
    const refundId = await requestRefund(ctx, ctx.params.id, ctx.body);
    return { status: 201, body: { refund: await requireRefund(ctx.deps, refundId) } };
  },
});

const getList = defineRoute({
  method: 'get',
  path: '/v1/refunds',
  scope: 'refunds:read',
  tag: 'refunds',
  summary: 'Refunds, newest first',
  query: RefundQuery,
  responses: { 200: RefundPage },
  handler: async ({ query, deps }) => {
    const links = workflowLinks(deps);
    return {
      status: 200,
      body: await pageById(query, (page) => listRefunds(deps.oms, query, page, links)),
    };
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/v1/refunds/{id}',
  scope: 'refunds:read',
  tag: 'refunds',
  summary: 'One refund with its parts and payments',
  params: IdParams,
  responses: { 200: RefundAnswer },
  handler: async ({ params, deps }) => ({
    status: 200,
    body: { refund: await requireRefund(deps, params.id) },
  }),
});

interface CommandSpec<B extends z.ZodType<Record<string, unknown>>> {
  readonly action: RefundAction;
  readonly scope: Scope;
  readonly summary: string;
  readonly body: B;
  readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
  readonly errors?: readonly ErrorCode[];
}

function defineCommand<B extends z.ZodType<Record<string, unknown>>>(spec: CommandSpec<B>): Route {
  const { action, update } = spec;
  return defineRoute({
    method: 'post',
    path: `/v1/refunds/{id}/${action}`,
    scope: spec.scope,
    tag: 'refunds',
    idempotent: true,
    summary: spec.summary,
    params: IdParams,
    body: spec.body,
    responses: { 200: RefundAnswer, 202: AcceptedOperation },
    errors: ['illegal_transition', 'engine_unavailable', ...(spec.errors ?? [])],
    handler: async (ctx) => {
      const { deps } = ctx;
      const { id, orderId, status, allowedActions } = await requireRefund(deps, ctx.params.id);
      const refusal = new DomainError(
        'illegal_transition',
        `${action} is not legal for a refund that is ${status}.`,
        { extra: { currentStatus: status, allowedActions } },
      );
      const outcome = await sendDocumentCommand(ctx, {
        document: { kind: 'refund', id, label: 'Refund' },
        ...{ orderId, kind: `refund-${action}`, body: ctx.body, update },
        refuse: () => (allowedActions.includes(action) ? null : refusal),
      });
      if (outcome.kind === 'accepted') return { status: 202 as const, body: outcome.operation };
      return { status: 200 as const, body: { refund: await requireRefund(deps, id) } };
    },
  });
}

const approve = defineCommand({
  action: 'approve',
  scope: 'refunds:approve',
  summary: 'Lets a refund above the limit go on; by another person than who asked',
  body: DecideRefundBody,
  update: messages.approveRefund,
  errors: ['four_eyes_required'],
});

const decline = defineCommand({
  action: 'decline',
  scope: 'refunds:approve',
  summary: 'Does not make the refund; its amount is free again',
  body: DecideRefundBody,
  update: messages.declineRefund,
});

const record = defineCommand({
  action: 'record',
  scope: 'refunds:write',
  summary: 'Records that money which came outside was given back there',
  body: RecordRefundBody,
  update: messages.recordRefund,
});

export const refundRoutes: readonly Route[] = [ask, getList, getOne, approve, decline, record];
