import { Context } from '@temporalio/activity';

import type { LaneResult } from '../contracts/lanes';
import { runLane } from './lane';
import { createWebhookSending, type WebhookDeps } from './webhook-sending';

export interface WebhookLaneDeps extends WebhookDeps {
  /** The process's shutdown. */
  readonly stop?: AbortSignal | undefined;
}

const POLL_MS = 1_000;

export type WebhookActivities = ReturnType<typeof createWebhookActivities>;

export function createWebhookActivities(deps: WebhookLaneDeps) {
  /** Drains the lane `webhooks` until it is told to stop. Two at a time share the work: deliveries are leased. */
  async function runWebhooksLane(): Promise<LaneResult> {
    const sending = createWebhookSending(deps);
    try {
      const done = await runLane(Context.current(), {
        listen: [{ pool: deps.oms, channel: 'oms_webhooks' }],
        pollMs: POLL_MS,
        stop: deps.stop,
        drain: (_stopping, again) => sending.begin(again),
      });
      return { done };
    } finally {
      await sending.settled();
    }
  }
  return { runWebhooksLane };
}
