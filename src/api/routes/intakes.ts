import { z } from 'zod';

import { IdParams } from '../../contracts/common';
import { IntakeStatus } from '../../contracts/intake';
import { findIntake } from '../../db/oms/intakes';
import { DomainError } from '../../domain/errors';
import { defineRoute } from '../route';

const getIntake = defineRoute({
  method: 'get',
  path: '/v1/intakes/{id}',
  scope: 'orders:read',
  tag: 'orders',
  summary: 'An accepted order that is placed by itself',
  params: IdParams,
  responses: { 200: z.object({ intake: IntakeStatus }) },
  handler: async ({ params, deps }) => {
    const intake = await findIntake(deps.oms, params.id);
    if (intake === null) throw new DomainError('not_found', 'There is no such intake.');
    return { status: 200, body: { intake } };
  },
});

export const intakeRoutes = [getIntake];
