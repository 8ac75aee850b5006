import { SurveyList, SurveyListQuery } from '../../contracts/surveys';
import { listSurveys } from '../../db/crm/survey-reads';
import { idAfter, toPage } from '../page';
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
    const page = { limit: limit + 1, after: idAfter(cursor) };
    const rows = await listSurveys(deps.crm, filter, page);
    const body = toPage(
      rows,
      limit,
      (row) => row,
      (row) => [row.id],
    );
    return { status: 200, body };
  },
});

export const surveyRoutes = [getSurveys];
