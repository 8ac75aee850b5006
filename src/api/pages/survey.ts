import { z } from 'zod';

import { SurveyAnswer } from '../../contracts/surveys';
import { answerSurvey, findSurveyPage, type SurveyPage } from '../../db/crm/survey-answers';
import { DomainError } from '../../domain/errors';
import { hashToken } from '../../platform/secret-links';
import { defineRoute, type RouteContext } from '../route';

import { noticePage, type PageLocale, surveyForm } from './survey-html';

const Token = z.strictObject({ token: z.string().min(1).max(200) });
const Page = z.string().meta({ description: 'HTML' });

/** Anything else comes back to the person as the form with a hint, so it is taken here and refused below. */
const Body = z.union([SurveyAnswer, z.record(z.string(), z.unknown())]);

const getSurvey = defineRoute({
  method: 'get',
  path: '/s/{token}',
  scope: 'public',
  page: true,
  tag: 'surveys',
  summary: 'The survey behind a link, in English or Chinese',
  params: Token,
  query: z.looseObject({}),
  responses: { 200: Page, 404: Page, 409: Page, 410: Page },
  handler: async (ctx) => {
    const survey = await findSurveyPage(ctx.deps.crm, hashToken(ctx.params.token));
    if (survey?.state !== 'open') return notOpen(ctx, survey);
    return { status: 200, body: surveyForm(survey.locale, survey.questions, false) };
  },
});

const postSurvey = defineRoute({
  method: 'post',
  path: '/s/{token}',
  scope: 'public',
  page: true,
  tag: 'surveys',
  summary: 'Answers the survey, once; as form or JSON',
  params: Token,
  query: z.looseObject({}),
  body: Body,
  responses: { 200: Page, 404: Page, 409: Page, 410: Page, 422: Page },
  errors: ['survey_answered', 'gone', 'not_found', 'validation_failed'],
  handler: async (ctx): Promise<PageAnswer> => {
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
  },
});

type Asked = Pick<RouteContext<object, object, object>, 'headers'>;

function isProgram({ headers }: Asked): boolean {
  return /json/i.test(headers['content-type'] ?? '');
}

function refuse(asked: Asked, survey: SurveyPage, error: z.ZodError): PageResult<422> {
  if (isProgram(asked)) {
    const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    throw new DomainError('validation_failed', 'The answer cannot be accepted.', { errors });
  }
  return { status: 422, body: surveyForm(survey.locale, survey.questions, true) };
}

/** The page of a survey that takes no answer; programs (JSON) get a problem instead. */
function notOpen(
  asked: Asked,
  survey: SurveyPage | null,
): PageResult<404> | PageResult<409> | PageResult<410> {
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

type PageAnswer =
  PageResult<200> | PageResult<404> | PageResult<409> | PageResult<410> | PageResult<422>;

interface PageResult<S extends number> {
  readonly status: S;
  readonly body: string;
}

/** The language of a page that no survey decides: Chinese when the browser asks for it first. */
function preferred({ headers }: Asked): PageLocale {
  return /^\s*zh/i.test(headers['accept-language'] ?? '') ? 'zh' : 'en';
}

export const surveyPages = [getSurvey, postSurvey];
