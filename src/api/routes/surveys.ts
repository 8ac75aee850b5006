import { SurveyList, SurveyListQuery } from '../../contracts/surveys';
import { listSurveys } from '../../db/crm/survey-reads';
import { pageById } from '../page';
import { defineRoute } from '../route';

const getSurveys = defineRoute({
  method: 'get',
  path: '/v1/surveys',
  scope: 'surveys:read',
  tag: 'surveys',
  summary: 'Surveys and their answers, by filters',
  query: SurveyListQuery,
  responses: { 200: SurveyList },
  handler: async ({ deps, query }) => {
    const { limit, cursor, ...filter } = query;
    const body = await pageById({ limit, cursor }, (page) => listSurveys(deps.crm, filter, page));
    return { status: 200, body };
  },
});

export const surveyRoutes = [getSurveys];
