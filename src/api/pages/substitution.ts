import type { CustomerLink } from '../../db/oms/links';
import { findOffer, type OfferPage } from '../../db/oms/substitutions';
import { DomainError } from '../../domain/errors';
import * as messages from '../../workflows/messages';
import { sendCommand } from '../commands';

import type { LookAnswer, PageAnswer, PageRequest } from './page-request';
import { substitutionForm, substitutionNotice } from './substitution-html';

/** What is offered in place of what is not there, with its two answers. */
export async function getSubstitutionPage(
  ctx: PageRequest,
  link: CustomerLink,
): Promise<LookAnswer> {
  const offer = await requireOffer(ctx, link);
  if (offer.status !== 'offered') return refuseClosed(ctx, link, offer);
  return { status: 200, body: substitutionForm(link.locale, offer, false) };
}

/** Takes the customer's answer, once; as form or JSON. */
export async function postSubstitutionPage(
  ctx: PageRequest,
  link: CustomerLink,
): Promise<PageAnswer> {
  const offer = await requireOffer(ctx, link);
  if (offer.status !== 'offered') return refuseClosed(ctx, link, offer);
  const { decision } = ctx.body;
  if (decision !== 'accept' && decision !== 'decline') return refuseAnswer(ctx, link, offer);
  try {
    await sendCommand(ctx, {
      orderId: offer.orderId,
      kind: 'decide-substitution',
      body: { substitutionId: offer.id, decision },
      update: messages.decideSubstitution,
    });
  } catch (err) {
    // Somebody, or the deadline, was faster.
    if (!(err instanceof DomainError && err.code === 'illegal_transition')) throw err;
    return refuseClosed(ctx, link, await requireOffer(ctx, link));
  }
  const notice = decision === 'accept' ? 'accepted' : 'declined';
  return { status: 200, body: substitutionNotice(link.locale, notice) };
}

async function requireOffer({ deps }: PageRequest, { ref }: CustomerLink): Promise<OfferPage> {
  const offer = await findOffer(deps.oms, ref);
  if (offer === null) throw new DomainError('not_found', 'There is no such page.');
  return offer;
}

function refuseAnswer(ctx: PageRequest, { locale }: CustomerLink, offer: OfferPage): PageAnswer {
  if (isProgram(ctx))
    throw new DomainError('validation_failed', 'The answer is missing.', {
      errors: [{ path: 'decision', message: 'is accept or decline' }],
    });
  return { status: 422, body: substitutionForm(locale, offer, true) };
}

/** An offer that was answered is a conflict; one that ended otherwise is gone. */
function refuseClosed(
  ctx: PageRequest,
  { locale }: CustomerLink,
  { status }: OfferPage,
): LookAnswer {
  const isAnswered = status === 'accepted' || status === 'declined';
  if (isProgram(ctx))
    throw isAnswered
      ? new DomainError('illegal_transition', 'The offer was answered.')
      : new DomainError('gone', 'The substitute is no longer offered.');
  return isAnswered
    ? { status: 409, body: substitutionNotice(locale, 'decided') }
    : { status: 410, body: substitutionNotice(locale, 'over') };
}

function isProgram({ headers }: PageRequest): boolean {
  const isJson = /json/i.test(headers['content-type'] ?? '');
  return isJson || /application\/json/i.test(headers.accept ?? '');
}
