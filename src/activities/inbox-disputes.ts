import { z } from 'zod';

import {
  insertDispute,
  lockReportedDispute,
  mergeReport,
  type ReportedDispute,
  replaceReport,
} from '../db/oms/disputes';
import type { InboxEvent } from '../db/oms/inbox';
import { findCardPayment } from '../db/oms/payment-lookups';
import { insertWake } from '../db/oms/wakes';
import type { Queryable } from '../db/pool';
import { DISPUTE_STATUSES, supersedes } from '../domain/dispute';
import type { Applied } from './inbox-applied';

const time = z.iso.datetime({ offset: true });

const SandboxDispute = z.looseObject({
  data: z.looseObject({
    disputeId: z.string().min(1).max(200),
    intentId: z.string(),
    amountMinor: z.int().min(0),
    feeMinor: z.int().min(0).default(0),
    currency: z.string(),
    reason: z.string().max(200),
    status: z.enum(DISPUTE_STATUSES),
    occurredAt: time,
    openedAt: time,
    evidenceDueBy: time.nullable().default(null),
  }),
});

/** A dispute that the sandbox gateway tells of. */
export async function applySandboxDispute(tx: Queryable, event: InboxEvent): Promise<Applied> {
  const parsed = SandboxDispute.safeParse(event.body);
  if (!parsed.success) return { kind: 'settled', result: 'parked', reason: 'not a dispute report' };
  const { disputeId, intentId, occurredAt, ...dispute } = parsed.data.data;
  const payment = await findCardPayment(tx, { provider: 'sandbox', reference: intentId });
  if (payment === null) return { kind: 'postponed', reason: 'no such payment yet' };
  return keepDispute(tx, event, {
    ...{ ...payment, provider: 'sandbox', reference: disputeId, at: occurredAt },
    ...{ amountMinor: dispute.amountMinor, feeMinor: dispute.feeMinor, currency: dispute.currency },
    ...{ reason: dispute.reason, status: dispute.status, openedAt: dispute.openedAt },
    ...{ evidenceDueBy: dispute.evidenceDueBy, requestId: event.requestId },
  });
}

/**
 * Keeps what was said of a dispute, whatever the order of arrival, and wakes the order: its own step makes of it what
 * is to be made. A report that is older than the one that counts changes nothing.
 */
export async function keepDispute(
  tx: Queryable,
  { eventId }: InboxEvent,
  dispute: ReportedDispute,
): Promise<Applied> {
  if ((await insertDispute(tx, dispute)) === null) {
    const known = await lockReportedDispute(tx, dispute.provider, dispute.reference);
    if (known === null) throw new Error('a dispute that is known is not there');
    await mergeReport(tx, known.id, dispute);
    if (!supersedes(dispute, known)) return { kind: 'settled', result: 'superseded' };
    await replaceReport(tx, known.id, dispute);
  }
  await insertWake(tx, dispute.orderId, 'dispute_reported', eventId);
  return { kind: 'settled', result: 'applied' };
}
