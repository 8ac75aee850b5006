import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Books } from './books';
import { beginFaultyCall, isCutOff } from './faults';
import { isExpired, type GatewayBook } from './gateway-book';
import type { GatewayDesk } from './gateway-desk';
import { addDisputes } from './gateway-disputes';
import { addReversals } from './gateway-refunds';
import { nowIso } from './ids';
import { parseBody, Problem, readParam, readQuery, requireIdempotencyKey } from './problem';
import type { GatewayEntry } from './records';
import { paymentWebhook } from './webhook-messages';

type Operation = 'authorization' | 'capture' | 'void' | 'refund';

const MAX_TTL_MS = 366 * 24 * 3600 * 1000;

const positiveMinor = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const currency = z.string().regex(/^[A-Z]{3}$/);

const Authorize = z.object({
  amountMinor: positiveMinor,
  currency,
  token: z.string().min(1).max(200),
  reference: z.string().min(1).max(200),
});
const Settle = z.object({ amountMinor: positiveMinor, currency });
const Void = z.object({ currency });
const Complete = z.object({ outcome: z.enum(['succeeded', 'failed']).default('succeeded') });
const Settings = z.object({
  authorizationTtlMs: z.number().int().positive().max(MAX_TTL_MS).nullable(),
});

/** As `GET /gateway/books` lists them. */
export function toBookEntries(book: GatewayBook) {
  return book.entries().map((entry) => toBookEntry(book, entry));
}

function toBookEntry(book: GatewayBook, entry: GatewayEntry) {
  const { id, intentId, kind, amountMinor, currency, reference, idempotencyKey, at, code } = entry;
  const money = { amountMinor, currency, reference, idempotencyKey, at, code };
  return { id, intentId, kind, status: toStatus(book, entry), ...money };
}

/** An authorisation's time runs out by itself. */
function toStatus(book: GatewayBook, { kind, intentId, status }: GatewayEntry) {
  const intent = kind === 'authorization' ? book.findIntent(intentId) : null;
  return intent !== null && isExpired(intent, nowIso()) ? ('expired' as const) : status;
}

/** As a request or a lookup is answered. */
function toAnswer(book: GatewayBook, entry: GatewayEntry) {
  const shown = toBookEntry(book, entry);
  const isWaiting = entry.status === 'pending' && entry.needsAction;
  const status = isWaiting ? ('action_required' as const) : shown.status;
  return { ...shown, status, expiresAt: entry.expiresAt };
}

function readOrder(operation: Operation, req: Request, idempotencyKey: string) {
  if (operation === 'authorization') {
    return { kind: operation, idempotencyKey, ...parseBody(Authorize, req.body) };
  }
  const intentId = readParam(req, 'intentId');
  const order = { kind: operation, idempotencyKey, intentId };
  if (operation === 'void') return { ...order, amountMinor: 0, ...parseBody(Void, req.body) };
  return { ...order, ...parseBody(Settle, req.body) };
}

/** What the port calls: each request is entered in the books before anything else happens to it. */
function addOperations(router: Router, books: Books, desk: GatewayDesk): void {
  async function serve(operation: Operation, req: Request, res: Response): Promise<void> {
    const key = requireIdempotencyKey(req);
    const order = readOrder(operation, req, key);
    const target = { service: 'gateway', operation, key } as const;
    const call = await beginFaultyCall(books, target, { req, res });
    if (!call) return;
    const isRepeated = books.gateway.findByKey(key) !== null;
    const entry =
      order.kind === 'authorization'
        ? await desk.authorize(order, call.fault)
        : await desk.settle(order, call.fault);
    // The charge is booked and its first caller never hears of it; asking again with the key tells.
    if (entry.token === 'tok_timeout_after_charge' && !isRepeated) return;
    call.answer(200, toAnswer(books.gateway, entry));
  }

  router.post('/authorizations', (req, res) => serve('authorization', req, res));
  router.post('/intents/:intentId/captures', (req, res) => serve('capture', req, res));
  router.post('/intents/:intentId/void', (req, res) => serve('void', req, res));
  router.post('/intents/:intentId/refunds', (req, res) => serve('refund', req, res));

  router.get('/operations', async (req, res) => {
    if (isCutOff(books, 'gateway', req)) return;
    await books.settled();
    const entry = books.gateway.findByKey(readQuery(req, 'idempotencyKey') ?? '');
    if (!entry) throw new Problem(404, 'not_found', 'No request had this key');
    res.json(toAnswer(books.gateway, entry));
  });
}

/** The customer's side: confirming an intent that asks for it. Doing it again changes nothing. */
function addIntents(router: Router, books: Books): void {
  router.post('/intents/:intentId/complete', async (req, res) => {
    const { outcome } = parseBody(Complete, req.body);
    const entry = books.gateway.findIntent(readParam(req, 'intentId'))?.authorization;
    if (!entry) throw new Problem(404, 'unknown_intent', 'There is no such intent');
    if (!entry.needsAction) {
      throw new Problem(409, 'no_action_required', 'This intent needs no action');
    }
    if (entry.status === 'pending') {
      const { id, amountMinor } = entry;
      const settlement =
        outcome === 'succeeded'
          ? { status: 'succeeded' as const, code: null }
          : { status: 'declined' as const, code: 'authentication_failed' };
      const type = outcome === 'succeeded' ? 'payment.completed' : 'payment.failed';
      const webhook = paymentWebhook(type, { ...entry, ...settlement });
      await books.write(
        { type: 'gateway.settled', id, amountMinor, ...settlement },
        { type: 'webhook.queued', webhook },
      );
    }
    res.json({ intent: toAnswer(books.gateway, books.gateway.findById(entry.id) ?? entry) });
  });
}

/** The payment gateway: what the port calls, the customer's confirmation, disputes, settings and the books. */
export function createGatewayRoutes(books: Books, desk: GatewayDesk): Router {
  const router = Router();
  addOperations(router, books, desk);
  addIntents(router, books);
  addDisputes(router, books);
  addReversals(router, books);
  router.get('/books', async (_req, res) => {
    await books.settled();
    res.json({ entries: toBookEntries(books.gateway) });
  });
  router.put('/settings', async (req, res) => {
    const { authorizationTtlMs } = parseBody(Settings, req.body);
    await books.write({ type: 'gateway.set', authorizationTtlMs });
    res.json({ authorizationTtlMs });
  });
  return router;
}
