import { connectAuditTo } from '../audit/connect';
import { runAudit } from '../audit/run-audit';
import { eachOf } from '../audit/walk';
import { messageOf, say } from '../runtime/say';
import type { Run } from '../runtime/state';
import { type Caller, createCaller } from './caller';
import { demandOf } from './kinds';
import { planOrders, type PlannedOrder } from './plan';
import { createProgress } from './progress';
import { isAsDesigned, type Outcome, printResults } from './results';
import { type DemoStock, prepareStock, retireStock } from './stock';

export interface DemoOptions {
  readonly orders: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

export interface DriveOptions extends DemoOptions {
  /** How long a call, or a wait for a stage, may last before it counts as failed. */
  readonly patienceMs?: number;
  readonly onBegin?: () => void;
}

/**
 * Drives a mixed set of orders through the public contract of a running installation, prints what became of them, and
 * audits the installation. True if every order ended as designed and the audit is clean. May be run again and again.
 */
export async function runDemo(run: Run, options: DemoOptions): Promise<boolean> {
  const outcomes = await driveOrders(run, options);
  printResults(outcomes);
  const isClean = await auditRun(run);
  const ended = outcomes.filter(isAsDesigned).length;
  say('');
  say(
    `${String(ended)} of ${String(outcomes.length)} orders ended as designed; ${isClean ? 'all invariants hold' : 'the audit found breaches'}.`,
  );
  return isClean && ended === outcomes.length;
}

/** The orders alone: each is walked to its end, so many at a time. */
export async function driveOrders(run: Run, options: DriveOptions): Promise<Outcome[]> {
  const { signal, patienceMs, onBegin } = options;
  const caller = createCaller(run, { signal, patienceMs });
  const name = Date.now().toString(36);
  const planned = planOrders(options.orders);
  say(
    `Demo ${name}: ${String(planned.length)} orders, ${String(options.concurrency)} at a time, at ${run.apiUrl}`,
  );
  const stock = await prepareStock(caller, name, {
    lines: planned.flatMap(({ kind, n }) => demandOf(kind, { run: name, n })),
    splitOrders: planned.filter(({ kind }) => kind.name === 'two warehouses').length,
  });
  const outcomes: Outcome[] = [];
  const progress = createProgress(planned.length);
  await eachOf(planned, options.concurrency, async (order) => {
    onBegin?.();
    outcomes.push(await walkOne(caller, name, stock, order));
    progress.advance();
  });
  progress.stop();
  signal.throwIfAborted();
  await retireStock(caller, stock);
  return outcomes;
}

async function walkOne(
  caller: Caller,
  run: string,
  stock: DemoStock,
  { n, kind }: PlannedOrder,
): Promise<Outcome> {
  const startedAt = performance.now();
  let placedMs: number | null = null;
  let orderNo: string | null = null;
  const outcome = (reached: string): Outcome => {
    const { name, designed } = kind;
    return {
      kind: name,
      designed,
      reached,
      orderNo,
      placedMs,
      totalMs: performance.now() - startedAt,
    };
  };
  try {
    const order = await kind.walk({
      caller,
      stock,
      seed: { run, n },
      placed: (placed) => {
        placedMs = performance.now() - startedAt;
        ({ orderNo } = placed);
      },
    });
    return outcome(`${order.status}, ${order.paymentStatus}, ${order.fulfillmentStatus}`);
  } catch (err) {
    return outcome(messageOf(err));
  }
}

/** The audit of a running installation, reported line by line. */
export async function auditRun(run: Run): Promise<boolean> {
  say('Audit:');
  const connection = connectAuditTo(run);
  try {
    return (await runAudit({ ...connection.deps, report: say })).isClean;
  } finally {
    await connection.close();
  }
}
