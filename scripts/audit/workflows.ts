import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';

import { readHistory } from './history-facts';
import { FIRST_UUID, pagesOf } from './sql-check';
import type { AuditRun, Check, Invariant } from './types';
import { eachOf } from './walk';

const PAGE = 2000;
const TRIES = 4;
const RETRY_MS = 700;
/** A workflow that is just over is swept from the engine some time after. */
const RETENTION_MARGIN_MS = 3600_000;

interface OrderRow {
  readonly key: string;
  readonly orderNo: string;
  readonly status: string;
  readonly phase: string;
  readonly stage: string;
  readonly isWaiting: boolean;
  readonly hasDeadline: boolean;
  readonly updatedAt: Date;
  readonly isStill: boolean;
}

const COLUMNS = `
  id as key, order_no as "orderNo", status, phase, stage, wait_until is not null as "hasDeadline", updated_at as "updatedAt",
  phase <> 'over' and (wait_code is not null
    or stage in ('hold', 'warehouse', 'carrier', 'backorder', 'delivery_exception')) as "isWaiting",
  updated_at < now() - interval '60 seconds' as "isStill"`;

const ORDERS = `select ${COLUMNS} from oms.orders where id > $1::uuid order by id limit $2::int`;
const ORDER = `select ${COLUMNS} from oms.orders where id = $1::uuid`;
const KNOWN_INTAKES = `select order_id::text as id from oms.intakes where order_id = any($1::uuid[])`;

interface Engine {
  readonly status: string;
  readonly openTimers: number;
  readonly openActivities: number;
}

/** An order's row is open if and only if its workflow is; one that waits until a deadline has a timer armed. */
export const ORDERS_AND_WORKFLOWS: Check = {
  needs: ['temporal'],
  isRechecked: false,
  run: async (audit) => {
    const { temporal, oms } = requireEngine(audit);
    const { latest } = await audit.walk();
    const keptSince = Date.now() - (await readRetentionMs(temporal)) + RETENTION_MARGIN_MS;
    const unowned = new Set([...latest.keys()].filter((id) => id.startsWith('order/')));
    const suspects: OrderRow[] = [];
    let rows = 0;
    for await (const page of pagesOf<OrderRow>(oms, ORDERS, { first: FIRST_UUID, size: PAGE }))
      for (const order of page) {
        rows += 1;
        const id = `order/${order.key}`;
        unowned.delete(id);
        if (compare(order, latest.get(id) ?? null, keptSince) !== null) suspects.push(order);
      }
    const breaches: string[] = [];
    await eachOf(suspects, 8, async (order) => {
      const breach = await lookAgain(audit, order, keptSince);
      if (breach !== null) breaches.push(breach);
    });
    breaches.push(...(await findUnowned(audit, unowned)));
    return { rows, breaches };
  },
};

function requireEngine({ deps }: AuditRun): { temporal: Client; oms: AuditRun['deps']['oms'] } {
  if (deps.temporal === undefined) throw new Error('the check needs the engine');
  return { temporal: deps.temporal, oms: deps.oms };
}

function compare(order: OrderRow, engine: Engine | null, keptSince: number): string | null {
  const name = `order ${order.orderNo} (${order.status}, ${order.stage})`;
  const isOpen = order.phase !== 'over';
  if (engine === null) {
    if (isOpen) return `${name} is open and has no workflow`;
    return order.updatedAt.getTime() > keptSince
      ? `${name} is over and its workflow is unknown`
      : null;
  }
  const isRunning = engine.status === 'RUNNING';
  if (isOpen && !isRunning) return `${name} is open, its workflow is ${engine.status}`;
  if (!isOpen && isRunning) return `${name} is over, its workflow still runs`;
  if (!isOpen)
    return engine.status === 'COMPLETED'
      ? null
      : `${name} is over, its workflow is ${engine.status}`;
  if (order.isWaiting && order.hasDeadline && engine.openTimers === 0)
    return `${name} waits until a deadline, and no timer is armed`;
  const isIdle = engine.openTimers === 0 && engine.openActivities === 0;
  if (!order.isWaiting && order.isStill && isIdle)
    return `${name} neither waits nor runs since ${order.updatedAt.toISOString()}`;
  return null;
}

/** The list of workflows is a moment old, and rows move: what is wrong must stay wrong. */
async function lookAgain(
  audit: AuditRun,
  suspect: OrderRow,
  keptSince: number,
): Promise<string | null> {
  const { temporal, oms } = requireEngine(audit);
  let breach: string | null = null;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const { rows } = await oms.query<OrderRow & Record<string, unknown>>(ORDER, [suspect.key]);
    const [order] = rows;
    if (order === undefined) return null;
    breach = compare(order, await readEngine(temporal, suspect.key), keptSince);
    if (breach === null) return null;
    if (attempt < TRIES) await sleep(RETRY_MS);
  }
  return breach;
}

async function readEngine(client: Client, orderId: string): Promise<Engine | null> {
  const handle = client.workflow.getHandle(`order/${orderId}`);
  try {
    const { status } = await handle.describe();
    const { openTimers, openActivities } = readHistory(await handle.fetchHistory());
    return { status: status.name, openTimers, openActivities };
  } catch (err) {
    if (err instanceof WorkflowNotFoundError) return null;
    throw err;
  }
}

async function readRetentionMs(client: Client): Promise<number> {
  const { namespace } = client.options;
  const { config } = await client.workflowService.describeNamespace({ namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000;
}

/** Workflows of orders that have no row: their intake must at least be known. */
async function findUnowned(audit: AuditRun, workflowIds: ReadonlySet<string>): Promise<string[]> {
  const ids = [...workflowIds].map((id) => id.slice('order/'.length));
  const { rows } = await audit.deps.oms.query<{ id: string }>(KNOWN_INTAKES, [ids]);
  const known = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !known.has(id)).map((id) => `workflow order/${id} belongs to no order`);
}

const HISTORIES: Check = {
  needs: ['temporal'],
  isRechecked: false,
  run: async (audit) => {
    const { runs } = await audit.walk();
    const breaches = runs.flatMap(({ workflowId, taskFailures, personal, status }) => [
      ...taskFailures.map((failure) => `${workflowId}: a workflow task failed, ${failure}`),
      ...personal.map((kind) => `${workflowId}: its history holds personal data (${kind})`),
      ...(status === 'FAILED' || status === 'TIMED_OUT' ? [`${workflowId} is ${status}`] : []),
    ]);
    return { rows: runs.length, breaches };
  },
};

/** Tokens are needed until the gateway has answered, and no longer. */
const TOKENS_ARE_ERASED: Check = {
  needs: [],
  isRechecked: true,
  run: async ({ deps }) => {
    const { rows } = await deps.oms.query<{ breach: string }>(
      `select format('order %s payment %s (%s) still has its card token', o.order_no, p.seq, p.status) as breach
       from oms.payments p join oms.orders o on o.id = p.order_id where p.token is not null and p.status <> 'pending'
       union all
       select format('order %s: command %s (%s) still has a card token', o.order_no, c.id, c.kind)
       from oms.commands c join oms.orders o on o.id = c.order_id where c.status <> 'running' and c.body ? 'token'
       union all
       select format('intake of order number %s still has a card token', order_no)
       from oms.intakes where status = 'placed' and body #>> '{payment,token}' is not null`,
    );
    return { rows: 0, breaches: rows.map(({ breach }) => breach) };
  },
};

export const ENGINE_HEALTH: Invariant = {
  id: 'I10',
  title: 'engine: no workflow task failed, and nothing personal in any history',
  checks: [HISTORIES, TOKENS_ARE_ERASED],
};
