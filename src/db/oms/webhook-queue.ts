import { POLICIES } from '../../domain/policies';
import type { Queryable } from '../pool';

/** An announcement to send to one endpoint, in the hands of this process until its lease is over. */
export interface DueWebhook {
  readonly id: string;
  readonly endpointId: string;
  readonly url: string;
  readonly isActive: boolean;
  /** The one that signs, and during a rotation the one before it. */
  readonly secrets: readonly string[];
  readonly eventId: string;
  readonly type: string;
  readonly aggregate: string;
  readonly aggregateId: string;
  readonly seq: number;
  readonly payload: unknown;
  readonly announcedAt: Date;
  /** This try included; names it, so that a late end of an earlier one changes nothing. */
  readonly attempts: number;
  /** Failures in a row before this try. */
  readonly failures: number;
}

export interface ClaimLimits {
  readonly limit: number;
  /** At most so many of one endpoint at a time, whoever has them. */
  readonly perEndpoint: number;
  readonly leaseMs: number;
}

/** Holds up later ones of its endpoint and aggregate: not answered, not given up, not failing for long enough. */
const BLOCKS = `e.status = 'pending' and (e.blocks_until is null or e.blocks_until > now())`;

/**
 * Leases due deliveries, for every endpoint at most what it has free, so that a slow one takes no place of another; of
 * each aggregate only the first. A lease that ends without a mark (its process died) is given again.
 */
export async function claimWebhooks(db: Queryable, limits: ClaimLimits): Promise<DueWebhook[]> {
  const { rows } = await db.query<DueWebhook & Record<string, unknown>>(
    `with endpoint as (
       select w.id, greatest(0, $2::integer - (
         select count(*) from oms.webhook_deliveries b
         where b.endpoint_id = w.id and b.status = 'pending' and b.claimed_until > now())) as places
       from oms.webhook_endpoints w
     ), due as (
       select d.id from endpoint, lateral (
         select d.id from oms.webhook_deliveries d
         where d.endpoint_id = endpoint.id and d.status = 'pending' and d.next_attempt_at <= now()
           and (d.claimed_until is null or d.claimed_until <= now())
           and not exists (
             select from oms.webhook_deliveries e
             where e.endpoint_id = d.endpoint_id and e.aggregate = d.aggregate and e.aggregate_id = d.aggregate_id
               and e.seq < d.seq and ${BLOCKS})
         order by d.next_attempt_at, d.outbox_id
         limit endpoint.places
         for update skip locked
       ) d
       limit $1::integer
     ), leased as (
       update oms.webhook_deliveries d
       set attempts = d.attempts + 1, claimed_until = now() + make_interval(secs => $3::float8 / 1000)
       from due where d.id = due.id
       returning d.*
     )
     select l.id, l.endpoint_id as "endpointId", w.url, w.status = 'active' as "isActive",
       array_remove(array[w.secret, case when w.previous_secret_until > now() then w.previous_secret end], null) as secrets,
       l.event_id as "eventId", l.type, l.aggregate, l.aggregate_id as "aggregateId", l.seq, o.payload,
       o.created_at as "announcedAt", l.attempts, l.failures
     from leased l join oms.webhook_endpoints w on w.id = l.endpoint_id join oms.outbox o on o.id = l.outbox_id
     order by l.outbox_id`,
    [limits.limit, limits.perEndpoint, limits.leaseMs],
  );
  return rows;
}

/** The receiver has it. Counts whenever it comes, also after the delivery was given up meanwhile; may run twice. */
export async function markWebhookDelivered(
  db: Queryable,
  id: string,
  httpStatus: number,
): Promise<void> {
  await db.query(
    `update oms.webhook_deliveries set status = 'succeeded', delivered_at = now(), next_attempt_at = null,
       claimed_until = null, last_status = $2::integer, last_error = null
     where id = $1::uuid and status <> 'succeeded'`,
    [id, httpStatus],
  );
}

export interface WebhookFailure {
  readonly id: string;
  readonly attempts: number;
  readonly httpStatus: number | null;
  /** A code, nothing of the receiver's. */
  readonly error: string;
  /** The pause until the next try; null: there is none. */
  readonly retryInMs: number | null;
  /** From the first failure on; null: without end. */
  readonly retryForMs: number | null;
  readonly blockForMs: number | null;
}

/** Puts a failed delivery off, or gives it up when its time is over. The last try is made at the end of that time. */
export async function markWebhookFailed(db: Queryable, failure: WebhookFailure): Promise<void> {
  await db.query(
    `with f as (
       select d.id, coalesce(d.gives_up_at, now() + make_interval(secs => $6::float8 / 1000), 'infinity') as gives_up_at,
         coalesce(d.blocks_until, now() + make_interval(secs => $7::float8 / 1000), 'infinity') as blocks_until,
         now() + make_interval(secs => $5::float8 / 1000) as next_at
       from oms.webhook_deliveries d where d.id = $1::uuid
     )
     update oms.webhook_deliveries d set failures = d.failures + 1, claimed_until = null, last_status = $3::integer,
       last_error = left($4::text, 200), gives_up_at = f.gives_up_at, blocks_until = f.blocks_until,
       status = case when f.next_at is null or f.gives_up_at <= now() then 'failed' else 'pending' end,
       next_attempt_at = case when f.gives_up_at > now() and f.next_at is not null then least(f.next_at, f.gives_up_at) end
     from f where d.id = f.id and d.status = 'pending' and d.attempts = $2::integer`,
    [
      failure.id,
      failure.attempts,
      failure.httpStatus,
      failure.error,
      failure.retryInMs,
      failure.retryForMs,
      failure.blockForMs,
    ],
  );
}

export interface WebhookTimes {
  readonly retryInitialMs: number | null;
  readonly retryMaxMs: number | null;
  readonly retryForMs: number | null;
  readonly blockForMs: number | null;
}

const TIMES = {
  retryInitialMs: 'webhookRetryInitial',
  retryMaxMs: 'webhookRetryMax',
  retryForMs: 'webhookRetryFor',
  blockForMs: 'webhookBlockFor',
} as const satisfies Record<keyof WebhookTimes, keyof typeof POLICIES>;

/** The policies of webhooks as they are now, null where one is switched off. */
export async function findWebhookTimes(db: Queryable): Promise<WebhookTimes> {
  const wanted = Object.entries(TIMES).map(([name, key]) => ({
    name,
    key,
    fallback: POLICIES[key].value,
  }));
  const { rows } = await db.query<{ times: WebhookTimes }>(
    `select jsonb_object_agg(w.name, extract(epoch from
       (case when p.key is null then w.fallback else p.value #>> '{}' end)::interval) * 1000) as times
     from jsonb_to_recordset($1::jsonb) as w(name text, key text, fallback text)
       left join oms.policies p on p.key = w.key`,
    [JSON.stringify(wanted)],
  );
  const times = rows[0]?.times;
  if (times === undefined) throw new Error('no times of webhooks');
  return times;
}
