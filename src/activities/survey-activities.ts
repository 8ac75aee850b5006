import type { SurveyInput, SurveyStep } from '../contracts/survey-process';
import { queueMessage } from '../db/crm/message-queue';
import {
  closeInvite,
  findSurveyObstacle,
  lockInvite,
  markInvited,
  markReminded,
  markSkipped,
  openInvite,
  type SurveyInvite,
} from '../db/crm/survey-invites';
import { findOrderFacts, type OrderFacts } from '../db/oms/order-facts';
import { durationOf, findPolicyValues } from '../db/oms/policy-values';
import { type Pool, type Queryable, withTransaction } from '../db/pool';
import { hashAddress, hashToken, linkToken } from '../platform/secret-links';

import { toVariables } from './message-queueing';

export interface SurveyDeps {
  readonly oms: Pool;
  readonly crm: Pool;
  readonly linkSecret: string;
}

interface InviteRef {
  readonly orderId: string;
  readonly inviteId: string;
}

const POLICIES = ['surveyReminder', 'surveyExpiry', 'messageExpiry'];

/** Steps of the survey workflow. Each is one transaction in the CRM store and answers the same when it runs again. */
export function createSurveyActivities(deps: SurveyDeps) {
  /** Makes the invitation, due after the policy `surveyDelay`; `off` when that is switched off. */
  async function openSurvey(input: SurveyInput): Promise<SurveyStep> {
    const policies = await findPolicyValues(deps.oms, ['surveyDelay']);
    const delay = durationOf(policies, 'surveyDelay', 'P3D');
    if (delay === null) return { state: 'off', inviteId: '', until: null, isReminderDue: false };
    const order = await orderOf(deps, input.orderId);
    const workflowId = `survey/order/${input.orderId}`;
    const locale = order.locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
    return toStep(await openInvite(deps.crm, { ...input, workflowId, locale, delay }));
  }

  /** Asks the customer, with the mail in the same transaction; `skipped` when there is no way or no consent. */
  async function inviteToSurvey({ orderId, inviteId }: InviteRef): Promise<SurveyStep> {
    const order = await orderOf(deps, orderId);
    const policies = await findPolicyValues(deps.oms, POLICIES);
    return await withTransaction(deps.crm, async (tx) => {
      const invite = await lockInvite(tx, inviteId);
      if (invite.state !== 'waiting') return toStep(invite);
      const obstacle = await obstacleTo(deps, tx, order);
      if (obstacle !== null) {
        await markSkipped(tx, inviteId, obstacle);
        return { state: 'skipped', inviteId, until: null, isReminderDue: false };
      }
      await queueSurveyMail(deps, tx, { invite, order, policies, templateKey: 'survey_order' });
      return toStep(
        await markInvited(tx, inviteId, {
          tokenHash: hashToken(linkToken(deps.linkSecret, 'survey', inviteId)),
          reminder: durationOf(policies, 'surveyReminder', 'P4D'),
          expiry: durationOf(policies, 'surveyExpiry', 'P14D'),
        }),
      );
    });
  }

  /** Reminds once, unless the answer is there. */
  async function remindOfSurvey({ orderId, inviteId }: InviteRef): Promise<SurveyStep> {
    const order = await orderOf(deps, orderId);
    const policies = await findPolicyValues(deps.oms, POLICIES);
    return await withTransaction(deps.crm, async (tx) => {
      const isFirst = await markReminded(tx, inviteId);
      const invite = await lockInvite(tx, inviteId);
      if (isFirst)
        await queueSurveyMail(deps, tx, {
          invite,
          order,
          policies,
          templateKey: 'survey_reminder',
        });
      return toStep(invite);
    });
  }

  /** Ends the wait: `expired`, or `answered` when the answer came first. */
  async function closeSurvey({ inviteId }: InviteRef): Promise<SurveyStep> {
    return toStep(await closeInvite(deps.crm, inviteId));
  }

  return { openSurvey, inviteToSurvey, remindOfSurvey, closeSurvey };
}

export type SurveyActivities = ReturnType<typeof createSurveyActivities>;

function toStep(invite: SurveyInvite): SurveyStep {
  const isReminderDue = invite.remindAt !== null && invite.remindedAt === null;
  const until = {
    waiting: invite.dueAt,
    sent: isReminderDue ? invite.remindAt : invite.expiresAt,
    answered: null,
    expired: null,
    skipped: null,
    opted_out: null,
  }[invite.state];
  return {
    state: invite.state,
    inviteId: invite.id,
    until: until?.toISOString() ?? null,
    isReminderDue: invite.state === 'sent' && isReminderDue,
  };
}

async function orderOf(deps: SurveyDeps, orderId: string): Promise<OrderFacts> {
  const order = (await findOrderFacts(deps.oms, [orderId])).get(orderId);
  if (order === undefined) throw new Error('the surveyed order has no row');
  return order;
}

function addressOf(order: OrderFacts): string | null {
  return order.email?.trim().toLowerCase() || null;
}

async function obstacleTo(
  deps: SurveyDeps,
  tx: Queryable,
  order: OrderFacts,
): Promise<'no_address' | 'suppressed' | 'no_consent' | null> {
  const address = addressOf(order);
  if (address === null) return 'no_address';
  return await findSurveyObstacle(tx, hashAddress(deps.linkSecret, 'email', address));
}

interface SurveyMail {
  readonly invite: SurveyInvite;
  readonly order: OrderFacts;
  readonly policies: ReadonlyMap<string, unknown>;
  readonly templateKey: 'survey_order' | 'survey_reminder';
}

async function queueSurveyMail(deps: SurveyDeps, tx: Queryable, mail: SurveyMail): Promise<void> {
  const { invite, order, policies, templateKey } = mail;
  const address = addressOf(order);
  await queueMessage(tx, {
    dedupeKey: `${templateKey}/${invite.id}/${invite.customerId}/email`,
    customerId: invite.customerId,
    templateKey,
    locale: invite.locale,
    sourceType: 'survey',
    sourceId: invite.id,
    address,
    addressHash: address === null ? null : hashAddress(deps.linkSecret, 'email', address),
    variables: toVariables(order, invite.customerId, null),
    expiresAfter: durationOf(policies, 'messageExpiry', 'P3D'),
  });
}
