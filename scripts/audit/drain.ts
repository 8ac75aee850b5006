import { setTimeout as sleep } from 'node:timers/promises';

import type { Queryable } from '../../src/db/pool';
import { fetchBooks } from './books';
import type { AuditDeps } from './types';

const POLL_MS = 250;

const OMS_OPEN = `
  select (select count(*) from oms.outbox_deliveries where done_at is null)
    + (select count(*) from oms.inbox where processed_at is null and reason is distinct from 'the order is not known yet')
    + (select count(*) from oms.wakes where signaled_at is null)
    + (select count(*) from oms.stock_wakes where served_at is null)
    + (select count(*) from oms.intakes where status = 'accepted') as n`;

const CRM_OPEN = `
  select (select count(*) from crm.wakes where signaled_at is null)
    + (select count(*) from crm.inbox where processed_at is null)
    + (select count(*) from crm.messages where state in ('queued', 'claimed', 'sending') and not_before <= now()) as n`;

/**
 * Gives the lanes time to finish what is on its way, so that both stores and the outside tell of one state. What is
 * still open afterwards is for the checks to judge; says how much.
 */
export async function drainLanes(deps: AuditDeps, say: (line: string) => void): Promise<void> {
  const until = Date.now() + (deps.drainMs ?? 20_000);
  let open = await countOpen(deps);
  if (open === 0) return;
  const began = Date.now();
  say(`     waiting for the lanes: ${String(open)} on their way …`);
  while (open > 0 && Date.now() < until) {
    await sleep(POLL_MS);
    open = await countOpen(deps);
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  say(
    `     ${open === 0 ? 'lanes drained' : `${String(open)} still on their way`} after ${seconds} s`,
  );
}

/** The books are big: the sandbox is asked only once our own side is quiet. */
async function countOpen(deps: AuditDeps): Promise<number> {
  const [oms, crm] = await Promise.all([count(deps.oms, OMS_OPEN), count(deps.crm, CRM_OPEN)]);
  if (oms + crm > 0 || deps.sandboxUrl === undefined) return oms + crm;
  return countWebhooks(deps.sandboxUrl);
}

async function count(db: Queryable, statement: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(statement);
  return rows[0]?.n ?? 0;
}

async function countWebhooks(sandboxUrl: string): Promise<number> {
  const { webhooks } = await fetchBooks(sandboxUrl);
  return webhooks.filter(({ status }) => status === 'pending').length;
}
