import { Worker } from '@temporalio/worker';

import { BUNDLE, type System } from './system';

/**
 * Every history that the system's workflows have made so far leads the code to the same commands again: a worker that
 * takes one of them over can go on. Orders, returns and refunds, those under way too.
 */
export async function expectHistoriesReplay(system: System): Promise<void> {
  const { rows } = await system.db.admin.query<{ id: string }>(
    `select workflow_id as id from oms.orders union all select workflow_id from oms.returns
     union all select workflow_id from oms.refunds`,
  );
  async function* histories() {
    for (const { id } of rows) {
      const handle = system.client.workflow.getHandle(id);
      yield { workflowId: id, history: await handle.fetchHistory() };
    }
  }
  const faults: string[] = [];
  const replays = Worker.runReplayHistories({ workflowBundle: { codePath: BUNDLE } }, histories());
  for await (const { workflowId, error } of replays)
    if (error !== undefined) faults.push(`${workflowId}: ${error.message}`);
  expect(faults).toEqual([]);
}
