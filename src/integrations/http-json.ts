import type { ReadableStream } from 'node:stream/web';
import type { z } from 'zod';

const MAX_REPLY_BYTES = 256 * 1024;

export interface OutsideReply {
  readonly status: number;
  /** Parsed JSON, or null where the reply has none. */
  readonly body: unknown;
}

export interface OutsideRequest {
  /** For messages and logs: `gateway`, `carrier`. */
  readonly service: string;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly idempotencyKey?: string;
  readonly body?: unknown;
  readonly timeoutMs: number;
}

/** The outside gave no usable answer, so whether the call had an effect is not known. */
export class OutsideFault extends Error {
  override readonly name = 'OutsideFault';
  readonly service: string;
  /** The HTTP status, where there was one. */
  readonly status: number | null;

  constructor(
    service: string,
    problem: string,
    details: { status?: number; cause?: unknown } = {},
  ) {
    super(`${service}: ${problem}`, { cause: details.cause });
    this.service = service;
    this.status = details.status ?? null;
  }
}

async function readCapped(response: Response, service: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: ReadableStream<Uint8Array> | null = response.body;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > MAX_REPLY_BYTES) {
      await reader?.cancel();
      throw new OutsideFault(service, 'reply too large');
    }
    chunks.push(part.value);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toFault(service: string, err: unknown): OutsideFault {
  if (err instanceof OutsideFault) return err;
  const isTimeout =
    typeof err === 'object' && err !== null && 'name' in err && err.name === 'TimeoutError';
  return new OutsideFault(service, isTimeout ? 'no answer in time' : 'unreachable', { cause: err });
}

/**
 * One HTTP call to an outside service, never repeated here. The timeout covers the whole exchange, replies are
 * capped, redirects are not followed. Network trouble, 5xx, 408, 409 (the same key is still running) and 429
 * throw `OutsideFault`; every other answer is returned for the caller to read.
 */
export async function requestJson(request: OutsideRequest): Promise<OutsideReply> {
  const { service } = request;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  if (request.idempotencyKey !== undefined) headers['idempotency-key'] = request.idempotencyKey;
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(request.timeoutMs),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await readCapped(response, service);
    const { status } = response;
    if (status >= 500 || status === 408 || status === 409 || status === 429) {
      throw new OutsideFault(service, `answered ${String(status)}`, { status });
    }
    return { status, body: parseJson(text) };
  } catch (err) {
    throw toFault(service, err);
  }
}

/** Reads a reply by a schema that asks only for what is used; a reply of another shape is a fault. */
export function readReply<T>(service: string, schema: z.ZodType<T>, reply: OutsideReply): T {
  const parsed = reply.status < 400 ? schema.safeParse(reply.body) : null;
  if (parsed?.success) return parsed.data;
  const problem = parsed ? 'reply not understood' : `answered ${String(reply.status)}`;
  throw new OutsideFault(service, problem, { status: reply.status, cause: parsed?.error });
}
