import { z } from 'zod';

import type { ApiDeps } from '../deps';
import { defineRoute } from '../route';

const PROBE_MS = 2000;
/** The client tries again by itself until its deadline; then it has an answer of its own. */
const ENGINE_PROBE_MS = 1500;

const Parts = z.object({
  status: z.enum(['ready', 'not_ready']),
  parts: z.object({ oms: z.string(), crm: z.string(), temporal: z.string() }),
});

const getHealth = defineRoute({
  method: 'get',
  path: '/healthz',
  scope: 'public',
  tag: 'operations',
  summary: 'The process lives',
  responses: { 200: z.object({ status: z.literal('ok') }) },
  handler: () => ({ status: 200, body: { status: 'ok' } }),
});

const getReadiness = defineRoute({
  method: 'get',
  path: '/readyz',
  scope: 'public',
  tag: 'operations',
  summary: 'Both stores and the workflow engine can be reached',
  responses: { 200: Parts, 503: Parts },
  handler: async ({ deps }) => {
    const [oms, crm, temporal] = await Promise.all([
      probe(deps.oms.query('select 1')),
      probe(deps.crm.query('select 1')),
      probe(pingEngine(deps)),
    ]);
    const parts = { oms, crm, temporal };
    if (Object.values(parts).every((state) => state === 'ok'))
      return { status: 200, body: { status: 'ready', parts } };
    return { status: 503, body: { status: 'not_ready', parts }, headers: { 'retry-after': '2' } };
  },
});

/** One word for each part; why it failed is in the part's own log, not for everybody. */
async function probe(check: Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('unreachable'), PROBE_MS);
  });
  try {
    return await Promise.race([
      check.then(
        () => 'ok',
        () => 'unreachable',
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

async function pingEngine({ temporal, config }: ApiDeps): Promise<void> {
  await temporal.connection.withDeadline(Date.now() + ENGINE_PROBE_MS, async () => {
    await temporal.workflowService.describeNamespace({ namespace: config.TEMPORAL_NAMESPACE });
  });
}

export const healthRoutes = [getHealth, getReadiness];
