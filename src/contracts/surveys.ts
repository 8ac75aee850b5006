import { z } from 'zod';

import { Id, listQuery, MAX_NOTE, pageOf, Timestamp } from './common';

const Score = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,2}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(0).max(10))
  .meta({ description: 'How likely to recommend, 0–10; a form sends it as text' });

/** The answer to a survey, as JSON or as a form. */
export const SurveyAnswer = z
  .strictObject({
    score: Score,
    comment: z
      .string()
      .trim()
      .max(MAX_NOTE)
      .nullish()
      .transform((comment) => (comment === '' ? null : (comment ?? null))),
  })
  .meta({ id: 'SurveyAnswer' });
export type SurveyAnswer = z.infer<typeof SurveyAnswer>;

const SurveyState = z.enum(['waiting', 'sent', 'answered', 'expired', 'skipped', 'opted_out']);
const SurveyKind = z.enum(['nps', 'csat', 'text']);

export const Survey = z
  .object({
    id: Id,
    definition: z.string(),
    definitionVersion: z.int(),
    kind: SurveyKind,
    subjectType: z.enum(['order', 'case', 'customer']),
    subjectId: Id,
    customerId: Id,
    state: SurveyState,
    skipReason: z
      .enum(['no_consent', 'cooldown', 'frequency_cap', 'suppressed', 'no_address'])
      .nullable(),
    score: z.int().nullable(),
    comment: z.string().nullable(),
    answers: z.record(z.string(), z.unknown()),
    caseId: Id.nullable(),
    sentAt: Timestamp.nullable(),
    remindedAt: Timestamp.nullable(),
    answeredAt: Timestamp.nullable(),
    expiresAt: Timestamp.nullable(),
    workflowId: z.string(),
  })
  .meta({ id: 'Survey' });
export type Survey = z.infer<typeof Survey>;

export const SurveyList = pageOf(Survey);
export const SurveyListQuery = listQuery({
  definition: z.string().max(64).optional(),
  kind: SurveyKind.optional(),
  state: SurveyState.optional(),
  customerId: Id.optional(),
  subjectId: Id.optional(),
});
