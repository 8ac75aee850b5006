import { z } from 'zod';

import type { InboxEvent } from '../db/oms/inbox';
import { markShareReversed } from '../db/oms/open-refund';
import { insertWorkflowWake } from '../db/oms/wakes';
import type { Queryable } from '../db/pool';
import type { Applied } from './inbox-applied';

const Reversal = z.looseObject({ data: z.looseObject({ idempotencyKey: z.string() }) });

/** The gateway took a refund back: its part is marked, and the refund's own workflow books what that means. */
export async function applyRefundReversed(tx: Queryable, event: InboxEvent): Promise<Applied> {
  const parsed = Reversal.safeParse(event.body);
  if (!parsed.success) return { kind: 'settled', result: 'parked', reason: 'not a refund report' };
  const share = await markShareReversed(tx, parsed.data.data.idempotencyKey);
  if (share === null) return { kind: 'postponed', reason: 'no such refund has succeeded yet' };
  await insertWorkflowWake(tx, `refund/${share.refundId}`, 'refund_reversed', event.eventId);
  return { kind: 'settled', result: 'applied' };
}
