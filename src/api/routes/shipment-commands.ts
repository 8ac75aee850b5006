import type { UpdateDefinition } from '@temporalio/common';
import type { z } from 'zod';

import { IdParams } from '../../contracts/common';
import { AcceptedOperation } from '../../contracts/operations';
import type { CommandInput, CommandResult } from '../../contracts/order-process';
import {
  ResolveShipmentBody,
  type Shipment,
  ShipmentAnswer,
  ShipmentReasonBody,
} from '../../contracts/shipments';
import { findShipment } from '../../db/oms/shipments';
import type { ShipmentAction } from '../../domain/delivery-exception';
import { DomainError, type ErrorCode } from '../../domain/errors';
import * as messages from '../../workflows/messages';
import { sendCommand } from '../commands';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';

interface CommandSpec<B extends z.ZodType<Record<string, unknown>>> {
  readonly action: ShipmentAction;
  readonly summary: string;
  readonly body: B;
  readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
  readonly isLate: boolean;
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
      const { id, orderId } = await requireShipment(ctx.deps, ctx.params.id);
      const outcome = await sendCommand(ctx, {
        orderId,
        kind: action,
        target: id,
        body: { ...ctx.body, shipmentId: id },
        update,
        isLate,
        refusal: async () => refuse(action, await requireShipment(ctx.deps, id)),
      });
      if (outcome.kind === 'accepted') return { status: 202, body: outcome.operation };
      return { status: 200, body: { shipment: await requireShipment(ctx.deps, id) } };
    },
  });
}

async function requireShipment(deps: Pick<ApiDeps, 'oms'>, id: string): Promise<Shipment> {
  const shipment = await findShipment(deps.oms, id);
  if (shipment === null) throw new DomainError('not_found', 'There is no such shipment.');
  return shipment;
}

function refuse(action: ShipmentAction, { status, allowedActions }: Shipment): DomainError {
  const detail = `${action} is not legal for a shipment that is ${status}.`;
  return new DomainError('illegal_transition', detail, {
    extra: { currentStatus: status, allowedActions },
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
