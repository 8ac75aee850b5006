import { setTimeout as sleep } from 'node:timers/promises';

import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';

/** Says that a call to the engine did not end in time; it may still take effect. */
class EngineTimeout extends Error {
  override readonly name = 'EngineTimeout';
}

/** Whether the engine is away or silent: not the fault of what was asked, and the next question ends the same. */
export function isEngineOutage(err: unknown): boolean {
  return err instanceof ServiceError || err instanceof EngineTimeout;
}

/** How long whoever has no deadline of its own waits for one answer of the engine. */
const ANSWER_LIMIT_MS = 5_000;

/**
 * Calls the engine for whoever tries again later anyhow. Without a limit an answer that never comes, as when the engine
 * was killed with the call in hand, would hold its caller for ever: a lane would go on beating and do nothing.
 */
export async function askEngine<T>(temporal: Client, call: () => Promise<T>): Promise<T> {
  return callEngine(temporal, Date.now() + ANSWER_LIMIT_MS, call);
}

/** Calls the engine, at most until `deadline` (epoch ms), at the server and here. */
export async function callEngine<T>(
  temporal: Client,
  deadline: number,
  call: () => Promise<T>,
): Promise<T> {
  return untilDeadline(deadline, temporal.withDeadline(deadline, call));
}

/**
 * Waits for the engine's answer, at most until `deadline`. The SDK's own deadline ends a call at the server, but its
 * retries go on for seconds after it; nobody here waits for those.
 */
async function untilDeadline<T>(deadline: number, answer: Promise<T>): Promise<T> {
  // Heard by the race below; after that it has no one else.
  answer.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    const end = () => reject(new EngineTimeout('the engine did not answer in time'));
    timer = setTimeout(end, Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}

const TRIES = 10;
const BETWEEN_TRIES_MS = 200;
/** gRPC's `FAILED_PRECONDITION`. */
const NOT_READY = 9;

/**
 * Sends an update that has an id. The engine refuses one as a whole where its workflow is just being started by somebody
 * else, or where a fact reached the workflow in the moment of its end; a moment later it takes it, or says that the
 * workflow is over. The id makes the repeat harmless.
 */
export async function whenReady<T>(send: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await send();
    } catch (err) {
      if (!isNotReady(err) || tried === TRIES) throw err;
      await sleep(BETWEEN_TRIES_MS);
    }
  }
}

function isNotReady(err: unknown): boolean {
  const cause = err instanceof ServiceError ? err.cause : err;
  if (!isGrpcServiceError(cause)) return false;
  const code: number = cause.code;
  return code === NOT_READY;
}
