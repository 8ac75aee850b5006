import type { Queryable } from '../pool';

export interface SurveyQuestion {
  readonly id: string;
  readonly type: 'score' | 'choice' | 'text';
  readonly label: { readonly en: string; readonly zh: string };
  readonly required: boolean;
}

export interface SurveyPage {
  readonly state: 'open' | 'answered' | 'expired';
  readonly locale: 'en' | 'zh';
  readonly kind: 'nps' | 'csat' | 'text';
  readonly questions: readonly SurveyQuestion[];
}

/** What the page of a link shows; null for a token that was never given out. */
export async function findSurveyPage(db: Queryable, tokenHash: string): Promise<SurveyPage | null> {
  const { rows } = await db.query<SurveyPage>(
    `select case
         when i.state = 'answered' then 'answered'
         when i.state <> 'sent' or i.expires_at <= now() then 'expired'
         else 'open' end as state,
       i.locale, s.kind, s.questions
     from crm.survey_invites i
     join crm.surveys s on s.key = i.survey_key and s.version = i.survey_version
     where i.token_hash = $1::text`,
    [tokenHash],
  );
  return rows[0] ?? null;
}

/**
 * Takes the answer, with the timeline entry and the wake of the survey's workflow, in one statement: of several answers
 * to one invitation, also at the same time, exactly one is taken. False when this one was not.
 */
export async function answerSurvey(
  db: Queryable,
  answer: {
    readonly tokenHash: string;
    readonly score: number;
    readonly comment: string | null;
    readonly requestId: string;
  },
): Promise<boolean> {
  const { rows } = await db.query<{ taken: boolean }>(
    `with answered as (
       update crm.survey_invites set state = 'answered', answered_at = now()
       where token_hash = $1::text and state = 'sent' and (expires_at is null or expires_at > now())
       returning id, customer_id, subject_type, subject_id, workflow_id
     ), response as (
       insert into crm.survey_responses (invite_id, score, comment, request_id)
       select id, $2::integer, $3::text, $4::text from answered
     ), entry as (
       insert into crm.interactions (customer_id, kind, ref_type, ref_id, at, summary, data)
       select customer_id, 'survey_answered', 'survey', id::text, now(), 'Survey answered: ' || $2::integer,
         jsonb_build_object('inviteId', id, 'subjectType', subject_type, 'subjectId', subject_id, 'score', $2::integer)
       from answered
     ), wake as (
       insert into crm.wakes (workflow_id, kind, ref)
       select workflow_id, 'survey_answered', id::text from answered
     )
     select exists (select from answered) as taken`,
    [answer.tokenHash, answer.score, answer.comment, answer.requestId],
  );
  return rows[0]?.taken === true;
}
