import { randomUUID } from 'node:crypto';

import { IdParams } from '../../contracts/common';
import {
  type Dispute,
  DisputeActionBody,
  DisputeAnswer,
  DisputePage,
  DisputeQuery,
} from '../../contracts/disputes';
import { actOnDispute } from '../../db/oms/disputes';
import { findDispute, listDisputes } from '../../db/oms/dispute-views';
import { insertWake } from '../../db/oms/wakes';
import { withTransaction } from '../../db/pool';
import { afterAction, type DisputeAction, disputeActions } from '../../domain/dispute';
import { DomainError } from '../../domain/errors';
import { idAfter, toPage } from '../page';
import { defineRoute } from '../route';

const listAll = defineRoute({
  method: 'get',
  path: '/v1/disputes',
  scope: 'disputes:read',
  summary: 'Disputes and inquiries of customers’ banks, newest first',
  query: DisputeQuery,
  responses: { 200: DisputePage },
  handler: async ({ query, deps }) => {
    const rows = await listDisputes(deps.oms, {
      limit: query.limit + 1,
      after: idAfter(query.cursor),
      orderId: query.orderId ?? null,
      status: query.status ?? null,
    });
    return {
      status: 200,
      body: toPage(
        rows,
        query.limit,
        (row) => row,
        (row) => [row.id],
      ),
    };
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/v1/disputes/{id}',
  scope: 'disputes:read',
  summary: 'One dispute',
  params: IdParams,
  responses: { 200: DisputeAnswer },
  handler: async ({ params, deps }) => ({
    status: 200,
    body: { dispute: found(await findDispute(deps.oms, params.id)) },
  }),
});

function found(dispute: Dispute | null): Dispute {
  if (dispute === null) throw new DomainError('not_found', 'There is no such dispute.');
  return dispute;
}

/**
 * A person's action, as a fact of the dispute's row; what it means for the order follows by the order's own step, and
 * the provider is told by the lane `disputes`.
 */
function defineAction(action: DisputeAction, summary: string) {
  return defineRoute({
    method: 'post',
    path: `/v1/disputes/{id}/${action}`,
    scope: 'disputes:write',
    idempotent: true,
    summary,
    params: IdParams,
    body: DisputeActionBody,
    responses: { 200: DisputeAnswer },
    errors: ['illegal_transition'],
    handler: async ({ params, body, deps, actor, requestId }) => {
      const { status, orderId, id } = found(await findDispute(deps.oms, params.id));
      const allowed = disputeActions(status);
      if (!allowed.includes(action)) throw refusal(action, status, allowed);
      const to = afterAction(status, action);
      const hasActed = await withTransaction(deps.oms, async (tx) => {
        const act = { disputeId: id, from: status, to, text: body.text, actor, requestId };
        if (!(await actOnDispute(tx, act))) return false;
        await insertWake(tx, orderId, 'dispute_reported', randomUUID());
        return true;
      });
      const dispute = found(await findDispute(deps.oms, id));
      if (!hasActed) throw refusal(action, dispute.status, dispute.allowedActions);
      return { status: 200, body: { dispute } };
    },
  });
}

function refusal(
  action: DisputeAction,
  status: Dispute['status'],
  allowedActions: readonly DisputeAction[],
): DomainError {
  return new DomainError(
    'illegal_transition',
    `${action} is not legal for a dispute that is ${status}.`,
    {
      extra: { currentStatus: status, allowedActions },
    },
  );
}

export const disputeRoutes = [
  listAll,
  getOne,
  defineAction('respond', 'Answers a dispute; the provider then decides'),
  defineAction('accept', 'Gives a dispute up: the amount is written off'),
];
