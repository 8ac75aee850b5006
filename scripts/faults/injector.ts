import { setTimeout as sleep } from 'node:timers/promises';

import { sendSignal } from '../runtime/processes';
import { messageOf, say } from '../runtime/say';
import { readRun } from '../runtime/state';
import type { Ground } from './ground';
import { describeFault, type Fault, type PlannedFault, type Process } from './schedule';

const POLL_MS = 50;

export interface Injector {
  /** Resolves when every fault of the schedule has struck and is over, or after `stop`. */
  readonly done: Promise<void>;
  readonly struck: () => number;
  stop(): void;
}

/** Lets the planned faults strike one after the other, each when its number of orders has begun. */
export function startInjector(
  ground: Ground,
  schedule: readonly PlannedFault[],
  begun: () => number,
): Injector {
  let isStopped = false;
  let struck = 0;

  async function run(): Promise<void> {
    for (const { n, afterOrders, fault } of schedule) {
      while (!isStopped && begun() < afterOrders) await sleep(POLL_MS);
      if (isStopped) return;
      say(`  fault ${String(n)} of ${String(schedule.length)}: ${describeFault(fault)}`);
      try {
        await strike(ground, fault);
        struck += 1;
      } catch (err) {
        say(`! fault ${String(n)} did not strike: ${messageOf(err)}`);
      }
    }
  }
  return { done: run(), struck: () => struck, stop: () => (isStopped = true) };
}

async function strike(ground: Ground, fault: Fault): Promise<void> {
  switch (fault.kind) {
    case 'kill':
      return kill(ground, fault.target);
    case 'restart':
      sendSignal(await pidOf(ground, fault.target), 'SIGTERM');
      return undefined;
    case 'pause':
      return pause(await pidOf(ground, fault.target), fault.ms);
    case 'cut':
    case 'slow': {
      const link = ground.links[fault.target];
      link.set(fault.kind === 'cut' ? 'cut' : { delayMs: fault.delayMs });
      await sleep(fault.ms);
      link.set('open');
      return undefined;
    }
    case 'fail': {
      const { mode, times } = fault;
      return setPartner(ground, fault.target, { mode, times, ms: 1500 });
    }
  }
}

/** Servers are ours to start again; the installation's supervisor does it for its parts. */
async function kill(ground: Ground, target: Process): Promise<void> {
  if (target === 'postgres' || target === 'temporal') {
    await ground.servers[target].kill();
    return ground.servers[target].start();
  }
  sendSignal(await pidOf(ground, target), 'SIGKILL');
}

async function pause(pid: number, ms: number): Promise<void> {
  sendSignal(pid, 'SIGSTOP');
  await sleep(ms);
  sendSignal(pid, 'SIGCONT');
}

/** The process as run.json names it now; one that is being started again is waited for. */
async function pidOf({ servers, stateDir }: Ground, target: Process): Promise<number> {
  if (target === 'postgres' || target === 'temporal') return servers[target].pid();
  for (let tries = 0; tries < 200; tries += 1) {
    const pid = readRun(stateDir)?.pids[target];
    if (pid !== undefined && pid !== null && isAlive(pid)) return pid;
    await sleep(POLL_MS);
  }
  throw new Error(`${target} does not run`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Heals everything that a schedule may have left broken. */
export async function heal(ground: Ground): Promise<void> {
  for (const link of Object.values(ground.links)) link.set('open');
  for (const partner of ['gateway', 'carrier', 'mail'])
    await setPartner(ground, partner, { mode: 'none' });
}

/** The sandbox may be just starting again. */
async function setPartner({ installation }: Ground, partner: string, body: object): Promise<void> {
  const url = `${installation.run.sandboxUrl}/faults/${partner}`;
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await fetch(url, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(5000),
      });
      if (!answer.ok) throw new Error(`the sandbox answers ${String(answer.status)}`);
      return;
    } catch (err) {
      if (tries === 10) throw err;
      await sleep(1000);
    }
  }
}
