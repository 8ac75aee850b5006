import { z } from 'zod';

import { Id, Name, Timestamp, TimestampIn } from './common';

const Scope = z
  .string()
  .regex(/^(?:admin|[a-z-]{1,50}:[a-z-]{1,50})$/, 'is not a scope')
  .meta({ description: '`<component>:read`, `<component>:write`, a command’s own, or `admin`' });

export const CreateApiKey = z
  .strictObject({
    name: Name,
    scopes: z.array(Scope).min(1).max(100),
    expiresAt: TimestampIn.nullish(),
  })
  .meta({ id: 'CreateApiKey' });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

/** A key as it is listed: never the key, only the part that finds it. */
export const ApiKey = z
  .object({
    id: Id,
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.string()),
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
    revokedAt: Timestamp.nullable(),
    lastUsedAt: Timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

/** The one answer with the key in it; null when the answer is a repeat by Idempotency-Key. */
export const CreatedApiKey = z
  .object({
    id: Id,
    key: z.string().nullable(),
    scopes: z.array(z.string()),
    name: z.string(),
    prefix: z.string(),
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
  })
  .meta({ id: 'CreatedApiKey' });
