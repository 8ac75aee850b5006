import { AskReturn } from '../../contracts/returns';
import type { CustomerLink } from '../../db/oms/links';
import { readReturnableLines } from '../../db/oms/return-create';
import { DomainError, type FieldError } from '../../domain/errors';
import { refusalByRule, returnableUnits } from '../../domain/return';
import { requireReturn } from '../return-commands';
import { requestReturn } from '../return-requests';

import type { LookAnswer, PageAnswer, PageRequest } from './page-request';
import { type OfferedLine, returnForm, returnNotice } from './return-html';

/** What a customer may send back, as a form. */
export async function getReturnPage(ctx: PageRequest, link: CustomerLink): Promise<LookAnswer> {
  const offer = await findOffer(ctx, link);
  if (offer.kind !== 'open') return refuseClosed(ctx, link, offer.kind);
  return { status: 200, body: returnForm(link.locale, offer.lines, false) };
}

/** Takes the customer's request, as form or JSON. */
export async function postReturnPage(ctx: PageRequest, link: CustomerLink): Promise<PageAnswer> {
  const offer = await findOffer(ctx, link);
  if (offer.kind !== 'open') return refuseClosed(ctx, link, offer.kind);
  const asked = AskReturn.safeParse(isJson(ctx) ? ctx.body : readForm(ctx.body));
  if (!asked.success) {
    const errors = asked.error.issues.map(({ path, message }) => ({
      path: path.join('.'),
      message,
    }));
    return refuseRequest(ctx, link, offer.lines, invalid(errors));
  }
  try {
    const { orderId } = link;
    const id = await requestReturn(ctx, { ...asked.data, orderId, requestedBy: 'customer' });
    if (wantsJson(ctx)) return { status: 201, body: { return: await requireReturn(ctx.deps, id) } };
    return { status: 201, body: returnNotice(link.locale, 'requested') };
  } catch (err) {
    if (err instanceof DomainError) return refuseRequest(ctx, link, offer.lines, err);
    throw err;
  }
}

type Offer =
  | { readonly kind: 'open'; readonly lines: OfferedLine[] }
  | { readonly kind: 'nothing_left' | 'window_closed' };

async function findOffer({ deps }: PageRequest, { orderId }: CustomerLink): Promise<Offer> {
  const now = new Date().toISOString();
  const left = (await readReturnableLines(deps.oms, orderId))
    .map((line) => ({ ...line, units: returnableUnits(line), refusal: refusalByRule(line, now) }))
    .filter(({ units }) => units > 0);
  const lines = left.filter(({ refusal }) => refusal === null);
  if (lines.length > 0)
    return {
      kind: 'open',
      lines: lines.map(({ lineId, title, units }) => ({ lineId, title, units })),
    };
  const isLate = left.some(({ refusal }) => refusal === 'return_window_closed');
  return { kind: isLate ? 'window_closed' : 'nothing_left' };
}

function refuseClosed(
  ctx: PageRequest,
  { locale }: CustomerLink,
  kind: 'nothing_left' | 'window_closed',
): LookAnswer {
  if (kind === 'nothing_left') {
    if (wantsJson(ctx))
      throw new DomainError('nothing_to_return', 'Nothing of the order can be returned.');
    return { status: 409, body: returnNotice(locale, kind) };
  }
  if (wantsJson(ctx)) throw new DomainError('gone', 'The time for returns is over.');
  return { status: 410, body: returnNotice(locale, kind) };
}

function refuseRequest(
  ctx: PageRequest,
  { locale }: CustomerLink,
  lines: readonly OfferedLine[],
  refusal: DomainError,
): PageAnswer {
  if (wantsJson(ctx)) throw refusal;
  return { status: 422, body: returnForm(locale, lines, true) };
}

function invalid(errors: readonly FieldError[]): DomainError {
  return new DomainError('validation_failed', 'The request cannot be accepted.', { errors });
}

function isJson({ headers }: PageRequest): boolean {
  return /json/i.test(headers['content-type'] ?? '');
}

function wantsJson(ctx: PageRequest): boolean {
  return isJson(ctx) || /application\/json/i.test(ctx.headers.accept ?? '');
}

/** `quantity.<line>` and `reason.<line>` as the lines that were chosen. */
function readForm(form: Readonly<Record<string, unknown>>): object {
  const lines = Object.entries(form).flatMap(([name, value]) => {
    const [field, lineId] = name.split('.');
    if (field !== 'quantity' || lineId === undefined || value === '' || value === '0') return [];
    const reason = form[`reason.${lineId}`];
    return [{ lineId, quantity: Number(value), ...(reason === undefined ? {} : { reason }) }];
  });
  const { kind, note } = form;
  return {
    lines,
    ...(kind === undefined ? {} : { kind }),
    ...(typeof note === 'string' && note.trim() !== '' ? { note } : {}),
  };
}
