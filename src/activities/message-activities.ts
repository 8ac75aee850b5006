import { Context } from '@temporalio/activity';

import type { LaneResult } from '../contracts/lanes';

import { type LaneContext, runLane } from './lane';
import { type MessageQueueingDeps, queueDueMessages } from './message-queueing';
import { type MessageSendingDeps, sendDueMessages, takeBackStaleMessages } from './message-sending';

export interface MessageActivityDeps extends MessageQueueingDeps, MessageSendingDeps {
  /** The process's shutdown. */
  readonly stop?: AbortSignal | undefined;
}

const POLL_MS = 2_000;
const SWEEP_EVERY_MS = 2_000;

/**
 * The lane `messages`: announcements become messages, due messages are sent. Runs for minutes; two at a time (a worker
 * that was thought dead) share the work and send nothing twice.
 */
export async function runMessagesLaneIn(
  ctx: LaneContext,
  deps: MessageActivityDeps,
): Promise<LaneResult> {
  let sweptAt = -Infinity;
  const done = await runLane(ctx, {
    listen: [
      { pool: deps.oms, channel: 'oms_outbox' },
      { pool: deps.crm, channel: 'crm_messages' },
    ],
    pollMs: POLL_MS,
    stop: deps.stop,
    drain: async () => {
      if (performance.now() - sweptAt >= SWEEP_EVERY_MS) {
        await takeBackStaleMessages(deps);
        sweptAt = performance.now();
      }
      return (await queueDueMessages(deps)) + (await sendDueMessages(deps));
    },
  });
  return { done };
}

export function createMessageActivities(deps: MessageActivityDeps) {
  /** Drains the lane `messages` until it is told to stop; see `runMessagesLaneIn`. */
  async function runMessagesLane(): Promise<LaneResult> {
    return await runMessagesLaneIn(Context.current(), deps);
  }
  return { runMessagesLane };
}

export type MessageActivities = ReturnType<typeof createMessageActivities>;
