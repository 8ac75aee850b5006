import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { hasEnded, sendSignal } from './processes';
import { messageOf } from './say';
import { lastLines } from './spawn-logged';

const FIRST_TRIES = 3;
const MAX_QUICK_FAILURES = 20;
const QUICK_MS = 10_000;
const READY_TIMEOUT_MS = 60_000;
const LONGEST_PAUSE_MS = 5000;

export interface PartSpec {
  readonly name: string;
  /** Runs before each start: makes sure that no leftover holds its files. */
  readonly prepare?: () => Promise<void>;
  readonly spawn: () => ChildProcess;
  /** Resolves when the part serves. */
  readonly ready: (timeoutMs: number) => Promise<void>;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
  readonly logFile: string;
}

export interface PartEvents {
  readonly onDown: (part: Part, how: string) => void;
  readonly onUp: (part: Part) => void;
  /** It failed too often in a row: the installation cannot go on. */
  readonly onGivenUp: (part: Part, err: Error) => void;
}

export interface Part {
  readonly name: string;
  pid(): number | null;
  /** Resolves when it serves; rejects with the end of its log when it does not after some tries. */
  start(): Promise<void>;
  /** Ends it and does not start it again. Safe at any time, and twice. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

/** A child process that is started again, with longer and longer pauses, whenever it ends by itself. */
export function createPart(spec: PartSpec, events: PartEvents): Part {
  let child: ChildProcess | undefined;
  let isStopping = false;
  let isServing = false;
  let quickFailures = 0;
  let startedAt = 0;

  const part: Part = { name: spec.name, pid: () => child?.pid ?? null, start, stop, kill };
  return part;

  async function start(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await launch();
        return;
      } catch (err) {
        await end('SIGKILL', 0);
        if (isStopping || attempt === FIRST_TRIES) throw explain(err);
        await sleep(300 * attempt);
      }
    }
  }

  async function launch(): Promise<void> {
    await spec.prepare?.();
    if (isStopping) throw new Error('is being stopped');
    startedAt = Date.now();
    const started = spec.spawn();
    child = started;
    const ended = new Promise<never>((_, reject) => {
      started.once('error', reject);
      started.once('exit', (code, signal) => reject(new Error(`ended (${signal ?? code ?? '?'})`)));
    });
    ended.catch((err: unknown) => onEnd(started, messageOf(err)));
    await Promise.race([spec.ready(READY_TIMEOUT_MS), ended]);
    isServing = true;
  }

  function onEnd(ended: ChildProcess, how: string): void {
    if (child !== ended) return;
    child = undefined;
    if (!isServing || isStopping) return;
    isServing = false;
    events.onDown(part, how);
    void restart();
  }

  async function restart(): Promise<void> {
    if (Date.now() - startedAt > QUICK_MS) quickFailures = 0;
    for (;;) {
      await sleep(Math.min(100 * 2 ** quickFailures, LONGEST_PAUSE_MS));
      quickFailures += 1;
      if (isStopping) return;
      try {
        await launch();
        events.onUp(part);
        return;
      } catch (err) {
        await end('SIGKILL', 0);
        if (quickFailures < MAX_QUICK_FAILURES) continue;
        events.onGivenUp(part, explain(err));
        return;
      }
    }
  }

  async function stop(): Promise<void> {
    isStopping = true;
    await end(spec.stopSignal, spec.graceMs);
  }

  async function end(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    const pid = child?.pid;
    if (pid === undefined) return;
    sendSignal(pid, signal);
    if (await hasEnded(pid, graceMs)) return;
    sendSignal(pid, 'SIGKILL');
    await hasEnded(pid, 5000);
  }

  function kill(): void {
    isStopping = true;
    const pid = child?.pid;
    if (pid !== undefined) sendSignal(pid, 'SIGKILL');
  }

  function explain(err: unknown): Error {
    const log = lastLines(spec.logFile);
    return new Error(`${spec.name} does not start: ${messageOf(err)}\n${log}`, { cause: err });
  }
}
