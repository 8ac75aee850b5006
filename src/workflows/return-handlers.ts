import { ApplicationFailure, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { CommandInput, CommandResult } from '../contracts/order-process';
import type { ReturnState } from '../contracts/return-process';
import type { ReturnAction } from '../domain/return-state';
import { returnSteps } from './activities';
import { toStepInput, toUpdateRefusal } from './command-updates';
import * as messages from './messages';
import type { ReturnRun } from './return-run';

type CommandUpdate = UpdateDefinition<CommandResult, [CommandInput]>;

interface CommandSpec {
  readonly action: ReturnAction;
  readonly message: CommandUpdate;
  readonly description: string;
  readonly perform: (input: CommandInput) => Promise<ReturnState>;
}

/** Handlers run their own step, which checks again under the locks of order and return. */
export function handleReturnMessages(run: ReturnRun): void {
  const { returnId } = run;
  setHandler(
    messages.factRecorded,
    (fact) => CancellationScope.nonCancellable(() => run.hear(fact)),
    { description: 'a recorded fact concerns this return' },
  );
  const commands: readonly CommandSpec[] = [
    {
      action: 'approve',
      message: messages.approve,
      description: 'let the goods come back: { reasonCode }',
      perform: (input) => returnSteps.approveReturn({ returnId, ...input }),
    },
    {
      action: 'decline',
      message: messages.decline,
      description: 'refuse the return: { reasonCode }',
      perform: (input) => returnSteps.declineReturn({ returnId, ...input }),
    },
    {
      action: 'cancel',
      message: messages.cancel,
      description: 'nothing comes back after all: { reasonCode }',
      perform: (input) => returnSteps.cancelReturn({ returnId, ...input }),
    },
    {
      action: 'receive',
      message: messages.receive,
      description: 'goods have come (through the API)',
      perform: (input) => returnSteps.receiveReturn({ returnId, ...input }),
    },
    {
      action: 'inspect',
      message: messages.inspect,
      description: 'goods were looked at (through the API)',
      perform: (input) => returnSteps.inspectReturn({ returnId, ...input }),
    },
  ];
  for (const command of commands) handleCommand(run, command);
}

function handleCommand(run: ReturnRun, { action, message, description, perform }: CommandSpec) {
  setHandler<CommandResult, [CommandInput], CommandUpdate>(
    message,
    (input) =>
      CancellationScope.nonCancellable(async () => {
        await condition(run.hasBegun);
        try {
          await run.perform(perform(toStepInput(input)));
        } catch (err) {
          throw toUpdateRefusal(err);
        }
        return { status: run.state.status };
      }),
    { description, validator: () => validate(run, action) },
  );
}

function validate(run: ReturnRun, action: ReturnAction): void {
  // With a step under way the tables may be ahead of what is known here: then the command's own step decides.
  if (!run.hasBegun() || run.isPerforming()) return;
  const allowedActions = run.allowedActions();
  const { status } = run.state;
  if (allowedActions.includes(action) || (action === 'cancel' && status === 'canceled')) return;
  const detail = `${action} is not legal for a return that is ${status}`;
  const extra = { currentStatus: status, allowedActions };
  throw ApplicationFailure.nonRetryable(detail, 'illegal_transition', { detail, extra });
}
