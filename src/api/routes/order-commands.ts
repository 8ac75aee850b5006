import type { UpdateDefinition } from '@temporalio/common';
import type { z } from 'zod';

import { IdParams } from '../../contracts/common';
import { AcceptedOperation } from '../../contracts/operations';
import {
  CancelBody,
  DecideBody,
  HoldBody,
  MoveFulfillmentBody,
  NoteBody,
  RecordPaymentBody,
  ReleaseBody,
  ResolveShortageBody,
  RetryPaymentBody,
} from '../../contracts/order-commands';
import type { CommandInput, CommandResult } from '../../contracts/order-process';
import { OrderAnswer } from '../../contracts/orders';
import type { ErrorCode } from '../../domain/errors';
import type { OrderAction } from '../../domain/order-actions';
import * as messages from '../../workflows/messages';
import { sendCommand } from '../commands';
import { requireOrder } from '../order-answers';
import { defineRoute, type Route, type Scope } from '../route';

interface CommandSpec<B extends z.ZodType<Record<string, unknown>>> {
  readonly kind: OrderAction;
  readonly scope: Scope;
  readonly summary: string;
  readonly body: B;
  readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
  /** Legal on a completed order, too. */
  readonly isLate?: boolean;
  readonly errors?: readonly ErrorCode[];
}

/** One command of an order: kept, sent to its workflow, answered with the order it changed. */
function defineCommand<B extends z.ZodType<Record<string, unknown>>>(spec: CommandSpec<B>): Route {
  return defineRoute({
    method: 'post',
    path: `/v1/orders/{id}/${spec.kind}`,
    scope: spec.scope,
    tag: 'orders',
    idempotent: true,
    summary: spec.summary,
    params: IdParams,
    body: spec.body,
    responses: { 200: OrderAnswer, 202: AcceptedOperation },
    errors: ['illegal_transition', 'engine_unavailable', ...(spec.errors ?? [])],
    handler: async (ctx) => {
      const orderId = ctx.params.id;
      const { kind, update, isLate = false } = spec;
      const outcome = await sendCommand(ctx, { orderId, kind, body: ctx.body, update, isLate });
      if (outcome.kind === 'accepted') return { status: 202, body: outcome.operation };
      return { status: 200, body: { order: await requireOrder(ctx.deps, orderId) } };
    },
  });
}

export const orderCommandRoutes: readonly Route[] = [
  defineCommand({
    kind: 'approve',
    scope: 'orders:approve',
    summary: 'Lets a held order go on; findingCodes left out means all open findings',
    body: DecideBody,
    update: messages.approve,
    errors: ['unknown_sku'],
  }),
  defineCommand({
    kind: 'reject',
    scope: 'orders:approve',
    summary: 'Ends a held order',
    body: DecideBody,
    update: messages.reject,
  }),
  defineCommand({
    kind: 'cancel',
    scope: 'orders:cancel',
    summary:
      'Cancels the order, or the units it names, until they are handed over; again it changes nothing',
    body: CancelBody,
    update: messages.cancel,
  }),
  defineCommand({
    kind: 'hold',
    scope: 'orders:write',
    summary: 'Keeps the order from the warehouse',
    body: HoldBody,
    update: messages.hold,
  }),
  defineCommand({
    kind: 'release',
    scope: 'orders:write',
    summary: 'Releases one hold',
    body: ReleaseBody,
    update: messages.release,
  }),
  defineCommand({
    kind: 'resolve-shortage',
    scope: 'orders:write',
    summary: 'Chooses for an order that is short of stock',
    body: ResolveShortageBody,
    update: messages.resolveShortage,
  }),
  defineCommand({
    kind: 'move-fulfillment',
    scope: 'fulfillment:write',
    summary: 'Moves a fulfilment order that nobody picked from to another location, with its stock',
    body: MoveFulfillmentBody,
    update: messages.moveFulfillment,
    errors: ['insufficient_stock'],
  }),
  defineCommand({
    kind: 'retry-payment',
    scope: 'orders:write',
    summary: 'Tries another card for an order that waits for payment',
    body: RetryPaymentBody,
    update: messages.retryPayment,
  }),
  defineCommand({
    kind: 'record-payment',
    scope: 'orders:write',
    summary: 'Books money that came outside for a prepaid or invoiced order, once per reference',
    body: RecordPaymentBody,
    update: messages.recordPayment,
    isLate: true,
  }),
  defineCommand({
    kind: 'notes',
    scope: 'orders:write',
    summary: "Adds a note to the order's history",
    body: NoteBody,
    update: messages.addNote,
  }),
];
