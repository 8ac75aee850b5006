import type { z } from 'zod';

import { SurveyAnswer } from '../../contracts/surveys';
import { answerSurvey, findSurveyPage, type SurveyPage } from '../../db/crm/survey-answers';
import { DomainError } from '../../domain/errors';
import { hashToken } from '../../platform/secret-links';

import type { PageLocale } from './html';
import type { LookAnswer, PageAnswer, PageRequest } from './page-request';
import { noticePage, surveyForm } from './survey-html';

/** The survey behind a token, or the notice that it takes no answer. */
export async function getSurveyPage(ctx: PageRequest): Promise<LookAnswer> {
  const survey = await findSurveyPage(ctx.deps.crm, hashToken(ctx.params.token));
  if (survey?.state !== 'open') return notOpen(ctx, survey);
  return { status: 200, body: surveyForm(survey.locale, survey.questions, false) };
}

/** Takes the answer, once; as form or JSON. */
export async function postSurveyPage(ctx: PageRequest): Promise<PageAnswer> {
  const { crm } = ctx.deps;
  const tokenHash = hashToken(ctx.params.token);
  const answer = SurveyAnswer.safeParse(ctx.body);
  const survey = await findSurveyPage(crm, tokenHash);
  if (survey?.state === 'open' && !answer.success) return refuse(ctx, survey, answer.error);
  if (survey?.state === 'open' && answer.success) {
    const { requestId } = ctx;
    if (await answerSurvey(crm, { tokenHash, ...answer.data, requestId }))
      return { status: 200, body: noticePage(survey.locale, 'thanks') };
  }
  return notOpen(ctx, await findSurveyPage(crm, tokenHash));
}

type Asked = Pick<PageRequest, 'headers'>;

function isProgram({ headers }: Asked): boolean {
  return /json/i.test(headers['content-type'] ?? '');
}

function refuse(asked: Asked, survey: SurveyPage, error: z.ZodError): PageAnswer {
  if (isProgram(asked)) {
    const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    throw new DomainError('validation_failed', 'The answer cannot be accepted.', { errors });
  }
  return { status: 422, body: surveyForm(survey.locale, survey.questions, true) };
}

/** The page of a survey that takes no answer; programs (JSON) get a problem instead. */
function notOpen(asked: Asked, survey: SurveyPage | null): LookAnswer {
  if (survey === null) {
    if (isProgram(asked)) throw new DomainError('not_found', 'There is no such survey.');
    return { status: 404, body: noticePage(preferred(asked), 'unknown') };
  }
  if (survey.state === 'answered') {
    if (isProgram(asked)) throw new DomainError('survey_answered', 'The survey was answered.');
    return { status: 409, body: noticePage(survey.locale, 'answered') };
  }
  if (isProgram(asked)) throw new DomainError('gone', 'The survey has ended.');
  return { status: 410, body: noticePage(survey.locale, 'expired') };
}

/** The language of a page that no survey decides: Chinese when the browser asks for it first. */
function preferred({ headers }: Asked): PageLocale {
  return /^\s*zh/i.test(headers['accept-language'] ?? '') ? 'zh' : 'en';
}
