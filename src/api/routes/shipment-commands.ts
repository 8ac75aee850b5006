import type { z } from 'zod';

import { IdParams } from '../../contracts/common';
import { AcceptedOperation } from '../../contracts/operations';
import { ResolveShipmentBody, ShipmentAnswer, ShipmentReasonBody } from '../../contracts/shipments';
import type { ErrorCode } from '../../domain/errors';
import * as messages from '../../workflows/messages';
import { defineRoute, type Route } from '../route';
import { requireShipment, sendShipmentCommand, type ShipmentCommand } from '../shipment-work';

interface CommandSpec<B extends z.ZodType<Record<string, unknown>>> extends Pick<
  ShipmentCommand,
  'action' | 'update' | 'isLate'
> {
  readonly summary: string;
  readonly body: B;
  readonly errors: readonly ErrorCode[];
}

/** A command about a shipment: kept, carried out by its order, answered with the shipment. */
function defineCommand<B extends z.ZodType<Record<string, unknown>>>(spec: CommandSpec<B>): Route {
  const { action, summary, body, update, isLate, errors } = spec;
  return defineRoute({
    method: 'post',
    path: `/v1/shipments/{id}/${action}`,
    scope: 'fulfillment:write',
    tag: 'fulfillment',
    idempotent: true,
    summary,
    params: IdParams,
    body,
    responses: { 200: ShipmentAnswer, 202: AcceptedOperation },
    errors: ['illegal_transition', 'engine_unavailable', ...errors],
    handler: async (ctx) => {
      const shipment = await requireShipment(ctx.deps, ctx.params.id);
      const command = { action, body: ctx.body, update, isLate };
      const outcome = await sendShipmentCommand(ctx, shipment, command);
      if (outcome.kind === 'accepted') return { status: 202, body: outcome.operation };
      return { status: 200, body: { shipment: await requireShipment(ctx.deps, shipment.id) } };
    },
  });
}

export const shipmentCommandRoutes: readonly Route[] = [
  defineCommand({
    action: 'intercept',
    summary: 'Asks the carrier to send a parcel under way back; its next scans say that it does',
    body: ShipmentReasonBody,
    update: messages.interceptShipment,
    isLate: false,
    errors: ['intercept_refused'],
  }),
  defineCommand({
    action: 'resolve',
    summary: 'Decides on a shipment that could not be delivered, is lost, or did not arrive',
    body: ResolveShipmentBody,
    update: messages.resolveDelivery,
    isLate: true,
    errors: ['insufficient_stock'],
  }),
  defineCommand({
    action: 'dispute-delivery',
    summary: 'The customer says that what was delivered did not arrive; then `resolve`',
    body: ShipmentReasonBody,
    update: messages.disputeDelivery,
    isLate: true,
    errors: [],
  }),
];
