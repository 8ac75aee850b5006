import type { SurveyStep } from '../../contracts/survey-process';
import type { Queryable } from '../pool';

export interface SurveyInvite {
  readonly id: string;
  readonly customerId: string;
  readonly orderId: string;
  readonly locale: 'en' | 'zh';
  readonly state: Exclude<SurveyStep['state'], 'off'>;
  readonly dueAt: Date;
  readonly remindAt: Date | null;
  readonly expiresAt: Date | null;
  readonly remindedAt: Date | null;
}

interface InviteRow {
  id: string;
  customer_id: string;
  subject_id: string;
  locale: 'en' | 'zh';
  state: SurveyInvite['state'];
  due_at: Date;
  remind_at: Date | null;
  expires_at: Date | null;
  reminded_at: Date | null;
}

function toInvite(rows: readonly InviteRow[]): SurveyInvite {
  const row = rows[0];
  if (row === undefined) throw new Error('there is no such survey invitation');
  return {
    id: row.id,
    customerId: row.customer_id,
    orderId: row.subject_id,
    locale: row.locale,
    state: row.state,
    dueAt: row.due_at,
    remindAt: row.remind_at,
    expiresAt: row.expires_at,
    remindedAt: row.reminded_at,
  };
}

/** Makes the order's invitation, due after `delay`; the same one again when it was made before. */
export async function openInvite(
  db: Queryable,
  invite: {
    readonly orderId: string;
    readonly customerId: string;
    readonly workflowId: string;
    readonly locale: 'en' | 'zh';
    readonly delay: string;
  },
): Promise<SurveyInvite> {
  await db.query(
    `insert into crm.survey_invites (survey_key, survey_version, subject_type, subject_id, customer_id, workflow_id,
       locale, due_at)
     select s.key, s.version, 'order', $1::uuid, crm.survivor($2::uuid), $3::text, $4::text, now() + $5::interval
     from crm.surveys s where s.key = 'order' order by s.version desc limit 1
     on conflict (survey_key, subject_type, subject_id, round) do nothing`,
    [invite.orderId, invite.customerId, invite.workflowId, invite.locale, invite.delay],
  );
  const { rows } = await db.query<InviteRow>(
    `select id, customer_id, subject_id, locale, state, due_at, remind_at, expires_at, reminded_at
     from crm.survey_invites
     where survey_key = 'order' and subject_type = 'order' and subject_id = $1::uuid and round = 1`,
    [invite.orderId],
  );
  return toInvite(rows);
}

/** Reads an invitation and keeps it locked until the transaction ends. */
export async function lockInvite(tx: Queryable, inviteId: string): Promise<SurveyInvite> {
  const { rows } = await tx.query<InviteRow>(
    `select id, customer_id, subject_id, locale, state, due_at, remind_at, expires_at, reminded_at
     from crm.survey_invites where id = $1::uuid for update`,
    [inviteId],
  );
  return toInvite(rows);
}

/** Why a person may not be asked now; null when nothing stands against it. */
export async function findSurveyObstacle(
  db: Queryable,
  addressHash: string,
): Promise<'suppressed' | 'no_consent' | null> {
  const { rows } = await db.query<{ suppressed: boolean; refused: boolean }>(
    `select exists (
         select from crm.suppressions
         where address_hash = $1::text and channel = 'email' and reason in ('hard_bounce', 'legal')) as suppressed,
       exists (
         select from crm.consent_current
         where address_hash = $1::text and channel = 'email' and topic in ('surveys', 'all') and state = 'out')
         as refused`,
    [addressHash],
  );
  if (rows[0]?.suppressed === true) return 'suppressed';
  return rows[0]?.refused === true ? 'no_consent' : null;
}

/** `waiting` → `sent`, with the timeline entry. Reminder and expiry count from now; null switches them off. */
export async function markInvited(
  tx: Queryable,
  inviteId: string,
  plan: {
    readonly tokenHash: string;
    readonly reminder: string | null;
    readonly expiry: string | null;
  },
): Promise<SurveyInvite> {
  const { rows } = await tx.query<InviteRow>(
    `with invited as (
       update crm.survey_invites
       set state = 'sent', token_hash = $2::text, sent_at = now(), expires_at = now() + $4::interval,
         remind_at = case when $4::interval is null or now() + $3::interval < now() + $4::interval
           then now() + $3::interval end
       where id = $1::uuid and state = 'waiting'
       returning id, customer_id, subject_id, locale, state, due_at, remind_at, expires_at, reminded_at
     ), entry as (
       insert into crm.interactions (customer_id, kind, ref_type, ref_id, at, summary, data)
       select customer_id, 'survey_sent', 'survey', id::text, now(), 'Survey sent',
         jsonb_build_object('inviteId', id, 'orderId', subject_id)
       from invited
       on conflict (kind, ref_type, ref_id) do nothing
     )
     select id, customer_id, subject_id, locale, state, due_at, remind_at, expires_at, reminded_at from invited`,
    [inviteId, plan.tokenHash, plan.reminder, plan.expiry],
  );
  return toInvite(rows);
}

/** `waiting` → `skipped`. */
export async function markSkipped(
  tx: Queryable,
  inviteId: string,
  reason: 'no_address' | 'suppressed' | 'no_consent',
): Promise<void> {
  await tx.query(
    `update crm.survey_invites set state = 'skipped', skip_reason = $2::text
     where id = $1::uuid and state = 'waiting'`,
    [inviteId, reason],
  );
}

/** Notes the one reminder: false when it was noted before or nobody waits for an answer any more. */
export async function markReminded(tx: Queryable, inviteId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update crm.survey_invites set reminded_at = now()
     where id = $1::uuid and state = 'sent' and reminded_at is null`,
    [inviteId],
  );
  return rowCount === 1;
}

/** `sent` → `expired`; says the state that the invitation has then. */
export async function closeInvite(db: Queryable, inviteId: string): Promise<SurveyInvite> {
  await db.query(
    `update crm.survey_invites set state = 'expired' where id = $1::uuid and state = 'sent'`,
    [inviteId],
  );
  const { rows } = await db.query<InviteRow>(
    `select id, customer_id, subject_id, locale, state, due_at, remind_at, expires_at, reminded_at
     from crm.survey_invites where id = $1::uuid`,
    [inviteId],
  );
  return toInvite(rows);
}
