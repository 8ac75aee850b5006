import type { NextFunction, Request, Response } from 'express';
import type { z } from 'zod';
import type { Logger } from '../../platform/logger';

/** An answer other than success, as problem+json. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** Reads a request body, or throws a 422 that names the field. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ');
  throw new Problem(422, 'validation_failed', detail);
}

/** The `Idempotency-Key` header, or throws a 422. */
export function requireIdempotencyKey(req: Request): string {
  const key = req.get('idempotency-key');
  if (!key || key.length > 200) {
    throw new Problem(422, 'idempotency_key_missing', 'Idempotency-Key: 1 to 200 characters');
  }
  return key;
}

/** A query parameter given once, or null. */
export function readQuery(req: Request, name: string): string | null {
  const value = req.query[name];
  return typeof value === 'string' ? value : null;
}

/** A path parameter; empty where the route has none. */
export function readParam(req: Request, name: string): string {
  const value = req.params[name];
  return typeof value === 'string' ? value : '';
}

function toProblem(err: unknown): Problem | null {
  if (err instanceof Problem) return err;
  // What express.json throws: malformed JSON, too large, wrong charset.
  if (err instanceof Error && 'status' in err && typeof err.status === 'number') {
    return new Problem(err.status, 'bad_request', 'The request cannot be read');
  }
  return null;
}

/** Express error handler: problems become their answer, anything else a logged 500. */
export function createErrorHandler(logger: Logger) {
  return (err: unknown, _req: Request, res: Response, next: NextFunction): void => {
    if (res.headersSent) {
      next(err);
      return;
    }
    const problem = toProblem(err);
    if (!problem) logger.error({ err }, 'sandbox request failed');
    const { status, code, message } = problem ?? new Problem(500, 'internal', 'Internal error');
    res.status(status).type('application/problem+json');
    res.json({ type: 'about:blank', title: code, status, code, detail: message });
  };
}
