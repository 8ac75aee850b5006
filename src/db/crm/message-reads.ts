import type { Message, MessageWithBody } from '../../contracts/messages';
import type { Queryable } from '../pool';

export interface MessageFilter {
  readonly customerId?: string | undefined;
  readonly state?: string | undefined;
  readonly channel?: string | undefined;
  readonly class?: string | undefined;
  readonly template?: string | undefined;
  readonly dedupeKey?: string | undefined;
  readonly sourceId?: string | undefined;
}

interface MessageRow {
  id: string;
  customer_id: string;
  channel: Message['channel'];
  class: Message['class'];
  topic: string | null;
  template_key: string;
  template_version: number;
  locale: string;
  source_type: Message['source']['type'];
  source_id: string;
  dedupe_key: string;
  state: Message['state'];
  skip_reason: Message['skipReason'];
  error: string | null;
  attempt: number;
  not_before: Date;
  expires_at: Date | null;
  created_at: Date;
  claimed_at: Date | null;
  sent_at: Date | null;
  delivered_at: Date | null;
  resend_of: string | null;
  events: { type: string; at: string; machine: boolean }[];
}

function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    customerId: row.customer_id,
    channel: row.channel,
    class: row.class,
    topic: row.topic,
    template: row.template_key,
    templateVersion: row.template_version,
    locale: row.locale,
    source: { type: row.source_type, id: row.source_id },
    dedupeKey: row.dedupe_key,
    state: row.state,
    skipReason: row.skip_reason,
    error: row.error,
    attempt: row.attempt,
    notBefore: row.not_before.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    claimedAt: row.claimed_at?.toISOString() ?? null,
    sentAt: row.sent_at?.toISOString() ?? null,
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    resendOf: row.resend_of,
    events: row.events.map((event) => ({ ...event, at: new Date(event.at).toISOString() })),
  };
}

/** Messages by the filters, newest first, at most `limit`, older than the message `after`. */
export async function listMessages(
  db: Queryable,
  filter: MessageFilter,
  page: { readonly limit: number; readonly after: string | null },
): Promise<Message[]> {
  const { rows } = await db.query<MessageRow>(
    `select m.id, m.customer_id, m.channel, m.class, m.topic, m.template_key, m.template_version, m.locale,
       m.source_type, m.source_id, m.dedupe_key, m.state, m.skip_reason, m.error, m.attempt, m.not_before,
       m.expires_at, m.created_at, m.claimed_at, m.sent_at, m.delivered_at, m.resend_of,
       coalesce((
         select jsonb_agg(jsonb_build_object('type', e.type, 'at', e.at, 'machine', e.machine) order by e.at)
         from crm.message_events e where e.message_id = m.id), '[]') as events
     from crm.messages m
     where ($1::uuid is null or m.customer_id = crm.survivor($1::uuid))
       and ($2::text is null or m.state = $2::text)
       and ($3::text is null or m.channel = $3::text)
       and ($4::text is null or m.class = $4::text)
       and ($5::text is null or m.template_key = $5::text)
       and ($6::text is null or m.dedupe_key = $6::text)
       and ($7::text is null or m.source_id = $7::text)
       and ($8::uuid is null or m.id < $8::uuid)
     order by m.id desc
     limit $9::integer`,
    [
      filter.customerId ?? null,
      filter.state ?? null,
      filter.channel ?? null,
      filter.class ?? null,
      filter.template ?? null,
      filter.dedupeKey ?? null,
      filter.sourceId ?? null,
      page.after,
      page.limit,
    ],
  );
  return rows.map(toMessage);
}

interface MessageBodyRow extends MessageRow {
  subject: string | null;
  body_text: string | null;
  body_html: string | null;
}

/** One message with its text; null when there is none. */
export async function findMessage(db: Queryable, id: string): Promise<MessageWithBody | null> {
  const { rows } = await db.query<MessageBodyRow>(
    `select m.id, m.customer_id, m.channel, m.class, m.topic, m.template_key, m.template_version, m.locale,
       m.source_type, m.source_id, m.dedupe_key, m.state, m.skip_reason, m.error, m.attempt, m.not_before,
       m.expires_at, m.created_at, m.claimed_at, m.sent_at, m.delivered_at, m.resend_of, m.subject, m.body_text,
       m.body_html,
       coalesce((
         select jsonb_agg(jsonb_build_object('type', e.type, 'at', e.at, 'machine', e.machine) order by e.at)
         from crm.message_events e where e.message_id = m.id), '[]') as events
     from crm.messages m where m.id = $1::uuid`,
    [id],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { subject, body_text: text, body_html: html } = row;
  const body = subject === null ? null : { subject, text: text ?? '', html: html ?? '' };
  return { ...toMessage(row), body };
}
