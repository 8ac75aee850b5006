import type { ReturnRef, ReturnState } from '../contracts/return-process';
import { type OpenReturn, recordReturn } from '../db/oms/returns';
import type { Queryable } from '../db/pool';
import type { StepCause, StepDeps } from './order-step';
import { RETURN_BY_ITSELF, requireReturn, returnChangeOf, returnStoryStep } from './return-step';

/** All is decided: what was accepted is refunded, and the return closes when the refund has ended. */
export async function settleReturn(
  tx: Queryable,
  returnId: string,
  cause: StepCause,
): Promise<void> {
  const open = await requireReturn(tx, returnId, null);
  await close(tx, open, cause);
}

/** The refund's workflow says that it has ended. */
export async function closeReturn(deps: StepDeps, ref: ReturnRef): Promise<ReturnState> {
  return returnStoryStep(deps, ref, closeRefunded);
}

/** Closes a return whose refund has ended; a second time it changes nothing. */
export async function closeRefunded(tx: Queryable, open: OpenReturn): Promise<void> {
  if (open.waitCode === 'refund' && open.openRefunds === 0) await close(tx, open, RETURN_BY_ITSELF);
}

async function close(tx: Queryable, open: OpenReturn, cause: StepCause): Promise<void> {
  await recordReturn(tx, open, {
    ...returnChangeOf(cause),
    commandId: null,
    status: 'closed',
    wait: null,
    event: 'return_closed',
    announce: ['return.closed'],
  });
}
