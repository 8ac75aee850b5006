import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { CommandResult } from '../contracts/order-process';
import type { ReturnRef } from '../contracts/return-process';
import { returnSteps } from './activities';
import { handleReturnMessages } from './return-handlers';
import { startReturnRun, type ReturnRun } from './return-run';

/**
 * One return from the request to the refund's end, usually long after its order is over. Every step is a transaction
 * in our own database, so a fresh run resumes where the tables say the return is.
 */
export async function returnWorkflow({ returnId }: ReturnRef): Promise<CommandResult> {
  const run = startReturnRun(returnId);
  // Handlers must stand before anything is awaited.
  handleReturnMessages(run);
  return CancellationScope.nonCancellable(async () => {
    run.begin(await returnSteps.openReturn({ returnId }));

    await awaitApproval(run);
    await awaitGoods(run);
    await awaitInspection(run);
    await awaitRefund(run);

    await condition(allHandlersFinished);
    return { status: run.state.status };
  });
}

/** Below the limit it was approved with its opening; else a person decides until the deadline. */
async function awaitApproval(run: ReturnRun): Promise<void> {
  while (run.state.status === 'requested') {
    const isDecided = await run.waitWhile(
      () => run.state.status === 'requested',
      'approval deadline',
    );
    if (!isDecided) await run.perform(returnSteps.declineLateReturn({ returnId: run.returnId }));
  }
}

/** Goods come by updates, in parts; at the deadline it goes on with what came, or expires. */
async function awaitGoods(run: ReturnRun): Promise<void> {
  while (run.state.waitCode === 'return_goods') {
    const hasCome = await run.waitWhile(
      () => run.state.waitCode === 'return_goods',
      'receive deadline',
    );
    if (!hasCome) await run.perform(returnSteps.endReceiving({ returnId: run.returnId }));
  }
}

/** Units are accepted or rejected by updates; the last one asks for the refund. */
async function awaitInspection(run: ReturnRun): Promise<void> {
  await run.waitWhile(() => run.state.waitCode === 'inspection', 'inspection');
}

/** The refund has a workflow of its own, which wakes this one when it has ended. */
async function awaitRefund(run: ReturnRun): Promise<void> {
  while (run.state.waitCode === 'refund') {
    await condition(() => run.hasRefundNews() || run.state.waitCode !== 'refund');
    if (run.state.waitCode === 'refund')
      await run.perform(returnSteps.closeReturn({ returnId: run.returnId }));
  }
}
