import { z } from 'zod';

import type { SandboxBooks } from './types';

const Books = z.object({
  gateway: z.object({
    entries: z.array(
      z.object({
        id: z.string(),
        intentId: z.string(),
        kind: z.string(),
        status: z.string(),
        amountMinor: z.number(),
        currency: z.string(),
        reference: z.string(),
        idempotencyKey: z.string(),
      }),
    ),
  }),
  carrier: z.object({
    shipments: z.array(
      z.object({
        trackingNo: z.string(),
        kind: z.string(),
        reference: z.string(),
        idempotencyKey: z.string(),
        handedOverAt: z.string().nullable(),
        voidedAt: z.string().nullable(),
      }),
    ),
  }),
  mail: z.object({
    items: z.array(
      z.object({ id: z.string(), to: z.string(), headers: z.record(z.string(), z.string()) }),
    ),
  }),
  webhooks: z.object({
    items: z.array(
      z.object({ id: z.string(), lane: z.string(), path: z.string(), status: z.string() }),
    ),
  }),
});

/** The sandbox's books as they are now; mails without their bodies. */
export async function fetchBooks(sandboxUrl: string): Promise<SandboxBooks> {
  const response = await fetch(`${sandboxUrl}/books?bodies=false`, {
    signal: AbortSignal.timeout(60_000),
  });
  if (!response.ok)
    throw new Error(`the sandbox answered ${String(response.status)} for its books`);
  const books = Books.parse(await response.json());
  return {
    gateway: books.gateway.entries,
    shipments: books.carrier.shipments,
    mails: books.mail.items,
    webhooks: books.webhooks.items,
  };
}
