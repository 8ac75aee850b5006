import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import type { System } from './system';

const FOLDER = path.resolve(__dirname, '../replay/histories');

/** With `RECORD_HISTORIES=1` keeps a history (of an order by its id, else of a workflow) as a fixture of the replay tests. */
export async function recordHistory(system: System, id: string, branch: string): Promise<void> {
  if (process.env['RECORD_HISTORIES'] !== '1') return;
  const workflowId = id.includes('/') ? id : `order/${id}`;
  const history = await system.client.workflow.getHandle(workflowId).fetchHistory();
  mkdirSync(FOLDER, { recursive: true });
  const json: unknown = JSON.parse(historyToJSON(history), withoutMachine);
  writeFileSync(path.join(FOLDER, `${branch}.json`), `${JSON.stringify(json, null, 1)}\n`);
}

/** The same of a document's workflow, once it has ended. */
export async function recordEnded(
  system: System,
  workflowId: string,
  branch: string,
): Promise<void> {
  await system.client.workflow.getHandle(workflowId).result();
  await recordHistory(system, workflowId, branch);
}

/** Names of this machine have no place in a fixture, and replay does not look at them. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker';
  if (key === 'stackTrace') return '';
  return value;
}
