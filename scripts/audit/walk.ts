import { type Client, WorkflowNotFoundError } from '@temporalio/client';

import { readHistory, textOf } from './history-facts';
import { findPersonalData, readPersonalData } from './personal-data';
import type { AuditDeps, Walk, WalkedRun } from './types';

const BATCH = 200;
const CONCURRENCY = 12;
const PROGRESS_MS = 5000;
const QUEUES = ['orders', 'crm', 'payments', 'carriers', 'messages'];

interface ListedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
  readonly startedAt: Date;
}

/** Fetches and reads the history of every workflow of ours that the engine still keeps. */
export async function walkHistories(
  client: Client,
  deps: AuditDeps,
  progress: (line: string) => void,
): Promise<Walk> {
  const listed = await listRuns(client, deps.taskQueuePrefix ?? '');
  const runs: WalkedRun[] = [];
  let saidAt = Date.now();
  for (let start = 0; start < listed.length; start += BATCH) {
    const batch = listed.slice(start, start + BATCH);
    const people = await readPersonalData(deps.oms, batch.flatMap(orderIdOf));
    await eachOf(batch, CONCURRENCY, async (run) => {
      const own = people.get(orderIdOf(run)[0] ?? '') ?? new Map<string, string>();
      const walked = await walkRun(client, run, own);
      if (walked !== null) runs.push(walked);
    });
    if (Date.now() - saidAt < PROGRESS_MS) continue;
    progress(`     … ${String(runs.length)} of ${String(listed.length)} histories read`);
    saidAt = Date.now();
  }
  return { runs, latest: latestOf(runs) };
}

function latestOf(runs: readonly WalkedRun[]): Map<string, WalkedRun> {
  const latest = new Map<string, WalkedRun>();
  for (const run of runs) {
    const known = latest.get(run.workflowId);
    if (known === undefined || run.startedAt > known.startedAt) latest.set(run.workflowId, run);
  }
  return latest;
}

/** Every run of ours that the engine still keeps. */
export async function listRuns(client: Client, prefix: string): Promise<ListedRun[]> {
  const names = QUEUES.map((queue) => `'${queue}'`).join(', ');
  const query = prefix === '' ? `TaskQueue IN (${names})` : `TaskQueue STARTS_WITH '${prefix}'`;
  const runs: ListedRun[] = [];
  for await (const { workflowId, runId, status, startTime } of client.workflow.list({
    query,
    pageSize: 500,
  }))
    runs.push({ workflowId, runId, status: status.name, startedAt: startTime });
  return runs;
}

/** Null: it passed its retention since it was listed. */
async function walkRun(
  client: Client,
  run: ListedRun,
  own: ReadonlyMap<string, string>,
): Promise<WalkedRun | null> {
  try {
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const personal = findPersonalData(textOf(history.events), own);
    return { ...run, ...readHistory(history), personal };
  } catch (err) {
    if (err instanceof WorkflowNotFoundError) return null;
    throw err;
  }
}

/** The order that a workflow is about: none for a lane. */
function orderIdOf({ workflowId }: { readonly workflowId: string }): string[] {
  const match = /(?:^|\/)order\/([0-9a-f-]{36})$/.exec(workflowId);
  return match?.[1] === undefined ? [] : [match[1]];
}

/** Runs `work` on every item, so many at a time. */
export async function eachOf<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  async function drain(): Promise<void> {
    for (const item of queue) await work(item);
  }
  await Promise.all(Array.from({ length: concurrency }, drain));
}
