import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import type { System } from './system';

const FOLDER = path.resolve(__dirname, '../replay/histories');

/** With `RECORD_HISTORIES=1` keeps an order's history as a fixture of the replay tests, under the branch's name. */
export async function recordHistory(
  system: System,
  orderId: string,
  branch: string,
): Promise<void> {
  if (process.env['RECORD_HISTORIES'] !== '1') return;
  const history = await system.client.workflow.getHandle(`order/${orderId}`).fetchHistory();
  mkdirSync(FOLDER, { recursive: true });
  const json: unknown = JSON.parse(historyToJSON(history), withoutMachine);
  writeFileSync(path.join(FOLDER, `${branch}.json`), `${JSON.stringify(json, null, 1)}\n`);
}

/** Names of this machine have no place in a fixture, and replay does not look at them. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker';
  if (key === 'stackTrace') return '';
  return value;
}
