import { findUnreplayable } from '../../scripts/audit/replay';
import type { System } from './system';

/**
 * Every history that the system's orders, returns and refunds have made so far, those under way too, leads the code to the
 * same commands again: a worker that takes one of them over can go on.
 */
export async function expectHistoriesReplay(system: System): Promise<void> {
  const { rows } = await system.db.admin.query<{ workflowId: string }>(
    `select workflow_id as "workflowId" from oms.orders union all select workflow_id from oms.returns
     union all select workflow_id from oms.refunds`,
  );
  expect(await findUnreplayable(system.client, rows)).toEqual([]);
}
