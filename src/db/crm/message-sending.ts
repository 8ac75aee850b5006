import type { Queryable } from '../pool';

export interface ClaimedMessage {
  readonly id: string;
  readonly claimToken: string;
  readonly templateKey: string;
  readonly address: string;
  readonly sourceType: string;
  readonly sourceId: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
}

interface ClaimedRow {
  id: string;
  claim_token: string;
  state: string;
  template_key: string;
  address: string | null;
  source_type: string;
  source_id: string;
  variables: Record<string, unknown>;
  subject: string;
  text: string;
  html: string | null;
}

export interface ClaimedBatch {
  /** Rows taken, those that were skipped included: 0 means nothing is due. */
  readonly taken: number;
  readonly messages: readonly ClaimedMessage[];
}

/**
 * Takes what is due, oldest first, and decides in the same statement who may be written to: an expired or erased
 * message, one without address, to a suppressed address or against consent is `skipped`, the rest `claimed` under a
 * new token. Two workers never get the same row.
 */
export async function claimMessages(db: Queryable, limit: number): Promise<ClaimedBatch> {
  const { rows } = await db.query<ClaimedRow>(
    `with due as (
       select m.id from crm.messages m
       where m.state in ('queued', 'deferred') and m.not_before <= now()
       order by m.not_before, m.id
       limit $1::integer
       for update skip locked
     ), decided as (
       select m.id, case
         when c.status = 'erased' then 'erased'
         when m.expires_at <= now() then 'expired'
         when m.address is null then 'no_address'
         when exists (
           select from crm.suppressions s
           where s.address_hash = m.address_hash and s.channel = m.channel
             and (m.class = 'marketing' or s.reason in ('hard_bounce', 'legal'))) then 'suppressed'
         when (m.class = 'marketing' or m.topic = 'surveys') and exists (
           select from crm.consent_current n
           where n.address_hash = m.address_hash and n.channel = m.channel
             and n.topic in (m.topic, 'all') and n.state = 'out') then 'no_consent'
         when m.class = 'marketing' and not exists (
           select from crm.consent_current n
           where n.address_hash = m.address_hash and n.channel = m.channel
             and n.topic = m.topic and n.state = 'in') then 'no_consent'
       end as skip_reason
       from due join crm.messages m on m.id = due.id join crm.customers c on c.id = m.customer_id
     )
     update crm.messages m
     set state = case when d.skip_reason is null then 'claimed' else 'skipped' end, skip_reason = d.skip_reason,
       claim_token = uuidv7(), claimed_at = now(), attempt = m.attempt + 1
     from decided d, crm.templates t
     where m.id = d.id and t.key = m.template_key and t.version = m.template_version
     returning m.id, m.claim_token, m.state, m.template_key, m.address, m.source_type, m.source_id, m.variables,
       t.subject ->> m.locale as subject, t.text ->> m.locale as text, t.html ->> m.locale as html`,
    [limit],
  );
  return { taken: rows.length, messages: rows.flatMap(toClaimed) };
}

function toClaimed(row: ClaimedRow): ClaimedMessage[] {
  if (row.state !== 'claimed' || row.address === null) return [];
  return [
    {
      id: row.id,
      claimToken: row.claim_token,
      templateKey: row.template_key,
      address: row.address,
      sourceType: row.source_type,
      sourceId: row.source_id,
      variables: row.variables,
      subject: row.subject,
      text: row.text,
      html: row.html,
    },
  ];
}

/** The claim on one message. */
export interface Claim {
  readonly id: string;
  readonly claimToken: string;
}

export interface MessageBody {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The last step before the wire: false when the claim was lost meanwhile, and then nothing may be sent. */
export async function startSending(
  db: Queryable,
  claim: Claim,
  body: MessageBody,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update crm.messages
     set state = 'sending', sending_at = now(), subject = $3::text, body_text = $4::text, body_html = $5::text
     where id = $1::uuid and claim_token = $2::uuid and state = 'claimed'`,
    [claim.id, claim.claimToken, body.subject, body.text, body.html],
  );
  return rowCount === 1;
}

/** A claimed message whose template cannot be rendered is skipped for good. */
export async function skipClaimed(db: Queryable, claim: Claim, error: string): Promise<void> {
  await db.query(
    `update crm.messages set state = 'skipped', skip_reason = 'template_error', error = $3::text
     where id = $1::uuid and claim_token = $2::uuid and state = 'claimed'`,
    [claim.id, claim.claimToken, error],
  );
}

export interface SendOutcome {
  readonly state: 'sent' | 'deferred' | 'failed' | 'unknown';
  readonly providerId: string | null;
  /** A code, nothing personal. */
  readonly error: string | null;
}

/**
 * Records what came of the wire call, with the timeline entry when it was sent. Also when the row was swept to
 * `unknown` meanwhile: the call's own answer is the better knowledge. A deferred one is due again after 2, 4, 8 …
 * seconds, at most 5 minutes.
 */
export async function finishSending(
  db: Queryable,
  claim: Claim,
  outcome: SendOutcome,
): Promise<void> {
  await db.query(
    `with ended as (
       update crm.messages
       set state = $3::text, provider_id = $4::text, error = $5::text,
         sent_at = case when $3::text = 'sent' then now() end,
         not_before = case when $3::text = 'deferred'
           then now() + make_interval(secs => least(300, power(2, least(attempt, 10)))) else not_before end
       where id = $1::uuid and claim_token = $2::uuid and state in ('sending', 'unknown')
       returning id, customer_id, channel, template_key, source_type, source_id, sent_at
     )
     insert into crm.interactions (customer_id, kind, ref_type, ref_id, at, summary, data)
     select e.customer_id, 'message_sent', 'message', e.id::text, e.sent_at,
       'Message sent: ' || replace(e.template_key, '_', ' '),
       jsonb_build_object('messageId', e.id, 'channel', e.channel, 'template', e.template_key,
         'sourceType', e.source_type, 'sourceId', e.source_id)
     from ended e where e.sent_at is not null
     on conflict (kind, ref_type, ref_id) do nothing`,
    [claim.id, claim.claimToken, outcome.state, outcome.providerId, outcome.error],
  );
}

/**
 * Takes back what a dead worker left: what it had only claimed is queued again, what it was sending may have been
 * taken and becomes `unknown`, never sent again by itself. `claimTimeout` is an ISO 8601 duration.
 */
export async function sweepStaleClaims(db: Queryable, claimTimeout: string): Promise<number> {
  const { rowCount } = await db.query(
    `update crm.messages
     set state = case state when 'claimed' then 'queued' else 'unknown' end,
       claim_token = case state when 'claimed' then null else claim_token end,
       error = case state when 'claimed' then error else 'worker_lost' end
     where (state = 'claimed' and claimed_at < now() - $1::interval)
       or (state = 'sending' and sending_at < now() - $1::interval)`,
    [claimTimeout],
  );
  return rowCount ?? 0;
}
