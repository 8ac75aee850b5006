import { ActivityFailure, ApplicationFailure, condition } from '@temporalio/workflow';
import type { CommandInput, OrderChange } from '../contracts/order-process';
import { paymentsOf, steps } from './activities';
import type { OrderRun } from './order-run';

/** Changes the order; what more it costs is authorised first, and only then the change is written. */
export async function amend(run: OrderRun, input: CommandInput): Promise<OrderChange> {
  const { orderId } = run;
  // How much is authorised is known once the gateway has decided.
  await condition(() => run.state.phase !== 'pay' || run.state.waitCode !== null);
  return run.doing('amending', async () => {
    const { isAuthorizing, ...change } = await steps.amendOrder({ orderId, ...input });
    return isAuthorizing === true ? authorize(run, input) : change;
  });
}

function authorize({ orderId }: OrderRun, input: CommandInput): Promise<OrderChange> {
  return paymentsOf('authorize the difference').authorizeAmend({ orderId, ...input });
}

/** The amends that a lost run of this workflow was having authorised; their callers were told that they go on. */
export async function goOnAmending(run: OrderRun): Promise<void> {
  for (const commandId of run.state.openAmends ?? []) {
    try {
      run.apply(await run.doing('amending', () => authorize(run, { commandId })));
    } catch (err) {
      // A refusal stands in the command's own row.
      if (!(err instanceof ActivityFailure && err.cause instanceof ApplicationFailure)) throw err;
    }
  }
}
