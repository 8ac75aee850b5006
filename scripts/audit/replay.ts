import path from 'node:path';

import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import { ROOT } from '../runtime/settings';

const BUNDLE = path.join(ROOT, 'dist', 'workflow-bundle.js');

/** One run of a workflow; without `runId` its last one. */
export interface RunToReplay {
  readonly workflowId: string;
  readonly runId?: string;
}

/**
 * Leads the code through the histories of these runs, those under way too, and names each that it does not follow to the
 * end: no other worker could take that one over. Needs a built workflow bundle.
 */
export async function findUnreplayable(
  client: Client,
  runs: Iterable<RunToReplay>,
): Promise<string[]> {
  async function* histories() {
    for (const { workflowId, runId } of runs)
      yield {
        workflowId,
        history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
      };
  }
  const faults: string[] = [];
  const replays = Worker.runReplayHistories({ workflowBundle: { codePath: BUNDLE } }, histories());
  for await (const { workflowId, error } of replays)
    if (error !== undefined) faults.push(`${workflowId}: ${error.message}`);
  return faults;
}

/** For a process that has no worker of its own. Not before there is something to replay: it keeps the process alive. */
export function quietReplays(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    // A history may end with a step that was under way: replay does not run it, and says so.
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR' } } },
  });
}
