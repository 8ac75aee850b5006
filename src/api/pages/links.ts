import { z } from 'zod';

import { ReturnAnswer } from '../../contracts/returns';
import { type CustomerLink, findLink } from '../../db/oms/links';
import { hashToken } from '../../platform/secret-links';
import { defineRoute } from '../route';

import type { LookAnswer, PageAnswer, PageRequest } from './page-request';
import { getReturnPage, postReturnPage } from './return';
import { getSubstitutionPage, postSubstitutionPage } from './substitution';
import { getSurveyPage, postSurveyPage } from './survey';

const Token = z.strictObject({ token: z.string().min(1).max(200) });
const Page = z.string().meta({ description: 'HTML' });

interface LinkPage {
  readonly get: (ctx: PageRequest, link: CustomerLink) => Promise<LookAnswer>;
  readonly post: (ctx: PageRequest, link: CustomerLink) => Promise<PageAnswer>;
}

const PAGES: Readonly<Record<CustomerLink['kind'], LinkPage>> = {
  return: { get: getReturnPage, post: postReturnPage },
  substitution: { get: getSubstitutionPage, post: postSubstitutionPage },
};

/** What a token opens: a page of an order, or null: whatever is none may be a survey's. */
function findPage({ deps, params }: PageRequest): Promise<CustomerLink | null> {
  return findLink(deps.oms, hashToken(params.token));
}

const getPage = defineRoute({
  method: 'get',
  path: '/s/{token}',
  scope: 'public',
  page: true,
  tag: 'pages',
  summary:
    'The page behind a link, in English or Chinese: a survey, what may be returned, or a substitute that is offered',
  params: Token,
  query: z.looseObject({}),
  responses: { 200: Page, 404: Page, 409: Page, 410: Page },
  errors: ['gone', 'not_found', 'nothing_to_return', 'illegal_transition'],
  handler: async (ctx) => {
    const link = await findPage(ctx);
    return link === null ? getSurveyPage(ctx) : PAGES[link.kind].get(ctx, link);
  },
});

const postPage = defineRoute({
  method: 'post',
  path: '/s/{token}',
  scope: 'public',
  page: true,
  tag: 'pages',
  summary: 'Answers the survey or an offer, or asks for a return; as form or JSON',
  params: Token,
  query: z.looseObject({}),
  // What is wrong with it comes back to the person as the form with a hint, so each page checks it itself.
  body: z.record(z.string(), z.unknown()),
  responses: {
    200: Page,
    201: z.union([Page, ReturnAnswer]),
    404: Page,
    409: Page,
    410: Page,
    422: Page,
  },
  errors: [
    'survey_answered',
    'nothing_to_return',
    'illegal_transition',
    'gone',
    'not_found',
    'validation_failed',
    'engine_unavailable',
  ],
  handler: async (ctx) => {
    const link = await findPage(ctx);
    return link === null ? postSurveyPage(ctx) : PAGES[link.kind].post(ctx, link);
  },
});

export const linkPages = [getPage, postPage];
