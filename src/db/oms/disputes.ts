import { type DisputeStatus, isClosed } from '../../domain/dispute';
import type { Queryable } from '../pool';

/** A dispute as its provider tells of it. */
export interface ReportedDispute {
  readonly orderId: string;
  readonly paymentId: string;
  readonly provider: string;
  /** Its id at the provider. */
  readonly reference: string;
  readonly amountMinor: number;
  readonly feeMinor: number;
  readonly currency: string;
  readonly reason: string;
  readonly status: DisputeStatus;
  /** When this was said. */
  readonly at: string;
  readonly openedAt: string;
  readonly evidenceDueBy: string | null;
  /** Of the webhook that said it. */
  readonly requestId: string | null;
}

export interface KnownDispute {
  readonly id: string;
  readonly status: DisputeStatus;
  readonly at: string;
}

/** Keeps a dispute that was not known; null: it is known already. */
export async function insertDispute(
  tx: Queryable,
  dispute: ReportedDispute,
): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into oms.disputes (order_id, payment_id, provider, reference, amount_minor, fee_minor, currency, reason,
       status, reported_at, opened_at, evidence_due_by, closed_at, request_id)
     values ($1::uuid, $2::uuid, $3::text, $4::text, $5::bigint, $6::bigint, $7::text, $8::text, $9::text,
       $10::timestamptz, $11::timestamptz, $12::timestamptz, case when $13::boolean then $10::timestamptz end,
       $14::text)
     on conflict (provider, reference) do nothing returning id`,
    [
      dispute.orderId,
      dispute.paymentId,
      dispute.provider,
      dispute.reference,
      dispute.amountMinor,
      dispute.feeMinor,
      dispute.currency,
      dispute.reason,
      dispute.status,
      dispute.at,
      dispute.openedAt,
      dispute.evidenceDueBy,
      isClosed(dispute.status),
      dispute.requestId,
    ],
  );
  return rows[0]?.id ?? null;
}

/** Locks a dispute by its provider's id. */
export async function lockReportedDispute(
  tx: Queryable,
  provider: string,
  reference: string,
): Promise<KnownDispute | null> {
  const { rows } = await tx.query<KnownDispute & Record<string, unknown>>(
    `select id, status, oms.iso(reported_at) as at from oms.disputes
     where provider = $1::text and reference = $2::text for update`,
    [provider, reference],
  );
  return rows[0] ?? null;
}

/** Takes a report over in place of the one that counted so far. Who acted stays named while the status does. */
export async function replaceReport(
  tx: Queryable,
  disputeId: string,
  dispute: ReportedDispute,
): Promise<void> {
  await tx.query(
    `update oms.disputes set status = $2::text, reported_at = $3::timestamptz, reason = $4::text,
       amount_minor = greatest($5::bigint, reserved_minor), evidence_due_by = coalesce($6::timestamptz, evidence_due_by),
       closed_at = case when $7::boolean then $3::timestamptz end, request_id = $8::text, updated_at = now(),
       acted_by_type = case when status = $2::text then acted_by_type end,
       acted_by = case when status = $2::text then acted_by end
     where id = $1::uuid`,
    [
      disputeId,
      dispute.status,
      dispute.at,
      dispute.reason,
      dispute.amountMinor,
      dispute.evidenceDueBy,
      isClosed(dispute.status),
      dispute.requestId,
    ],
  );
}

/** What every report adds, whether it counts or not: the fee only grows, the beginning is the earliest. */
export async function mergeReport(
  tx: Queryable,
  disputeId: string,
  { feeMinor, openedAt }: Pick<ReportedDispute, 'feeMinor' | 'openedAt'>,
): Promise<void> {
  await tx.query(
    `update oms.disputes set fee_minor = greatest(fee_minor, $2::bigint), opened_at = least(opened_at, $3::timestamptz)
     where id = $1::uuid and (fee_minor < $2::bigint or opened_at > $3::timestamptz)`,
    [disputeId, feeMinor, openedAt],
  );
}

/** A person's action on a dispute: guarded by the status it was decided on; false: it has changed meanwhile. */
export async function actOnDispute(
  tx: Queryable,
  act: {
    readonly disputeId: string;
    readonly from: DisputeStatus;
    readonly to: DisputeStatus;
    readonly text: string;
    readonly actor: { readonly type: string; readonly id: string };
    readonly requestId: string;
  },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update oms.disputes set status = $3::text, response = $4::text, acted_by_type = $5::text, acted_by = $6::text,
       request_id = $7::text, reported_at = greatest(now(), reported_at),
       closed_at = case when $3::text = 'lost' then now() end, updated_at = now()
     where id = $1::uuid and status = $2::text`,
    [act.disputeId, act.from, act.to, act.text, act.actor.type, act.actor.id, act.requestId],
  );
  return rowCount === 1;
}

/** What a person of ours said of a dispute; null: nobody did. */
export async function findDisputeToTell(
  db: Queryable,
  disputeId: string,
): Promise<{
  readonly provider: string;
  readonly reference: string;
  readonly text: string;
} | null> {
  const { rows } = await db.query<{ provider: string; reference: string; text: string }>(
    `select provider, reference, response as text from oms.disputes
     where id = $1::uuid and response is not null and (acted_by is not null or status <> 'lost')`,
    [disputeId],
  );
  return rows[0] ?? null;
}

/** A dispute whose order has not made the dispute's status its own yet. */
export interface UnrecordedDispute {
  readonly id: string;
  readonly paymentId: string;
  readonly provider: string;
  readonly reason: string;
  readonly amountMinor: number;
  readonly status: DisputeStatus;
  readonly recordedStatus: DisputeStatus | null;
  readonly holdId: string | null;
  readonly actedByType: string | null;
  readonly actedBy: string | null;
  readonly requestId: string | null;
}

/** The oldest dispute of an order that waits to be recorded, locked. The order's row must be locked first. */
export async function lockUnrecordedDispute(
  tx: Queryable,
  orderId: string,
): Promise<UnrecordedDispute | null> {
  const { rows } = await tx.query<UnrecordedDispute & Record<string, unknown>>(
    `select id, payment_id as "paymentId", provider, reason, amount_minor as "amountMinor", status,
       recorded_status as "recordedStatus", hold_id as "holdId", acted_by_type as "actedByType", acted_by as "actedBy",
       request_id as "requestId"
     from oms.disputes where order_id = $1::uuid and recorded_status is distinct from status
     order by id limit 1 for update`,
    [orderId],
  );
  return rows[0] ?? null;
}

/** Ends the recording of one status. */
export async function markRecorded(
  tx: Queryable,
  disputeId: string,
  { status, holdId }: { readonly status: DisputeStatus; readonly holdId: string | null },
): Promise<void> {
  await tx.query(
    `update oms.disputes set recorded_status = $2::text, hold_id = coalesce($3::uuid, hold_id), updated_at = now()
     where id = $1::uuid`,
    [disputeId, status, holdId],
  );
}
