import { Context } from '@temporalio/activity';

const EVERY_MS = 2000;

/**
 * Runs a call to the outside under a heartbeat. A cancel does not cut the call: an effect that may have happened has
 * to be known before it can be taken back.
 */
export async function withHeartbeat<T>(call: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), EVERY_MS);
  try {
    return await call();
  } finally {
    clearInterval(beat);
  }
}
