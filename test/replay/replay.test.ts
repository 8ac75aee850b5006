import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';

const HISTORIES = path.resolve(__dirname, 'histories');
const branches = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

function* histories() {
  for (const file of branches) {
    const text = readFileSync(path.join(HISTORIES, file), 'utf8');
    yield { workflowId: file, history: historyFromJSON(JSON.parse(text)) };
  }
}

describe('recorded histories', () => {
  const faults = new Map<string, Error | undefined>();
  beforeAll(async () => {
    const logger = new DefaultLogger('ERROR');
    Runtime.install({
      ...{ logger, shutdownSignals: [] },
      // A history may end with a step that was under way: replay does not run it, and says so.
      telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR' } } },
    });
    const source = (name: string) => path.resolve(__dirname, '../../src/workflows', name);
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: source('index.ts'),
      workflowInterceptorModules: [source('one-step-at-a-time.ts')],
      logger,
    });
    // One worker for all: it takes longer to start than a history to replay.
    for await (const { workflowId, error } of Worker.runReplayHistories(
      { workflowBundle },
      histories(),
    ))
      faults.set(workflowId, error);
  });

  it('cover at least 12 branches', () => {
    expect(branches.length).toBeGreaterThanOrEqual(12);
  });

  it.each(branches)('%s replays', (file) => {
    expect(faults.has(file)).toBe(true);
    expect(faults.get(file)).toBeUndefined();
  });
});
