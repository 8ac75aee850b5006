import type { Queryable } from '../pool';

export interface WebhookDeliveryRow {
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly type: string;
  readonly aggregate: string;
  readonly aggregateId: string;
  readonly seq: number;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
}

type Row = WebhookDeliveryRow & Record<string, unknown>;

const COLUMNS = `d.id, d.endpoint_id as "endpointId", d.event_id as "eventId", d.type, d.aggregate,
  d.aggregate_id as "aggregateId", d.seq, d.status, d.attempts, d.next_attempt_at as "nextAttemptAt",
  d.last_status as "lastStatus", d.last_error as "lastError", d.created_at as "createdAt",
  d.delivered_at as "deliveredAt"`;

export interface WebhookDeliveryFilter {
  readonly endpointId?: string | undefined;
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly aggregateId?: string | undefined;
}

/** Deliveries that match every filter, newest first; those of deleted endpoints too. */
export async function listWebhookDeliveries(
  db: Queryable,
  filter: WebhookDeliveryFilter,
  page: { readonly limit: number; readonly after: string | null },
): Promise<WebhookDeliveryRow[]> {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from oms.webhook_deliveries d
     where ($1::uuid is null or d.endpoint_id = $1) and ($2::text is null or d.status = $2)
       and ($3::text is null or d.type = $3) and ($4::uuid is null or d.aggregate_id = $4)
       and ($5::uuid is null or d.id < $5)
     order by d.id desc limit $6::integer`,
    [
      filter.endpointId ?? null,
      filter.status ?? null,
      filter.type ?? null,
      filter.aggregateId ?? null,
      page.after,
      page.limit,
    ],
  );
  return rows;
}

export type Redelivery =
  | { readonly kind: 'asked'; readonly delivery: WebhookDeliveryRow }
  | { readonly kind: 'missing' }
  | { readonly kind: 'endpoint_disabled' };

/**
 * Sends a delivery again from the beginning of its back-off, whatever became of it, under the same event id. One that
 * had ended holds up no later one of its aggregate: those may be out already. A second time it changes nothing more.
 */
export async function askForRedelivery(db: Queryable, id: string): Promise<Redelivery> {
  const { rows } = await db.query<Row & { isActive: boolean }>(
    `with asked as (
       update oms.webhook_deliveries d set status = 'pending', next_attempt_at = now(), failures = 0, gives_up_at = null,
         blocks_until = case when d.status = 'pending' then d.blocks_until else now() end, delivered_at = null
       from oms.webhook_endpoints e
       where d.id = $1::uuid and e.id = d.endpoint_id and e.status = 'active'
       returning d.*, pg_notify('oms_webhooks', '')::text as notified
     ), found as (
       select a.*, true as is_active from asked a
       union all
       select x.*, null, false from oms.webhook_deliveries x where x.id = $1::uuid and not exists (select from asked)
     )
     select ${COLUMNS}, d.is_active as "isActive" from found d`,
    [id],
  );
  const row = rows[0];
  if (row === undefined) return { kind: 'missing' };
  const { isActive, ...delivery } = row;
  return isActive ? { kind: 'asked', delivery } : { kind: 'endpoint_disabled' };
}

/** Ends what an endpoint was still to get, if it is no longer active. */
export async function endDeliveriesOf(tx: Queryable, endpointId: string): Promise<void> {
  await tx.query(
    `update oms.webhook_deliveries set status = 'failed', next_attempt_at = null, claimed_until = null,
       last_error = 'endpoint_disabled'
     where endpoint_id = $1::uuid and status = 'pending'
       and exists (select from oms.webhook_endpoints e where e.id = $1::uuid and e.status <> 'active')`,
    [endpointId],
  );
}
