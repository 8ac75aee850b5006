import type { Queryable } from '../pool';

export interface IncidentRow {
  readonly id: string;
  readonly kind: string;
  readonly status: 'open' | 'resolved';
  readonly orderId: string | null;
  readonly docType: string;
  readonly docId: string;
  readonly detail: string;
  readonly attempts: number;
  readonly openedAt: Date;
  readonly resolvedAt: Date | null;
}

export interface IncidentFilter {
  readonly limit: number;
  readonly after: string | null;
  readonly status: string | null;
  readonly kind: string | null;
  readonly orderId: string | null;
}

/** Newest first. */
export async function listIncidents(db: Queryable, filter: IncidentFilter): Promise<IncidentRow[]> {
  const { rows } = await db.query<IncidentRow>(
    `select id, kind, status, order_id as "orderId", doc_type as "docType", doc_id as "docId", detail, attempts,
       opened_at as "openedAt", resolved_at as "resolvedAt"
     from oms.incidents
     where ($2::uuid is null or id < $2::uuid) and ($3::text is null or status = $3::text)
       and ($4::text is null or kind = $4::text) and ($5::uuid is null or order_id = $5::uuid)
     order by id desc
     limit $1::integer`,
    [filter.limit, filter.after, filter.status, filter.kind, filter.orderId],
  );
  return rows;
}
