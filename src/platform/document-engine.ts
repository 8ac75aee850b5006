import { WithStartWorkflowOperation } from '@temporalio/client';

import { askEngine } from './engine-call';
import type { OrderEngine } from './order-engine';

/** A return or refund whose workflow is to run. */
export interface DocumentToRun {
  readonly kind: 'refund' | 'return';
  readonly id: string;
  /** What operators read beside the workflow. */
  readonly label: string;
}

/** The workflow id of a document; its row has the same. */
export function documentWorkflowId({ kind, id }: Pick<DocumentToRun, 'kind' | 'id'>): string {
  return `${kind}/${id}`;
}

function startOptions(
  { taskQueuePrefix }: Pick<OrderEngine, 'taskQueuePrefix'>,
  document: DocumentToRun,
) {
  return {
    workflowId: documentWorkflowId(document),
    taskQueue: `${taskQueuePrefix}orders`,
    args: [{ [`${document.kind}Id`]: document.id }],
    staticSummary: document.label,
    // A run that was lost is followed by another, which resumes from the tables.
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } as const;
}

function typeOf({ kind }: DocumentToRun): string {
  return `${kind}Workflow`;
}

/** Starts the workflow of a document if it does not run. */
export async function startDocument(engine: OrderEngine, document: DocumentToRun): Promise<void> {
  const { client } = engine;
  await askEngine(client, () =>
    client.workflow.start(typeOf(document), startOptions(engine, document)),
  );
}

/** Starts it, if it does not run, together with an update. */
export function withDocumentStart(
  engine: Pick<OrderEngine, 'taskQueuePrefix'>,
  document: DocumentToRun,
): WithStartWorkflowOperation<(...args: Record<string, string>[]) => Promise<unknown>> {
  return new WithStartWorkflowOperation(typeOf(document), startOptions(engine, document));
}
