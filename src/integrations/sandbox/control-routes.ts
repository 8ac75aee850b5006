import { Router } from 'express';
import { z } from 'zod';
import type { Books } from './books';
import { toShownShipment } from './carrier-routes';
import { toBookEntries } from './gateway-routes';
import { parseBody, readParam } from './problem';
import { Fault, FaultService, type Mail } from './records';

const SetFault = z.object({
  mode: z.enum([...Fault.shape.mode.options, 'none']),
  ms: z.number().int().min(0).max(3_600_000).nullish(),
  times: z.number().int().min(1).nullish(),
  only: z.array(z.string()).min(1).nullish(),
});

function withoutBody({ text: _text, html: _html, ...mail }: Mail) {
  return mail;
}

/** Faults, the whole of the books, and health. */
export function createControlRoutes(books: Books): Router {
  const router = Router();

  router.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' });
  });

  router.get('/faults', (_req, res) => {
    res.json(books.faults.current());
  });

  router.put('/faults/:service', async (req, res) => {
    const service = parseBody(FaultService, readParam(req, 'service'));
    const { mode, ms, times, only } = parseBody(SetFault, req.body);
    const details = { ms: ms ?? null, times: times ?? null, only: only ?? null };
    const fault = mode === 'none' ? null : { mode, ...details };
    await books.write({ type: 'fault.set', service, fault });
    res.json({ service, mode, ...details });
  });

  router.get('/books', async (req, res) => {
    await books.settled();
    // Auditors compare headers; the bodies of ten thousand mails are too much for one answer.
    const isBodiless = req.query['bodies'] === 'false';
    res.json({
      gateway: { entries: toBookEntries(books.gateway) },
      carrier: { shipments: books.carrier.shipments().map(toShownShipment) },
      mail: { items: isBodiless ? books.mails.map(withoutBody) : books.mails },
      sms: { items: books.sms },
      storefront: { orders: [...books.storefront.values()].map(({ id, at }) => ({ id, at })) },
      webhooks: { items: books.webhooks.summaries() },
      faults: { current: books.faults.current(), injected: books.faults.injected() },
    });
  });

  return router;
}
