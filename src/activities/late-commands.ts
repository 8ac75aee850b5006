import { findOperation } from '../db/oms/commands';
import { DomainError } from '../domain/errors';
import { disputeDelivery, resolveDelivery } from './delivery-decisions';
import { recordPayment } from './order-outside-payment';
import type { StepDeps } from './order-step';

/** The wake by which a command on an order that is over is carried out; its `ref` is the command's id. */
export const LATE_COMMAND = 'late_command';

/** Carries out a stored command on an order that is over. A refusal stands in the command's own row. */
export async function runLateCommand(
  deps: Pick<StepDeps, 'oms'>,
  orderId: string,
  commandId: string,
): Promise<void> {
  const command = await findOperation(deps.oms, commandId);
  if (command?.status !== 'running') return;
  const input = { orderId, commandId };
  try {
    if (command.kind === 'resolve') await resolveDelivery(deps, input);
    if (command.kind === 'dispute-delivery') await disputeDelivery(deps, input);
    if (command.kind === 'record-payment') await recordPayment(deps, input);
  } catch (err) {
    if (!(err instanceof DomainError)) throw err;
  }
}
