import { AmendAnswer, AmendBody } from '../../contracts/amend';
import { IdParams } from '../../contracts/common';
import { AcceptedOperation } from '../../contracts/operations';
import * as messages from '../../workflows/messages';
import { confirmAmend, previewAmend } from '../amend';
import { defineRoute, type Route } from '../route';

const amend = defineRoute({
  method: 'post',
  path: '/v1/orders/{id}/amend',
  scope: 'orders:write',
  tag: 'orders',
  idempotent: true,
  summary: 'Shows what changes would do to an order, or confirms them: together, or not at all',
  params: IdParams,
  body: AmendBody,
  responses: { 200: AmendAnswer, 202: AcceptedOperation },
  errors: [
    'illegal_transition',
    'version_conflict',
    'insufficient_stock',
    'already_packed',
    'payment_declined',
    'engine_unavailable',
  ],
  handler: async (ctx) =>
    ctx.body.confirm
      ? confirmAmend(ctx, ctx.params.id, { body: ctx.body, update: messages.amend })
      : { status: 200, body: await previewAmend(ctx.deps, ctx.params.id, ctx.body) },
});

export const orderAmendRoutes: readonly Route[] = [amend];
