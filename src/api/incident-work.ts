import type { ResolveIncidentBody } from '../contracts/incidents';
import {
  findIncident,
  type IncidentRow,
  noteIncidentTried,
  resolveIncident,
} from '../db/oms/incident-list';
import { findShipment } from '../db/oms/shipments';
import { insertWake } from '../db/oms/wakes';
import { isDeliveryIncident } from '../domain/delivery-exception';
import { DomainError } from '../domain/errors';
import { mayRetryRefund } from '../domain/refund-state';
import * as messages from '../workflows/messages';

import type { CommandContext, CommandOutcome } from './commands';
import { sendDocumentCommand } from './document-commands';
import { requireRefund } from './refund-requests';
import { sendShipmentCommand } from './shipment-work';

/** What the order's workflow tries again by itself: a retry by hand only wakes it. */
const RETRIED_BY_ORDER = ['void_failed', 'booking_void_failed', 'capture_failed'];

async function requireOpen(ctx: CommandContext, id: string): Promise<IncidentRow> {
  const incident = await findIncident(ctx.deps.oms, id);
  if (incident === null) throw new DomainError('not_found', 'There is no such incident.');
  return incident;
}

function illegal({ status, kind }: IncidentRow, action: string): DomainError {
  return new DomainError('illegal_transition', `${action} is not legal for this incident.`, {
    extra: { currentStatus: status, allowedActions: status === 'open' ? ['resolve'] : [], kind },
  });
}

/** Tries what an incident is about again. Throws where it is over, or where there is nothing to try. */
export async function retryIncident(
  ctx: CommandContext,
  id: string,
  note: string,
): Promise<CommandOutcome> {
  const incident = await requireOpen(ctx, id);
  if (incident.docType === 'refund' && incident.status === 'open')
    return retryRefund(ctx, incident, { reason: note });
  const { orderId, status, kind } = incident;
  if (status !== 'open' || orderId === null || !RETRIED_BY_ORDER.includes(kind))
    throw illegal(incident, 'retry');
  const attempts = await noteIncidentTried(ctx.deps.oms, id);
  await insertWake(ctx.deps.oms, orderId, 'state_changed', `${id}:${attempts}`);
  return { kind: 'done' };
}

/**
 * Ends an incident by hand. One of a refund may end by store credit (`to`); a refund whose parts ended apart must: its
 * rest would be nobody's. One of a parcel on which somebody must decide is that decision: its order waits on for it.
 */
export async function endIncident(
  ctx: CommandContext,
  id: string,
  { note, to }: ResolveIncidentBody,
): Promise<CommandOutcome> {
  const incident = await requireOpen(ctx, id);
  if (incident.status === 'resolved') return { kind: 'done' };
  if (to !== undefined) {
    if (incident.docType !== 'refund') throw invalidTo('only a refund becomes store credit');
    return retryRefund(ctx, incident, { reason: note, to });
  }
  if (incident.docType === 'refund') {
    const { status } = await requireRefund(ctx.deps, incident.docId);
    if (status === 'submitted') throw invalidTo('say store_credit, or retry the refund');
  }
  if (isDeliveryIncident(incident.kind)) {
    const shipment = await findShipment(ctx.deps.oms, incident.docId);
    if (shipment !== null && shipment.exception !== null)
      return sendShipmentCommand(ctx, shipment, {
        ...{ action: 'resolve', target: id, body: { action: 'wait', reason: note } },
        ...{ update: messages.resolveDelivery, isLate: true },
      });
  }
  await resolveIncident(ctx.deps.oms, id, { note, by: ctx.actor.id });
  return { kind: 'done' };
}

function invalidTo(message: string): DomainError {
  return new DomainError('validation_failed', 'The incident cannot be resolved like this.', {
    errors: [{ path: 'to', message }],
  });
}

async function retryRefund(
  ctx: CommandContext,
  incident: IncidentRow,
  body: Readonly<Record<string, unknown>>,
): Promise<CommandOutcome> {
  const refund = await requireRefund(ctx.deps, incident.docId);
  const { id, orderId, status, payments } = refund;
  return sendDocumentCommand(ctx, {
    document: { kind: 'refund', id, label: 'Refund' },
    ...{ orderId, kind: 'refund-retry', body, update: messages.retryRefund },
    refuse: () => (mayRetryRefund(status, payments) ? null : illegal(incident, 'retry')),
  });
}
