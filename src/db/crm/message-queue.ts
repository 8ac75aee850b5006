import type { Queryable } from '../pool';

export interface NewMessage {
  /** Event, person and channel: a second message with it is not made. */
  readonly dedupeKey: string;
  readonly customerId: string;
  readonly templateKey: string;
  readonly locale: 'en' | 'zh';
  readonly sourceType: 'order' | 'survey';
  readonly sourceId: string;
  readonly address: string | null;
  readonly addressHash: string | null;
  /** What the template may print; kept here, so what is sent does not change while it waits. */
  readonly variables: object;
  /** ISO 8601 duration after which it is stale and skipped; null: never. */
  readonly expiresAfter: string | null;
}

/**
 * Queues an e-mail with the template's current version, once per `dedupeKey`: says whether this call made it. Throws
 * when the template does not exist.
 */
export async function queueMessage(db: Queryable, message: NewMessage): Promise<boolean> {
  const { rows } = await db.query<{ templates: number; created: number }>(
    `with template as (
       select key, version, channel, class, topic from crm.templates
       where key = $3::text order by version desc limit 1
     ), added as (
       insert into crm.messages (dedupe_key, customer_id, channel, class, topic, template_key, template_version,
         locale, source_type, source_id, address, address_hash, variables, expires_at)
       select $1::text, crm.survivor($2::uuid), t.channel, t.class, t.topic, t.key, t.version,
         $4::text, $5::text, $6::text, $7::text, $8::text, $9::jsonb, now() + $10::interval
       from template t
       on conflict (dedupe_key) do nothing
       returning id
     )
     select (select count(*)::integer from template) as templates, (select count(*)::integer from added) as created`,
    [
      message.dedupeKey,
      message.customerId,
      message.templateKey,
      message.locale,
      message.sourceType,
      message.sourceId,
      message.address,
      message.addressHash,
      JSON.stringify(message.variables),
      message.expiresAfter,
    ],
  );
  if (rows[0]?.templates !== 1) throw new Error(`there is no template ${message.templateKey}`);
  return rows[0].created === 1;
}
