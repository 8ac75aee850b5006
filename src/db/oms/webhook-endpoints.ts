import type { Queryable } from '../pool';

export interface EndpointRow {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string | null;
  readonly status: 'active' | 'disabled';
  readonly disabledReason: 'by_request' | 'gone' | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

type Row = EndpointRow & Record<string, unknown>;

/** Never the secrets: they leave the store only to sign. */
const COLUMNS = `id, url, events, description, status, disabled_reason as "disabledReason", created_at as "createdAt",
  updated_at as "updatedAt"`;

export interface NewEndpoint {
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string | null;
  readonly secret: string;
}

export async function insertEndpoint(db: Queryable, endpoint: NewEndpoint): Promise<EndpointRow> {
  const { rows } = await db.query<Row>(
    `insert into oms.webhook_endpoints (url, events, description, secret)
     values ($1::text, $2::text[], $3::text, $4::text) returning ${COLUMNS}`,
    [endpoint.url, endpoint.events, endpoint.description, endpoint.secret],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('an insert returned no row');
  return row;
}

/** Newest first, without deleted ones. */
export async function listEndpoints(
  db: Queryable,
  filter: { readonly status: string | null },
  page: { readonly limit: number; readonly after: string | null },
): Promise<EndpointRow[]> {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from oms.webhook_endpoints
     where deleted_at is null and ($1::text is null or status = $1) and ($2::uuid is null or id < $2)
     order by id desc limit $3::integer`,
    [filter.status, page.after, page.limit],
  );
  return rows;
}

/** Null: there is none, or it was deleted. */
export async function findEndpoint(db: Queryable, id: string): Promise<EndpointRow | null> {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from oms.webhook_endpoints where id = $1::uuid and deleted_at is null`,
    [id],
  );
  return rows[0] ?? null;
}

export interface EndpointChange {
  readonly url?: string | undefined;
  readonly events?: readonly string[] | undefined;
  /** Null takes it away. */
  readonly description?: string | null | undefined;
  readonly status?: 'active' | 'disabled' | undefined;
}

/** Changes what is given. Announcements from now on follow it; null where there is no such endpoint. May run twice. */
export async function changeEndpoint(
  db: Queryable,
  id: string,
  change: EndpointChange,
): Promise<EndpointRow | null> {
  const { rows } = await db.query<Row>(
    `update oms.webhook_endpoints e set url = coalesce($2::text, e.url), events = coalesce($3::text[], e.events),
       description = case when $4::boolean then $5::text else e.description end,
       status = coalesce($6::text, e.status),
       disabled_reason = case coalesce($6::text, e.status) when 'active' then null
         else coalesce(e.disabled_reason, 'by_request') end,
       matching_since = case
         when $3::text[] is not null or ($6::text = 'active' and e.status <> 'active') then clock_timestamp()
         else e.matching_since end,
       updated_at = now()
     where id = $1::uuid and deleted_at is null returning ${COLUMNS}`,
    [
      id,
      change.url ?? null,
      change.events ?? null,
      change.description !== undefined,
      change.description ?? null,
      change.status ?? null,
    ],
  );
  return rows[0] ?? null;
}

/** A new secret signs from now on, the one before it as well until `overlap` (ISO 8601) is over. */
export async function rotateSecret(
  db: Queryable,
  id: string,
  rotation: { readonly secret: string; readonly overlap: string },
): Promise<EndpointRow | null> {
  const { rows } = await db.query<Row>(
    `update oms.webhook_endpoints set previous_secret = secret, previous_secret_until = now() + $3::interval,
       secret = $2::text, updated_at = now()
     where id = $1::uuid and deleted_at is null returning ${COLUMNS}`,
    [id, rotation.secret, rotation.overlap],
  );
  return rows[0] ?? null;
}

/** Its deliveries stay to be looked at, its secrets do not. False: there is no such endpoint. */
export async function deleteEndpoint(tx: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update oms.webhook_endpoints set deleted_at = now(), updated_at = now(), status = 'disabled', secret = null,
       disabled_reason = coalesce(disabled_reason, 'by_request'), previous_secret = null, previous_secret_until = null
     where id = $1::uuid and deleted_at is null`,
    [id],
  );
  return rowCount === 1;
}

/** The endpoint has said (410) that it wants no more. */
export async function disableGoneEndpoint(tx: Queryable, id: string): Promise<void> {
  await tx.query(
    `update oms.webhook_endpoints set status = 'disabled', disabled_reason = 'gone', updated_at = now()
     where id = $1::uuid and status = 'active'`,
    [id],
  );
}
