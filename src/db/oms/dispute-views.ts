import type { Dispute } from '../../contracts/disputes';
import { disputeActions } from '../../domain/dispute';
import type { Queryable } from '../pool';

type Stored = Omit<Dispute, 'allowedActions'>;

const DISPUTE_JSON = `jsonb_build_object('id', d.id, 'orderId', d.order_id, 'paymentId', d.payment_id,
    'provider', d.provider, 'reference', d.reference, 'amountMinor', d.amount_minor, 'feeMinor', d.fee_minor,
    'reservedMinor', d.reserved_minor, 'currency', d.currency, 'reason', d.reason, 'status', d.status,
    'response', d.response, 'evidenceDueBy', oms.iso(d.evidence_due_by), 'openedAt', oms.iso(d.opened_at),
    'closedAt', oms.iso(d.closed_at))`;

function toDispute(stored: Stored): Dispute {
  return { ...stored, allowedActions: disputeActions(stored.status) };
}

/** One dispute as callers see it; null when there is none. */
export async function findDispute(db: Queryable, id: string): Promise<Dispute | null> {
  const { rows } = await db.query<{ document: Stored }>(
    `select ${DISPUTE_JSON} as document from oms.disputes d where d.id = $1::uuid`,
    [id],
  );
  const stored = rows[0]?.document;
  return stored === undefined ? null : toDispute(stored);
}

export interface DisputeFilter {
  readonly limit: number;
  readonly after: string | null;
  readonly orderId: string | null;
  readonly status: string | null;
}

/** Newest first. */
export async function listDisputes(db: Queryable, filter: DisputeFilter): Promise<Dispute[]> {
  const { rows } = await db.query<{ document: Stored }>(
    `select ${DISPUTE_JSON} as document from oms.disputes d
     where ($2::uuid is null or d.id < $2::uuid) and ($3::uuid is null or d.order_id = $3::uuid)
       and ($4::text is null or d.status = $4::text)
     order by d.id desc limit $1::integer`,
    [filter.limit, filter.after, filter.orderId, filter.status],
  );
  return rows.map(({ document }) => toDispute(document));
}
