import { findOpenDocument, findOpenDocuments } from '../../src/db/oms/open-documents';
import { documentWorkflowId } from '../../src/platform/document-engine';
import { isRunning } from '../../src/platform/order-engine';
import { FIRST_UUID } from './sql-check';
import type { Check } from './types';
import { eachOf } from './walk';

const PAGE = 1000;

/** A return's or refund's row is open if and only if its workflow is. */
export const DOCUMENTS_AND_WORKFLOWS: Check = {
  needs: ['temporal'],
  isRechecked: true,
  run: async (audit) => {
    const { oms, temporal } = audit.deps;
    if (temporal === undefined) throw new Error('the check needs the engine');
    const { latest } = await audit.walk();
    const running = new Set(
      [...latest]
        .filter(([id, run]) => /^(?:refund|return)\//.test(id) && run.status === 'RUNNING')
        .map(([id]) => id),
    );
    const breaches: string[] = [];
    let rows = 0;
    let after = FIRST_UUID;
    for (;;) {
      const page = await findOpenDocuments(oms, after, PAGE);
      const last = page.at(-1);
      if (last === undefined) break;
      rows += page.length;
      after = last.id;
      await eachOf(page, 8, async (document) => {
        const id = documentWorkflowId(document);
        running.delete(id);
        if (await isRunning(temporal, id)) return;
        if ((await findOpenDocument(oms, id)) !== null)
          breaches.push(`${id} (${document.label}) is open and has no workflow`);
      });
    }
    // What is left ran when the list was made: it must be over by now, or belong to a row that is open.
    await eachOf([...running], 8, async (id) => {
      if ((await findOpenDocument(oms, id)) === null && (await isRunning(temporal, id)))
        breaches.push(`${id} is over, its workflow still runs`);
    });
    return { rows, breaches };
  },
};
