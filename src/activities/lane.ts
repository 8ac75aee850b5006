import type { Pool } from 'pg';

import { type Subscription, subscribe } from '../db/listen';
import { timeoutSignal } from '../platform/timeout-signal';

/** What a lane needs of its activity; `Context.current()` fits. */
export interface LaneContext {
  readonly cancellationSignal: AbortSignal;
  heartbeat(): void;
}

export interface ListenOn {
  readonly pool: Pool;
  readonly channel: string;
}

export interface Lane {
  /** Channels whose notices wake the lane at once; each holds one connection of its pool. */
  readonly listen: readonly ListenOn[];
  /** Longest pause between two drains: notices may be lost, this finds what they missed. */
  readonly pollMs: number;
  /**
   * Does one batch and says how many it did; 0 means nothing is due. Called again at once while there is work, and when
   * it calls `again`, also later.
   */
  readonly drain: (stopping: AbortSignal, again: () => void) => Promise<number>;
  /** How long one run lasts, five minutes unless told; then the workflow continues as new. */
  readonly runForMs?: number;
  /** The process's own shutdown: the lane then ends after the batch in hand. */
  readonly stop?: AbortSignal | undefined;
}

const HEARTBEAT_MS = 2_000;
const RUN_FOR_MS = 5 * 60_000;

/**
 * Drains a lane until its time is over or it is told to stop, and says how much it did. Safe to run twice at a time as
 * far as `drain` is: a lane whose worker went silent is taken over while the old one may still finish a batch. A fault
 * of a store is thrown, so that the activity's retry policy paces the next try.
 */
export async function runLane(ctx: LaneContext, lane: Lane): Promise<number> {
  const stopping = AbortSignal.any([
    ctx.cancellationSignal,
    timeoutSignal(lane.runForMs ?? RUN_FOR_MS),
    ...(lane.stop ? [lane.stop] : []),
  ]);
  const bell = createBell();
  const listeners = createListeners(lane.listen, bell.ring);
  const beat = setInterval(() => ctx.heartbeat(), HEARTBEAT_MS);
  ctx.heartbeat();
  stopping.addEventListener('abort', bell.ring, { once: true });
  try {
    let total = 0;
    while (!stopping.aborted) {
      await listeners.connect();
      const done = await lane.drain(stopping, bell.ring);
      total += done;
      if (done === 0) await bell.wait(lane.pollMs);
    }
    return total;
  } finally {
    clearInterval(beat);
    stopping.removeEventListener('abort', bell.ring);
    listeners.close();
  }
}

interface Bell {
  readonly ring: () => void;
  /** Resolves at the next ring, at once if it rang since the last wait, or after the time. */
  readonly wait: (ms: number) => Promise<void>;
}

function createBell(): Bell {
  let rang = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rang = true;
      wake?.();
    },
    async wait(ms) {
      if (!rang) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      rang = false;
    },
  };
}

interface Listeners {
  /** Subscribes to every channel whose connection is missing or was lost. */
  connect(): Promise<void>;
  close(): void;
}

function createListeners(targets: readonly ListenOn[], onNotice: () => void): Listeners {
  const open = new Map<ListenOn, Subscription>();
  return {
    async connect() {
      for (const target of targets) {
        if (open.get(target)?.isAlive() === true) continue;
        open.set(target, await subscribe(target.pool, target.channel, onNotice));
      }
    },
    close() {
      for (const subscription of open.values()) subscription.close();
    },
  };
}
