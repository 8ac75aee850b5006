import { randomUUID } from 'node:crypto';

import type { NextFunction, Request, Response } from 'express';

const HEADER = 'X-Request-Id';
const ACCEPTABLE = /^[A-Za-z0-9_-]{1,64}$/;

/** Takes the caller's request id, or makes one, and echoes it. */
export function takeRequestId(req: Request, res: Response, next: NextFunction): void {
  const given = req.get(HEADER);
  res.set(HEADER, given !== undefined && ACCEPTABLE.test(given) ? given : randomUUID());
  next();
}

/** The id that `takeRequestId` gave this exchange. */
export function requestIdOf(res: Response): string {
  return res.get(HEADER) ?? '';
}
