import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { type System } from './system';
import { waitFor } from './wait-for';

export interface HistoryFigures {
  readonly events: number;
  readonly workflowTasks: number;
  readonly actions: number;
  readonly bytes: number;
  readonly types: readonly string[];
}

const ACTION_EVENTS = new Set([
  'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED',
  'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
  'EVENT_TYPE_TIMER_STARTED',
  'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
]);

/**
 * Exact figures of a workflow's history. Actions by Temporal's pricing rules: start, update, signal, activity, timer
 * and search-attribute upsert one each, all markers of one workflow task together one.
 */
export async function readFigures(system: System, workflowId: string): Promise<HistoryFigures> {
  const handle = system.client.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  const { raw } = await handle.describe();
  const types = readTypes(historyToJSON({ events: events ?? null }));
  let actions = 0;
  let hasMarker = false;
  for (const type of types) {
    if (ACTION_EVENTS.has(type)) actions += 1;
    if (type === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED') hasMarker = false;
    if (type === 'EVENT_TYPE_MARKER_RECORDED' && !hasMarker) {
      hasMarker = true;
      actions += 1;
    }
  }
  return {
    events: types.length,
    workflowTasks: types.filter((type) => type === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED').length,
    actions,
    bytes: Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0),
    types,
  };
}

/** The same once the workflow has ended. */
export async function readEndedFigures(
  system: System,
  workflowId: string,
): Promise<HistoryFigures> {
  return waitFor(`the end of ${workflowId}`, async () => {
    const seen = await readFigures(system, workflowId);
    return seen.types.at(-1) === 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED' ? seen : null;
  });
}

/** A line of figures in the output of the tests. */
export function printFigures(name: string, figures: Readonly<Record<string, number>>): void {
  process.stdout.write(`${name}: ${JSON.stringify(figures)}\n`);
}

/** The JSON form names event types; the object form numbers them. */
function readTypes(json: string): string[] {
  const { events }: { events: { eventType: string }[] } = JSON.parse(json);
  return events.map(({ eventType }) => eventType);
}
