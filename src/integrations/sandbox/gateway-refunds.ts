import type { Router } from 'express';
import { z } from 'zod';
import type { Books } from './books';
import { parseBody, Problem, readParam } from './problem';
import type { GatewayEntry } from './records';
import { paymentWebhook } from './webhook-messages';

const Reverse = z.object({ code: z.string().max(100).default('account_closed') });

function toAnswer({ id, intentId, status, amountMinor, currency, reference, at }: GatewayEntry) {
  return { id, intentId, status, amountMinor, currency, reference, at };
}

/** The customer's bank sends a refund back: `reversed` in the books and told by webhook. Again it changes nothing. */
export function addReversals(router: Router, books: Books): void {
  router.post('/refunds/:refundId/reverse', async (req, res) => {
    const { code } = parseBody(Reverse, req.body ?? {});
    const entry = books.gateway.findById(readParam(req, 'refundId'));
    if (entry?.kind !== 'refund')
      throw new Problem(404, 'unknown_refund', 'There is no such refund');
    if (entry.status !== 'succeeded' && entry.status !== 'reversed')
      throw new Problem(409, 'not_refunded', `The refund is ${entry.status}`);
    const reversed = { ...entry, status: 'reversed' as const, code };
    if (entry.status === 'succeeded') {
      const { id, amountMinor } = entry;
      await books.write(
        { type: 'gateway.settled', id, status: 'reversed', code, amountMinor },
        { type: 'webhook.queued', webhook: paymentWebhook('refund.reversed', reversed) },
      );
    }
    res.json({ refund: toAnswer(reversed) });
  });
}
