import { countOpenDocuments, findOpenDocument, findOpenDocuments } from '../db/oms/open-documents';
import type { Pool } from '../db/pool';
import { documentWorkflowId, startDocument } from '../platform/document-engine';
import type { Logger } from '../platform/logger';
import { countWorkflows, isRunning, type OrderEngine } from '../platform/order-engine';

interface ResumingDeps {
  readonly oms: Pool;
  readonly engine: OrderEngine;
  readonly logger: Logger;
}

const PAGE = 200;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** True for the workflow of a return or a refund. */
export function isDocument(workflowId: string): boolean {
  return /^(?:refund|return)\//.test(workflowId);
}

/**
 * Starts the workflow of a document that a wake is for and that does not run: a new one, one that was lost, one that
 * something happened to after its end. It reads from the tables what the wake would tell. True: nothing is left to do.
 */
export async function startOpenDocument(
  { oms, engine }: ResumingDeps,
  workflowId: string,
): Promise<boolean> {
  const document = await findOpenDocument(oms, workflowId);
  if (document !== null) await startDocument(engine, document);
  return true;
}

/**
 * After a termination by hand or a lost engine: every open document must have a workflow. Costs two counts when all have;
 * else looks at one page of open documents, and at the next one the next time. Returns where to go on.
 */
export async function resumeLostDocuments(deps: ResumingDeps, afterId: string): Promise<string> {
  const { client, taskQueuePrefix } = deps.engine;
  const query = `WorkflowType IN ('refundWorkflow', 'returnWorkflow') AND TaskQueue = '${taskQueuePrefix}orders' AND ExecutionStatus = 'Running'`;
  const [open, running] = await Promise.all([
    countOpenDocuments(deps.oms),
    countWorkflows(client, query),
  ]);
  if (open <= running) return FIRST_ID;
  const page = await findOpenDocuments(deps.oms, afterId, PAGE);
  for (const document of page) {
    if (await isRunning(client, documentWorkflowId(document))) continue;
    deps.logger.warn({ documentId: document.id }, 'document without a workflow is resumed');
    await startDocument(deps.engine, document);
  }
  const last = page.at(-1);
  return last === undefined || page.length < PAGE ? FIRST_ID : last.id;
}
