import { z } from 'zod';

import { Id } from './common';

/** A command that goes on by itself after its answer. */
export const Operation = z
  .object({
    id: Id,
    kind: z.string(),
    status: z.enum(['running', 'done', 'failed']),
    result: z.unknown().optional(),
  })
  .meta({ id: 'Operation' });
export type Operation = z.infer<typeof Operation>;

/** Body of a 202: a worker has taken the command and will end it. */
export const AcceptedOperation = z
  .object({ operationId: Id, statusUrl: z.string() })
  .meta({ id: 'AcceptedOperation' });
export type AcceptedOperation = z.infer<typeof AcceptedOperation>;
