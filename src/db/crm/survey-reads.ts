import type { Survey } from '../../contracts/surveys';
import type { Queryable } from '../pool';

export interface SurveyFilter {
  readonly definition?: string | undefined;
  readonly kind?: string | undefined;
  readonly state?: string | undefined;
  readonly customerId?: string | undefined;
  readonly subjectId?: string | undefined;
}

interface SurveyRow {
  id: string;
  survey_key: string;
  survey_version: number;
  kind: Survey['kind'];
  subject_type: Survey['subjectType'];
  subject_id: string;
  customer_id: string;
  state: Survey['state'];
  skip_reason: Survey['skipReason'];
  score: number | null;
  comment: string | null;
  answers: Record<string, unknown> | null;
  sent_at: Date | null;
  reminded_at: Date | null;
  answered_at: Date | null;
  expires_at: Date | null;
  workflow_id: string;
}

function toSurvey(row: SurveyRow): Survey {
  return {
    id: row.id,
    definition: row.survey_key,
    definitionVersion: row.survey_version,
    kind: row.kind,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    customerId: row.customer_id,
    state: row.state,
    skipReason: row.skip_reason,
    score: row.score,
    comment: row.comment,
    answers: row.answers ?? {},
    caseId: null,
    sentAt: row.sent_at?.toISOString() ?? null,
    remindedAt: row.reminded_at?.toISOString() ?? null,
    answeredAt: row.answered_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    workflowId: row.workflow_id,
  };
}

/** Surveys by the filters, newest first, at most `limit`, older than the survey `after`. */
export async function listSurveys(
  db: Queryable,
  filter: SurveyFilter,
  page: { readonly limit: number; readonly after: string | null },
): Promise<Survey[]> {
  const { rows } = await db.query<SurveyRow>(
    `select i.id, i.survey_key, i.survey_version, s.kind, i.subject_type, i.subject_id, i.customer_id, i.state,
       i.skip_reason, r.score, r.comment, r.answers, i.sent_at, i.reminded_at, i.answered_at, i.expires_at,
       i.workflow_id
     from crm.survey_invites i
     join crm.surveys s on s.key = i.survey_key and s.version = i.survey_version
     left join crm.survey_responses r on r.invite_id = i.id
     where ($1::text is null or i.survey_key = $1::text)
       and ($2::text is null or s.kind = $2::text)
       and ($3::text is null or i.state = $3::text)
       and ($4::uuid is null or i.customer_id = crm.survivor($4::uuid))
       and ($5::uuid is null or i.subject_id = $5::uuid)
       and ($6::uuid is null or i.id < $6::uuid)
     order by i.id desc
     limit $7::integer`,
    [
      filter.definition ?? null,
      filter.kind ?? null,
      filter.state ?? null,
      filter.customerId ?? null,
      filter.subjectId ?? null,
      page.after,
      page.limit,
    ],
  );
  return rows.map(toSurvey);
}
