import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

import { timeoutSignal } from '../../src/platform/timeout-signal';
import type { Run } from '../runtime/state';

const CALL_TIMEOUT_MS = 20_000;
const PATIENCE_MS = 120_000;
const RETRY_MS = 500;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The doors of a running installation. */
export interface Caller {
  api(method: string, route: string, body?: unknown): Promise<Answer>;
  sandbox(method: string, route: string, body?: unknown): Promise<Answer>;
  /** How long a call, or a wait, may last before it counts as failed. */
  readonly patienceMs: number;
  /** A failure once the demo is to end. */
  throwIfAborted(): void;
}

const InProgress = z.object({ code: z.literal('idempotency_in_progress') });

/**
 * Calls as a careful client does: every POST has a key, and what got no answer, a 503 or a 429 is asked again with the
 * same key, as long as its patience lasts.
 */
export function createCaller(
  run: Run,
  { signal, patienceMs = PATIENCE_MS }: { signal: AbortSignal; patienceMs?: number | undefined },
): Caller {
  async function call(
    base: string,
    method: string,
    route: string,
    init: { body: unknown; headers: Record<string, string> },
  ): Promise<Answer> {
    const headers = {
      ...init.headers,
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const until = Date.now() + patienceMs;
    for (;;) {
      signal.throwIfAborted();
      const answer = await attempt(`${base}${route}`, {
        method,
        headers,
        signal: AbortSignal.any([signal, timeoutSignal(CALL_TIMEOUT_MS)]),
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      });
      if (answer !== null && !isTemporary(answer)) return answer;
      if (Date.now() > until) throw new Error(`${method} ${route} got no answer`);
      await sleep(RETRY_MS, undefined, { signal });
    }
  }

  return {
    api: (method, route, body) =>
      call(run.apiUrl, method, route, {
        body,
        headers: {
          authorization: `Bearer ${run.adminKey}`,
          ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        },
      }),
    sandbox: (method, route, body) => call(run.sandboxUrl, method, route, { body, headers: {} }),
    patienceMs,
    throwIfAborted: () => signal.throwIfAborted(),
  };
}

async function attempt(url: string, init: RequestInit): Promise<Answer | null> {
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  } catch {
    return null;
  }
}

function isTemporary({ status, body }: Answer): boolean {
  return status === 503 || status === 429 || (status === 409 && InProgress.safeParse(body).success);
}

/** The answer's document, if it has one of the expected statuses; throws what came instead. */
export function read<T>(
  answer: Answer,
  shape: z.ZodType<T>,
  statuses: readonly number[] = [200],
): T {
  if (statuses.includes(answer.status)) return shape.parse(answer.body);
  throw new Error(`answered ${String(answer.status)} ${JSON.stringify(answer.body).slice(0, 600)}`);
}
