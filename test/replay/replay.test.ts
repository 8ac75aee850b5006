import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';

const HISTORIES = path.resolve(__dirname, 'histories');
const branches = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

describe('recorded histories', () => {
  let workflowBundle: WorkflowBundle;
  beforeAll(async () => {
    const logger = new DefaultLogger('ERROR');
    Runtime.install({ logger, shutdownSignals: [] });
    const workflowsPath = path.resolve(__dirname, '../../src/workflows/index.ts');
    workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  });

  it('cover at least 12 branches', () => {
    expect(branches.length).toBeGreaterThanOrEqual(12);
  });

  it.each(branches)('%s replays', async (file) => {
    const history = historyFromJSON(JSON.parse(readFileSync(path.join(HISTORIES, file), 'utf8')));
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();
  });
});
