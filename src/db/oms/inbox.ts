import type { Queryable } from '../pool';

export type InboxResult = 'applied' | 'superseded' | 'ignored' | 'parked';

export interface NewInboxEvent {
  readonly source: string;
  readonly eventId: string;
  readonly topic: string;
  readonly body: unknown;
  /** SHA-256 of the bytes as received. */
  readonly rawHash: string;
  /** What it is about at the sender: order id, tracking number, intent id. */
  readonly reference: string | null;
  readonly requestId: string;
  /** Known at once for what nobody applies later. */
  readonly result: InboxResult | null;
  readonly reason: string | null;
}

/** Keeps a webhook once; false when its source sent the event before. */
export async function insertInboxEvent(db: Queryable, event: NewInboxEvent): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into oms.inbox (source, event_id, topic, body, raw_hash, reference, request_id, result, reason, processed_at)
     values ($1::text, $2::text, $3::text, $4::jsonb, $5::text, $6::text, $7::text, $8::text, $9::text,
       case when $8::text is not null then now() end)
     on conflict (source, event_id) do nothing`,
    [
      event.source,
      event.eventId,
      event.topic,
      JSON.stringify(event.body),
      event.rawHash,
      event.reference,
      event.requestId,
      event.result,
      event.reason,
    ],
  );
  return rowCount === 1;
}

/** Whether an event that was kept says something else than this one. The count of other deliveries does not matter. */
export async function isInboxEventOtherwise(
  db: Queryable,
  { source, eventId, body }: Pick<NewInboxEvent, 'source' | 'eventId' | 'body'>,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from oms.inbox where source = $1::text and event_id = $2::text
       and body - 'pending_webhooks' <> $3::jsonb - 'pending_webhooks'`,
    [source, eventId, JSON.stringify(body)],
  );
  return rowCount === 1;
}

export interface InboxEvent {
  readonly source: string;
  readonly eventId: string;
  readonly topic: string;
  readonly body: unknown;
  readonly reference: string | null;
  readonly receivedAt: Date;
  readonly attempts: number;
  readonly requestId: string | null;
}

type InboxKey = Pick<InboxEvent, 'source' | 'eventId'>;

/** Due events in the order they came, locked until the transaction ends; those locked by others are left out. */
export async function claimInboxEvents(tx: Queryable, limit: number): Promise<InboxEvent[]> {
  const { rows } = await tx.query<InboxEvent & Record<string, unknown>>(
    `select source, event_id as "eventId", topic, body, reference, received_at as "receivedAt", attempts,
       request_id as "requestId"
     from oms.inbox where processed_at is null and next_attempt_at <= now()
     order by received_at limit $1::integer for update skip locked`,
    [limit],
  );
  return rows;
}

/** Ends an event. */
export async function settleInboxEvent(
  tx: Queryable,
  { source, eventId }: InboxKey,
  result: InboxResult,
  reason: string | null = null,
): Promise<void> {
  await tx.query(
    `update oms.inbox set processed_at = now(), result = $3::text, reason = $4::text, attempts = attempts + 1
     where source = $1::text and event_id = $2::text and processed_at is null`,
    [source, eventId, result, reason],
  );
}

/**
 * Tries an event again later, twice as long after each try up to 5 minutes; parks one that is 72 hours old. True: it
 * is parked.
 */
export async function postponeInboxEvent(
  tx: Queryable,
  { source, eventId }: InboxKey,
  reason: string,
): Promise<boolean> {
  const { rows } = await tx.query<{ isParked: boolean }>(
    `update oms.inbox set attempts = attempts + 1, reason = $3::text,
       next_attempt_at = now() + least(interval '5 minutes', interval '1 second' * 2 ^ least(attempts, 9)),
       processed_at = case when received_at < now() - interval '72 hours' then now() end,
       result = case when received_at < now() - interval '72 hours' then 'parked' end
     where source = $1::text and event_id = $2::text and processed_at is null
     returning processed_at is not null as "isParked"`,
    [source, eventId, reason],
  );
  return rows[0]?.isParked ?? false;
}

/** Tries what waits for this reference from now on as if it had just come: its order is there. */
export async function hastenInboxEvents(
  tx: Queryable,
  source: string,
  reference: string,
): Promise<void> {
  await tx.query(
    `update oms.inbox set next_attempt_at = now(), attempts = 0
     where source = $1::text and reference = $2::text and processed_at is null`,
    [source, reference],
  );
}

/** A shop's cancel that came before its order, taken out of the queue; null when there is none. */
export async function takeEarlyCancel(
  tx: Queryable,
  source: string,
  reference: string,
): Promise<unknown> {
  const { rows } = await tx.query<{ body: unknown }>(
    `update oms.inbox set processed_at = now(), result = 'applied', reason = 'came before its order',
       attempts = attempts + 1
     where source = $1::text and topic = 'orders/cancelled' and reference = $2::text and processed_at is null
     returning body`,
    [source, reference],
  );
  return rows[0]?.body ?? null;
}
