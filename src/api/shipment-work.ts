import type { UpdateDefinition } from '@temporalio/common';

import type { CommandInput, CommandResult } from '../contracts/order-process';
import type { Shipment } from '../contracts/shipments';
import { findShipment } from '../db/oms/shipments';
import type { ShipmentAction } from '../domain/delivery-exception';
import { DomainError } from '../domain/errors';

import { type CommandContext, type CommandOutcome, sendCommand } from './commands';
import type { ApiDeps } from './deps';

export interface ShipmentCommand {
  readonly action: ShipmentAction;
  readonly body: Readonly<Record<string, unknown>>;
  readonly update: UpdateDefinition<CommandResult, [CommandInput]>;
  /** Legal on an order that is over, too. */
  readonly isLate: boolean;
  /** What the caller named: with its key it tells commands apart. Default: the shipment. */
  readonly target?: string;
}

/** A command about a shipment: kept, and carried out by its order. */
export async function sendShipmentCommand(
  ctx: CommandContext,
  { id, orderId }: Pick<Shipment, 'id' | 'orderId'>,
  { action, body, update, isLate, target = id }: ShipmentCommand,
): Promise<CommandOutcome> {
  return sendCommand(ctx, {
    ...{ orderId, kind: action, target, update, isLate },
    body: { ...body, shipmentId: id },
    refusal: async () => refuse(action, await requireShipment(ctx.deps, id)),
  });
}

export async function requireShipment(deps: Pick<ApiDeps, 'oms'>, id: string): Promise<Shipment> {
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
