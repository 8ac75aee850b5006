import { Context } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';

import type { LaneResult } from '../contracts/lanes';
import { flagPromises } from '../db/oms/promises';
import {
  countOpenOrders,
  findLateIntakes,
  findOpenOrder,
  findOpenOrders,
  findOpenWakes,
  markSignaled,
  type OrderToResume,
  wakeStalledOrders,
  type Wake,
} from '../db/oms/wakes';
import { wakeRenewals } from '../db/oms/renewals';
import { wakeSilent } from '../db/oms/delivery-exceptions';
import type { Pool } from '../db/pool';
import type { Logger } from '../platform/logger';
import {
  countWorkflows,
  isRunning,
  type OrderEngine,
  orderWorkflowId,
  placeOrder,
  resumeOrder,
  signalFact,
} from '../platform/order-engine';
import { settleShipments } from './delivery-exceptions';
import { LATE_COMMAND, runLateCommand } from './late-commands';
import { isDocument, resumeLostDocuments, startOpenDocument } from './document-resuming';
import { applyInbox } from './inbox-applying';
import { type LaneContext, runLane } from './lane';
import { settleDisputes } from './order-disputes';
import { settleReports } from './order-reports';
import { serveShortages } from './stock-serving';

export interface WakeDeps {
  readonly oms: Pool;
  readonly crm: Pool;
  readonly engine: OrderEngine;
  readonly logger: Logger;
  /** The process's shutdown. */
  readonly stop?: AbortSignal | undefined;
}

const POLL_MS = 1_000;
const BATCH = 100;
const PLACE_TIMEOUT_MS = 5_000;
const SWEEP_EVERY_MS = 10_000;
const SILENCE_EVERY_MS = 2_000;
const SWEEP_PAGE = 200;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export type WakeActivities = ReturnType<typeof createWakeActivities>;

export function createWakeActivities(deps: WakeDeps) {
  /** Drains the lane `wake` until it is told to stop. Two at a time are safe: rows are claimed, signals repeatable. */
  async function runWakeLane(): Promise<LaneResult> {
    return runWakeLaneIn(Context.current(), deps);
  }
  return { runWakeLane };
}

async function runWakeLaneIn(ctx: LaneContext, deps: WakeDeps): Promise<LaneResult> {
  let sweptAt = 0;
  let listenedAt = 0;
  let sweepAfter = FIRST_ID;
  let sweepDocumentsAfter = FIRST_ID;
  const done = await runLane(ctx, {
    listen: [
      { pool: deps.oms, channel: 'oms_wake' },
      { pool: deps.crm, channel: 'crm_wake' },
    ],
    pollMs: POLL_MS,
    stop: deps.stop,
    drain: async () => {
      if (Date.now() - listenedAt >= SILENCE_EVERY_MS) {
        await wakeSilent(deps.oms);
        await wakeRenewals(deps.oms);
        listenedAt = Date.now();
      }
      if (Date.now() - sweptAt >= SWEEP_EVERY_MS) {
        await wakeStalledOrders(deps.oms);
        await flagPromises(deps.oms);
        sweepAfter = await resumeLostOrders(deps, sweepAfter);
        sweepDocumentsAfter = await resumeLostDocuments(deps, sweepDocumentsAfter);
        sweptAt = Date.now();
      }
      return wakeOnce(deps);
    },
  });
  return { done };
}

/** One round: webhooks, stock, signals, late intakes. Says how much there was. */
export async function wakeOnce(deps: WakeDeps): Promise<number> {
  const applied = await applyInbox(deps.oms, deps.logger);
  const served = await serveShortages(deps.oms);
  const signaled = (await signalWakes(deps, 'oms')) + (await signalWakes(deps, 'crm'));
  const placed = await placeLateIntakes(deps);
  return applied + served + signaled + placed;
}

