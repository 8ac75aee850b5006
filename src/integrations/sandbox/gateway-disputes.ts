import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import type { Books } from './books';
import { newId, nowIso } from './ids';
import { parseBody, Problem, readParam } from './problem';
import type { GatewayEntry } from './records';
import { disputeWebhook } from './webhook-messages';

const Dispute = z.object({
  intentId: z.string(),
  amountMinor: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
  reason: z.string().min(1).max(200).default('fraudulent'),
  status: z.enum(['needs_response', 'warning_needs_response']).default('needs_response'),
});

/** What a dispute's status is to the gateway's callers; the books only know `pending`, `won` and `lost`. */
function statusOf({ status, letter }: GatewayEntry): string {
  if (status === 'pending') return letter ?? 'needs_response';
  return status === 'won' && letter === 'warning_needs_response' ? 'warning_closed' : status;
}

function toAnswer(entry: GatewayEntry) {
  const { id, intentId, amountMinor, currency, reference, at, code } = entry;
  return {
    id,
    intentId,
    amountMinor,
    currency,
    reference,
    reason: code,
    status: statusOf(entry),
    at,
  };
}

/** Disputes as the customer's bank opens and decides them; each change is told by webhook. */
export function addDisputes(router: Router, books: Books): void {
  router.post('/disputes', async (req, res) => {
    const { intentId, amountMinor, reason, status } = parseBody(Dispute, req.body);
    const intent = books.gateway.findIntent(intentId);
    if (!intent) throw new Problem(404, 'unknown_intent', 'There is no such intent');
    if (intent.capturedMinor === 0) throw new Problem(422, 'nothing_captured', 'Nothing captured');
    const id = newId('dsp');
    const entry: GatewayEntry = {
      ...intent.authorization,
      id,
      kind: 'dispute',
      status: 'pending',
      amountMinor: amountMinor ?? intent.capturedMinor - intent.refundedMinor,
      idempotencyKey: req.get('idempotency-key') ?? id,
      at: nowIso(),
      code: reason,
      expiresAt: null,
      needsAction: false,
      token: null,
      fingerprint: '',
      letter: status,
    };
    await books.write(
      { type: 'gateway.opened', entry },
      { type: 'webhook.queued', webhook: disputeWebhook('dispute.opened', entry, status) },
    );
    res.status(201).json({ dispute: toAnswer(entry) });
  });

  /** The bank decides; the same decision again changes nothing, the other one is refused. */
  async function decide(status: 'won' | 'lost', req: Request, res: Response): Promise<void> {
    const entry = books.gateway.findById(readParam(req, 'disputeId'));
    if (entry?.kind !== 'dispute')
      throw new Problem(404, 'unknown_dispute', 'There is no such dispute');
    if (entry.status !== 'pending' && entry.status !== status)
      throw new Problem(409, 'dispute_closed', `The dispute is ${entry.status}`);
    const decided = { ...entry, status };
    if (entry.status === 'pending') {
      const { id, amountMinor, code } = entry;
      await books.write(
        { type: 'gateway.settled', id, status, amountMinor, code },
        {
          type: 'webhook.queued',
          webhook: disputeWebhook('dispute.closed', decided, statusOf(decided)),
        },
      );
    }
    res.json({ dispute: toAnswer(decided) });
  }
  router.post('/disputes/:disputeId/won', (req, res) => decide('won', req, res));
  router.post('/disputes/:disputeId/lost', (req, res) => decide('lost', req, res));
}
