import type { Queryable } from '../pool';

interface UndoFailure {
  readonly orderId: string;
  readonly kind: 'void_failed' | 'booking_void_failed';
  readonly docType: 'payment' | 'shipment';
}

/** Opens an incident for an undo that has been failing since longer than `incidentAfter`; counts further failures. */
export async function noteUndoFailure(db: Queryable, failure: UndoFailure): Promise<void> {
  await db.query(
    `insert into oms.incidents (kind, order_id, doc_type, doc_id, detail, attempts)
     select $2::text, o.id, $3::text, o.id::text, 'taking it back fails and is tried again', 1
     from oms.orders o
     where o.id = $1::uuid and o.phase = 'cancel' and now() >= o.wait_since + coalesce(
       (select (p.value #>> '{}')::interval from oms.policies p where p.key = 'incidentAfter'), interval '5 minutes')
     on conflict (kind, doc_type, doc_id) where status = 'open' do update set attempts = oms.incidents.attempts + 1`,
    [failure.orderId, failure.kind, failure.docType],
  );
}

/** Closes the incident of an undo that has succeeded after all. */
export async function resolveUndoFailure(db: Queryable, failure: UndoFailure): Promise<void> {
  await db.query(
    `update oms.incidents set status = 'resolved', resolved_at = now()
     where kind = $2::text and doc_type = $3::text and doc_id = $1::text and status = 'open'`,
    [failure.orderId, failure.kind, failure.docType],
  );
}

/** Opens an incident for a webhook that cannot be applied: a person must look at it. Once per webhook. */
export async function openUnmatched(
  db: Queryable,
  webhook: { readonly orderId: string | null; readonly docId: string; readonly detail: string },
): Promise<void> {
  await db.query(
    `insert into oms.incidents (kind, order_id, doc_type, doc_id, detail)
     values ('webhook_unmatched', $1::uuid, 'webhook', $2::text, $3::text)
     on conflict (kind, doc_type, doc_id) where status = 'open' do nothing`,
    [webhook.orderId, webhook.docId, webhook.detail],
  );
}

/** Opens the incident of a dispute; once while it is open. */
export async function openDisputeIncident(
  db: Queryable,
  dispute: { readonly orderId: string; readonly disputeId: string; readonly detail: string },
): Promise<void> {
  await db.query(
    `insert into oms.incidents (kind, order_id, doc_type, doc_id, detail)
     values ('dispute_opened', $1::uuid, 'dispute', $2::text, $3::text)
     on conflict (kind, doc_type, doc_id) where status = 'open' do nothing`,
    [dispute.orderId, dispute.disputeId, dispute.detail],
  );
}

/** Closes the incident of a dispute that has ended. */
export async function resolveDisputeIncident(db: Queryable, disputeId: string): Promise<void> {
  await db.query(
    `update oms.incidents set status = 'resolved', resolved_at = now()
     where kind = 'dispute_opened' and doc_type = 'dispute' and doc_id = $1::text and status = 'open'`,
    [disputeId],
  );
}
