import type { Installation } from './installation';

/** What is asked of the store about an order that does not go on. */
const ASKED: Readonly<Record<string, string>> = {
  order:
    'select phase, status, wait_code, revision, updated_at from oms.orders where id = $1::uuid',
  shipments: `select status, delivered_at, delivery_recorded_at from oms.shipments where order_id = $1::uuid`,
  captures: 'select status, failure_code from oms.captures where order_id = $1::uuid',
  wakes: `select kind, created_at, signaled_at from oms.wakes where workflow_id = 'order/' || $1::text`,
  lane: `select (select count(*) from oms.wakes where signaled_at is null)::int as unsent,
    (select count(*) from oms.inbox where processed_at is null)::int as unapplied,
    (select count(*) from oms.orders where phase <> 'over')::int as open, now() as at from (select $1::text) asked`,
};

/** Everything that tells why an order stands: the store's rows, its own workflow's and the wake lane's latest events. */
export async function explain(
  { db, client }: Pick<Installation, 'db' | 'client'>,
  orderId: string,
): Promise<string> {
  const facts: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(ASKED))
    facts[name] = await seen(async () => (await db.admin.query(text, [orderId])).rows);
  for (const id of [`order/${orderId}`, 'lane/wake/0'])
    facts[id] = await seen(async () => {
      const handle = client.workflow.getHandle(id);
      const { status, raw } = await handle.describe();
      const { events } = await handle.fetchHistory();
      const latest = (events ?? []).slice(-20).map((event) => {
        const { eventType, eventTime, workflowTaskFailedEventAttributes: failed } = event;
        return `${String(eventTime?.seconds)} ${String(eventType)} ${failed?.failure?.message ?? ''}`;
      });
      const { pendingActivities, pendingWorkflowTask } = raw;
      return { status: status.name, pendingActivities, pendingWorkflowTask, latest };
    });
  return JSON.stringify(facts, null, 1);
}

async function seen(look: () => Promise<unknown>): Promise<unknown> {
  try {
    return await look();
  } catch (err) {
    return String(err);
  }
}
