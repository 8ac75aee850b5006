import { Router } from 'express';
import { z } from 'zod';
import type { Books } from './books';
import { beginFaultyCall, delayIfSlow } from './faults';
import { newId, nowIso, toFingerprint } from './ids';
import { parseBody, Problem, readQuery } from './problem';
import type { Sms } from './records';

const SendSms = z.object({
  to: z.string().regex(/^\+?[0-9]{3,20}$/),
  from: z.string().max(50).default('Throughline'),
  text: z.string().min(1).max(2_000),
  reference: z.string().max(200).nullish(),
});

function isFor(to: string | null, item: { readonly to: string }): boolean {
  return to === null || item.to.toLowerCase() === to.toLowerCase();
}

function fingerprintOf({ to, from, text, reference }: Sms): string {
  return toFingerprint(to, from, text, reference);
}

/** What has arrived by mail and SMS, oldest first, and the SMS endpoint. */
export function createMessageRoutes(books: Books): Router {
  const router = Router();

  router.get('/mail', async (req, res) => {
    await books.settled();
    const to = readQuery(req, 'to');
    res.json({ items: books.mails.filter((mail) => isFor(to, mail)) });
  });

  router.get('/sms', async (req, res) => {
    await books.settled();
    const to = readQuery(req, 'to');
    // Unescaped, the plus sign of a number arrives as a blank.
    const number = to?.replace(/^ /, '+') ?? null;
    res.json({ items: books.sms.filter((sms) => isFor(number, sms)) });
  });

  router.post('/sms', async (req, res) => {
    const { to, from, text, reference } = parseBody(SendSms, req.body);
    const key = req.get('idempotency-key') ?? null;
    const target = { service: 'sms', operation: 'message', key } as const;
    const call = await beginFaultyCall(books, target, { req, res });
    if (!call) return;
    await delayIfSlow(call.fault);
    const sms: Sms = {
      ...{ id: newId('sms'), to, from, text, reference: reference ?? null },
      ...{ idempotencyKey: key, at: nowIso() },
    };
    const known = key === null ? undefined : books.sms.find((s) => s.idempotencyKey === key);
    if (known && fingerprintOf(known) !== fingerprintOf(sms)) {
      throw new Problem(409, 'idempotency_key_reused', 'The key belongs to another message');
    }
    if (!known) await books.write({ type: 'sms.received', sms });
    call.answer(201, { sms: known ?? sms });
  });

  return router;
}
