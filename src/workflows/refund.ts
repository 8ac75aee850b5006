import {
  allHandlersFinished,
  CancellationScope,
  condition,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { CommandInput, CommandResult } from '../contracts/order-process';
import type { RefundRef, RefundState } from '../contracts/refund-process';
import { paymentsOf, refundSteps } from './activities';
import { toStepInput, toUpdateRefusal } from './command-updates';
import * as messages from './messages';

/**
 * One refund from the request until it succeeded, failed or was declined. Its parts are looked up and paid by one
 * activity; it waits for an approval, for money that somebody gives back outside, and for a person where its parts
 * ended apart. Every step reads the tables, so a fresh run goes on from there.
 */
export async function refundWorkflow({ refundId }: RefundRef): Promise<CommandResult> {
  const run = startRefundRun(refundId);
  return CancellationScope.nonCancellable(async () => {
    run.apply(await refundSteps.advanceRefund({ refundId }));
    while (!run.isOver()) {
      if (run.takeNews()) run.apply(await refundSteps.advanceRefund({ refundId }));
      else if (run.isOwed())
        run.apply(await paymentsOf('give the money back').payRefund({ refundId }));
      else await condition(() => run.hasNews() || run.isOwed() || run.isOver());
    }
    return { status: run.status() };
  });
}

type Step = (input: RefundRef & CommandInput) => Promise<RefundState>;

const COMMANDS: readonly (readonly [
  message: UpdateDefinition<CommandResult, [CommandInput]>,
  description: string,
  step: Step,
])[] = [
  [
    messages.approveRefund,
    'another person lets the refund go on: { reasonCode }',
    (input) => refundSteps.approveRefund(input),
  ],
  [
    messages.declineRefund,
    'the refund is not made: { reasonCode }',
    (input) => refundSteps.declineRefund(input),
  ],
  [
    messages.recordRefund,
    'the money was given back outside: { reasonCode }',
    (input) => refundSteps.recordRefund(input),
  ],
  [
    messages.retryRefund,
    'try again what was refused or taken back: { reasonCode }',
    (input) => refundSteps.retryRefund(input),
  ],
];

const ENDS: readonly string[] = ['succeeded', 'failed', 'canceled', 'reversed'];

function startRefundRun(refundId: string) {
  let state: RefundState | undefined;
  let isNews = false;

  function apply(next: RefundState): void {
    // Answers of steps may come in another order than the steps committed.
    if (state === undefined || next.rev >= state.rev) state = next;
    setCurrentDetails(describe(state));
  }

  setHandler(
    messages.factRecorded,
    () => {
      isNews = true;
    },
    { description: 'a recorded fact concerns this refund' },
  );
  for (const [message, description, step] of COMMANDS)
    setHandler<CommandResult, [CommandInput], typeof message>(
      message,
      (input) =>
        CancellationScope.nonCancellable(async () => {
          await condition(() => state !== undefined);
          try {
            apply(await step({ refundId, ...toStepInput(input) }));
          } catch (err) {
            throw toUpdateRefusal(err);
          }
          return { status: run.status() };
        }),
      { description },
    );

  const run = {
    apply,
    status: () => state?.status ?? 'pending',
    isOwed: () => state?.isOwed === true,
    hasNews: () => isNews,
    takeNews(): boolean {
      const had = isNews;
      isNews = false;
      return had;
    },
    /** A command on its way may open an ended refund again. */
    isOver: () => ENDS.includes(run.status()) && !isNews && allHandlersFinished(),
  };
  return run;
}

const WAITS = {
  refund_approval: 'Another person must decide: update `approveRefund` or `declineRefund`.',
  outside_payment: 'The money came outside: give it back there, then update `recordRefund`.',
  gateway:
    'The gateway has not confirmed; it is looked up by itself. If a part was refused: update `retryRefund`.',
} as const;

function describe({ status, waitCode }: RefundState): string {
  const wait = waitCode === null ? 'Running or over; nothing to do.' : WAITS[waitCode];
  return `Refund · status **${status}**\n\n${wait}`;
}