async function signalWakes(deps: WakeDeps, store: 'oms' | 'crm'): Promise<number> {
  const pool = store === 'oms' ? deps.oms : deps.crm;
  const wakes = await findOpenWakes(pool, store, BATCH);
  const heard = await Promise.all(wakes.map((wake) => signalOne(deps, wake)));
  const ids = wakes.filter((_, n) => heard[n]).map(({ id }) => id);
  if (ids.length > 0) await markSignaled(pool, store, ids);
  return ids.length;
}

/** True when there is nothing more to do for this wake. A workflow that should run and does not is started again. */
async function signalOne(deps: WakeDeps, { id, workflowId, kind, ref }: Wake): Promise<boolean> {
  if (kind === LATE_COMMAND) return applyToFinal(deps, workflowId, kind, ref);
  if (await signalFact(deps.engine.client, workflowId, { id, kind, ref })) return true;
  if (isDocument(workflowId)) return startOpenDocument(deps, workflowId);
  if (!workflowId.startsWith('order/')) return true;
  const order = await findOpenOrder(deps.oms, workflowId);
  if (order === null) return applyToFinal(deps, workflowId, kind, ref);
  await resume(deps, order);
  return signalFact(deps.engine.client, workflowId, { id, kind, ref });
}

/** What concerns an order that is over: it has no workflow any more, its step runs here. */
async function applyToFinal(
  { oms }: WakeDeps,
  workflowId: string,
  kind: string,
  ref: string,
): Promise<true> {
  const orderId = workflowId.slice('order/'.length);
  if (kind === 'payment_event') await settleReports({ oms }, { orderId });
  if (kind === 'dispute_reported') await settleDisputes({ oms }, { orderId });
  if (kind === 'shipment_moved') await settleShipments({ oms }, { orderId });
  if (kind === LATE_COMMAND) await runLateCommand({ oms }, orderId, ref);
  return true;
}

async function resume(deps: WakeDeps, order: OrderToResume): Promise<void> {
  deps.logger.warn({ orderId: order.orderId }, 'order without a workflow is resumed');
  try {
    await resumeOrder(deps.engine, order);
  } catch (err) {
    if (!(err instanceof WorkflowExecutionAlreadyStartedError)) throw err;
  }
}

async function placeLateIntakes(deps: WakeDeps): Promise<number> {
  const late = await findLateIntakes(deps.oms, BATCH);
  const placed = await Promise.all(late.map((order) => placeLate(deps, order)));
  return placed.filter(Boolean).length;
}

/** An intake that fails stays accepted and is tried again: what was accepted is never lost. */
async function placeLate(deps: WakeDeps, order: OrderToResume): Promise<boolean> {
  try {
    await placeOrder(deps.engine, order, PLACE_TIMEOUT_MS);
    return true;
  } catch (err) {
    deps.logger.warn({ err, orderId: order.orderId }, 'late intake not placed yet');
    return false;
  }
}

/**
 * After a termination by hand or a lost engine: every open order must have a workflow. Costs two counts when all have;
 * else looks at one page of open orders, and at the next one the next time. Returns where to go on.
 */
async function resumeLostOrders(deps: WakeDeps, afterId: string): Promise<string> {
  const { client } = deps.engine;
  const queue = `${deps.engine.taskQueuePrefix}orders`;
  const query = `WorkflowType = 'orderWorkflow' AND TaskQueue = '${queue}' AND ExecutionStatus = 'Running'`;
  const [open, running] = await Promise.all([
    countOpenOrders(deps.oms),
    countWorkflows(client, query),
  ]);
  if (open <= running) return FIRST_ID;
  const page = await findOpenOrders(deps.oms, afterId, SWEEP_PAGE);
  for (const order of page)
    if (!(await isRunning(client, orderWorkflowId(order.orderId)))) await resume(deps, order);
  const last = page.at(-1);
  return last === undefined || page.length < SWEEP_PAGE ? FIRST_ID : last.orderId;
}
