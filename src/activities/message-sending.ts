import {
  claimMessages,
  type ClaimedMessage,
  finishSending,
  type SendOutcome,
  skipClaimed,
  startSending,
  sweepStaleClaims,
} from '../db/crm/message-sending';
import { durationOf, findPolicyValues } from '../db/oms/policy-values';
import type { Pool } from '../db/pool';
import type { Mailer, MailResult } from '../integrations/mailer';
import { type LinkKind, linkToken } from '../platform/secret-links';

import { renderMessage } from './message-rendering';

export interface MessageSendingDeps {
  readonly oms: Pool;
  readonly crm: Pool;
  readonly mailer: Mailer;
  readonly mailFrom: string;
  readonly publicUrl: string;
  readonly linkSecret: string;
  /** Called between the steps of each send; tests stop the process there. */
  readonly crashPoint?: ((point: string) => void | Promise<void>) | undefined;
}

/** Sent at a time: a dead worker leaves at most so many in an unclear state. */
const BATCH = 10;

/**
 * Sends one batch of due messages and says how many rows it took. The wire call of a message happens at most once:
 * it comes after a durable `sending`, and whatever is left there by a dead worker is never sent again by itself.
 */
export async function sendDueMessages(deps: MessageSendingDeps): Promise<number> {
  const batch = await claimMessages(deps.crm, BATCH);
  const ended = await Promise.allSettled(batch.messages.map((message) => sendOne(deps, message)));
  const fault = ended.find((result) => result.status === 'rejected');
  if (fault !== undefined) throw fault.reason;
  return batch.taken;
}

async function sendOne(deps: MessageSendingDeps, message: ClaimedMessage): Promise<void> {
  await deps.crashPoint?.('message:claimed');
  const body = renderMessage(message, { ...message.variables, ...linksOf(deps, message) });
  if (body.kind === 'refused') {
    await skipClaimed(deps.crm, message, body.code);
    return;
  }
  if (!(await startSending(deps.crm, message, body))) return;
  await deps.crashPoint?.('message:sending');
  const outcome = await callMailer(deps, message, body);
  await deps.crashPoint?.('message:taken');
  await finishSending(deps.crm, message, outcome);
  await deps.crashPoint?.('message:recorded');
}

/** Links are made for the mail alone: what opens a page is not kept among the variables. */
function linksOf(deps: MessageSendingDeps, message: ClaimedMessage): object {
  const url = (kind: LinkKind, id: string) =>
    `${deps.publicUrl}/s/${linkToken(deps.linkSecret, kind, id)}`;
  if (message.sourceType === 'survey') return { survey: { url: url('survey', message.sourceId) } };
  const { substitution } = message.variables;
  return {
    return: { url: url('return', message.sourceId) },
    ...(isOffer(substitution) ? { offer: { url: url('substitution', substitution.id) } } : {}),
  };
}

function isOffer(value: unknown): value is { readonly id: string } {
  return (
    typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
  );
}

async function callMailer(
  deps: MessageSendingDeps,
  message: ClaimedMessage,
  body: { readonly subject: string; readonly text: string; readonly html: string },
): Promise<SendOutcome> {
  try {
    const result = await deps.mailer.send({
      messageId: message.id,
      template: message.templateKey,
      from: deps.mailFrom,
      to: message.address,
      ...body,
    });
    return toOutcome(result);
  } catch {
    return { state: 'unknown', providerId: null, error: 'mailer_failed' };
  }
}

function toOutcome(result: MailResult): SendOutcome {
  switch (result.kind) {
    case 'sent':
      return { state: 'sent', providerId: result.providerId, error: null };
    case 'refused':
      return { state: 'failed', providerId: null, error: result.code };
    case 'deferred':
    case 'unknown':
      return { state: result.kind, providerId: null, error: result.code };
  }
}

/** Takes back what dead workers left in hand for longer than the policy `claimTimeout`. */
export async function takeBackStaleMessages(
  deps: Pick<MessageSendingDeps, 'oms' | 'crm'>,
): Promise<void> {
  const policies = await findPolicyValues(deps.oms, ['claimTimeout']);
  await sweepStaleClaims(deps.crm, durationOf(policies, 'claimTimeout', 'PT30S') ?? 'PT30S');
}
