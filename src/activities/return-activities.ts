import type { ReturnRef } from '../contracts/return-process';
import { toReturnState } from '../db/oms/returns';
import { withTransaction } from '../db/pool';
import type { StepDeps } from './order-step';
import {
  approveReturn,
  cancelReturn,
  declineLateReturn,
  declineReturn,
  openReturn,
} from './return-decisions';
import { endReceiving, inspectReturn, receiveReturn } from './return-goods';
import { closeReturn } from './return-settlement';
import { requireReturn, type ReturnStepInput } from './return-step';

export type ReturnActivities = ReturnType<typeof createReturnActivities>;

/**
 * The steps of a return. Each is one transaction with the rows of its order and its own locked, in this order, writes
 * lines, counters, stock, log and announcements together, and may run any number of times.
 */
export function createReturnActivities(deps: StepDeps) {
  return {
    openReturn: (ref: ReturnRef) => openReturn(deps, ref),
    approveReturn: (input: ReturnStepInput) => approveReturn(deps, input),
    declineReturn: (input: ReturnStepInput) => declineReturn(deps, input),
    declineLateReturn: (ref: ReturnRef) => declineLateReturn(deps, ref),
    cancelReturn: (input: ReturnStepInput) => cancelReturn(deps, input),
    receiveReturn: (input: ReturnStepInput) => receiveReturn(deps, input),
    endReceiving: (ref: ReturnRef) => endReceiving(deps, ref),
    inspectReturn: (input: ReturnStepInput) => inspectReturn(deps, input),
    closeReturn: (ref: ReturnRef) => closeReturn(deps, ref),
    readReturn: ({ returnId }: ReturnRef) =>
      withTransaction(deps.oms, async (tx) =>
        toReturnState(await requireReturn(tx, returnId, null)),
      ),
  };
}
