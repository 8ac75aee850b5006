import { z } from 'zod';

import { IdParams } from '../../contracts/common';
import { Operation } from '../../contracts/operations';
import { findOperation } from '../../db/oms/commands';
import { DomainError } from '../../domain/errors';
import { defineRoute } from '../route';

const getOperation = defineRoute({
  method: 'get',
  path: '/v1/operations/{id}',
  scope: 'orders:read',
  tag: 'operations',
  summary: 'A command that went on after its answer',
  params: IdParams,
  responses: { 200: z.object({ operation: Operation }) },
  handler: async ({ params, deps }) => {
    const operation = await findOperation(deps.oms, params.id);
    if (operation === null) throw new DomainError('not_found', 'There is no such operation.');
    return { status: 200, body: { operation } };
  },
});

export const operationRoutes = [getOperation];
