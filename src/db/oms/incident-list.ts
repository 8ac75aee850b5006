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
  /** What a person wrote who resolved it. */
  readonly note: string | null;
  readonly resolvedBy: string | null;
}

const COLUMNS = `id, kind, status, order_id as "orderId", doc_type as "docType", doc_id as "docId", detail, attempts,
  opened_at as "openedAt", resolved_at as "resolvedAt", note, resolved_by as "resolvedBy"`;

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
    `select ${COLUMNS} from oms.incidents
     where ($2::uuid is null or id < $2::uuid) and ($3::text is null or status = $3::text)
       and ($4::text is null or kind = $4::text) and ($5::uuid is null or order_id = $5::uuid)
     order by id desc
     limit $1::integer`,
    [filter.limit, filter.after, filter.status, filter.kind, filter.orderId],
  );
  return rows;
}

/** One incident; null when there is none. */
export async function findIncident(db: Queryable, id: string): Promise<IncidentRow | null> {
  const { rows } = await db.query<IncidentRow & Record<string, unknown>>(
    `select ${COLUMNS} from oms.incidents where id = $1::uuid`,
    [id],
  );
  return rows[0] ?? null;
}

/** Counts a try by hand; answers with how many there were. */
export async function noteIncidentTried(db: Queryable, id: string): Promise<number> {
  const { rows } = await db.query<{ attempts: number }>(
    `update oms.incidents set attempts = attempts + 1 where id = $1::uuid and status = 'open' returning attempts`,
    [id],
  );
  return rows[0]?.attempts ?? 0;
}

/** Ends an incident by hand; one that is resolved stays as it is. */
export async function resolveIncident(
  db: Queryable,
  id: string,
  { note, by }: { readonly note: string; readonly by: string },
): Promise<void> {
  await db.query(
    `update oms.incidents set status = 'resolved', resolved_at = now(), note = $2::text, resolved_by = $3::text
     where id = $1::uuid and status = 'open'`,
    [id, note, by],
  );
}
