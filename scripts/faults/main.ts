import { execFileSync } from 'node:child_process';
import { setMaxListeners } from 'node:events';

import { connectAuditTo } from '../audit/connect';
import { findUnreplayable, quietReplays } from '../audit/replay';
import { listRuns } from '../audit/walk';
import { auditRun, driveOrders } from '../demo/run-demo';
import { isAsDesigned, type Outcome, printResults } from '../demo/results';
import { messageOf, say } from '../runtime/say';
import { ROOT } from '../runtime/settings';
import type { Run } from '../runtime/state';
import { type Ground, startGround } from './ground';
import { heal, startInjector } from './injector';
import { describeFault, planFaults, type PlannedFault } from './schedule';

export interface FaultsArguments {
  readonly orders: number;
  readonly faults: number;
  readonly seed: number;
  readonly concurrency: number;
}

/** A client that gives up only when an outage has lasted long. */
const PATIENCE_MS = 300_000;

/** `npm run faults`: sets the exit code. */
export async function faults(options: FaultsArguments): Promise<void> {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => ending.abort(new Error(`${signal}: the run ends`)));
  const schedule = planFaults(options);
  announce(options, schedule);
  let isGood = false;
  try {
    const ground = await startGround();
    try {
      isGood = await runFaults(ground, schedule, options, ending.signal);
    } finally {
      await ground.stop({ keepFiles: !isGood });
      if (!isGood) say(`The logs are kept in ${ground.stateDir}.`);
    }
  } catch (err) {
    say(messageOf(err));
  }
  if (!isGood) process.exitCode = ending.signal.aborted ? 130 : 1;
}

async function runFaults(
  ground: Ground,
  schedule: readonly PlannedFault[],
  options: FaultsArguments,
  signal: AbortSignal,
): Promise<boolean> {
  const { run } = ground.installation;
  let begun = 0;
  const injector = startInjector(ground, schedule, () => begun);
  const stop = () => injector.stop();
  signal.addEventListener('abort', stop);
  const outcomes: Outcome[] = await driveOrders(run, {
    ...options,
    signal,
    patienceMs: PATIENCE_MS,
    onBegin: () => (begun += 1),
  });
  await injector.done;
  await heal(ground);
  printResults(outcomes);
  const isClean = await auditRun(run);
  const allReplay = await replayAll(run);
  const ended = outcomes.filter(isAsDesigned).length;
  say('');
  say(
    `Seed ${String(options.seed)}: ${String(injector.struck())} of ${String(schedule.length)} faults struck; ` +
      `${String(ended)} of ${String(outcomes.length)} orders ended as designed; ` +
      `${isClean ? 'all invariants hold' : 'the audit found breaches'}; ` +
      `${allReplay ? 'all histories replay' : 'some histories do not replay'}.`,
  );
  return isClean && allReplay && ended === outcomes.length && injector.struck() === schedule.length;
}

/** A worker that is killed leaves its workflows to another one, which must be able to follow every history. */
async function replayAll(run: Run): Promise<boolean> {
  const connection = connectAuditTo(run);
  try {
    const { temporal } = connection.deps;
    if (temporal === undefined) throw new Error('the installation names no engine');
    const runs = await listRuns(temporal, '');
    say(`Replaying ${String(runs.length)} histories …`);
    quietReplays();
    const faults = await findUnreplayable(temporal, runs);
    for (const fault of faults) say(`! ${fault}`);
    return faults.length === 0;
  } finally {
    await connection.close();
  }
}

function announce(options: FaultsArguments, schedule: readonly PlannedFault[]): void {
  const { orders, faults: count, seed } = options;
  say(
    `npm run faults -- --orders ${String(orders)} --faults ${String(count)} --seed ${String(seed)}`,
  );
  say(`Commit ${readCommit()}. The schedule:`);
  for (const { n, afterOrders, fault } of schedule)
    say(`  ${String(n).padStart(4)}  after ${String(afterOrders)} orders: ${describeFault(fault)}`);
}

function readCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: ROOT,
      encoding: 'utf8',
    }).trim();
  } catch {
    return 'unknown';
  }
}
