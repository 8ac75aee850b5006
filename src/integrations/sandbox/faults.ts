import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import type { Books } from './books';
import { Problem } from './problem';
import type { Fault, FaultService } from './records';

const DEFAULT_SLOW_MS = 5_000;

export interface FaultTarget {
  readonly service: FaultService;
  readonly operation: string;
  readonly key: string | null;
}

/** Counts one hit of the fault set for this call, if there is one, and returns it. */
export async function takeFault(books: Books, target: FaultTarget): Promise<Fault | null> {
  const fault = books.faults.find(target.service, target.operation);
  if (!fault) return null;
  const at = new Date().toISOString();
  await books.write({ type: 'fault.hit', ...target, mode: fault.mode, at });
  return fault;
}

/** Waits as the fault says; returns at once for other faults. */
export async function delayIfSlow(fault: Fault | null): Promise<void> {
  if (fault?.mode === 'slow') await delay(fault.ms ?? DEFAULT_SLOW_MS, undefined, { ref: false });
}

/** How an effect's answer is to be given: not at all after `timeout_after_effect`. */
export interface FaultyCall {
  readonly fault: Fault | null;
  answer(status: number, body: unknown): void;
}

function cutOff(req: Request): void {
  req.socket.destroy();
}

/**
 * Lets the fault set for this call play out before it has any effect: `down` cuts the connection (null: stop here),
 * `error` is a 500. `slow` is for the caller to wait, once
 * the call is in the books. `timeout_after_effect` keeps the answer back: for `ms`, then the connection is cut, or for good.
 */
export async function beginFaultyCall(
  books: Books,
  target: FaultTarget,
  { req, res }: { req: Request; res: Response },
): Promise<FaultyCall | null> {
  const fault = await takeFault(books, target);
  if (fault?.mode === 'down') {
    cutOff(req);
    return null;
  }
  if (fault?.mode === 'error') throw new Problem(500, 'injected_error', 'An injected fault');
  return {
    fault,
    answer(status, body) {
      if (fault?.mode !== 'timeout_after_effect') res.status(status).json(body);
      else if (fault.ms !== null) setTimeout(() => cutOff(req), fault.ms).unref();
    },
  };
}

/** For reads: only `down` hits them, and it is not counted. True when the call was cut off. */
export function isCutOff(books: Books, service: FaultService, req: Request): boolean {
  if (books.faults.find(service, 'lookup')?.mode !== 'down') return false;
  cutOff(req);
  return true;
}
