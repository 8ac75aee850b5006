import type { OrderChange, OrderRef } from '../contracts/order-process';
import { type OpenOrder, toOrderState } from '../db/oms/open-order';
import { type EventRecord, recordChange } from '../db/oms/record-change';
import { lockQueued, withdrawShortage } from '../db/oms/shortages';
import {
  endOffer,
  findOpenOffer,
  insertOffer,
  loadSubstituteFacts,
  replaceLines,
} from '../db/oms/substitutions';
import type { Queryable } from '../db/pool';
import { DomainError } from '../domain/errors';
import { share } from '../domain/money';
import { priceSubstitutes, type SubstituteLine, type SubstituteWish } from '../domain/substitution';
import { settleCanceled } from './order-give-back';
import {
  BY_ITSELF,
  changeOf,
  commandStep,
  illegalTransition,
  isOverdue,
  type StepCause,
  type StepDeps,
  type StepInput,
  storyStep,
  toIso,
} from './order-step';
import { takeOver, waitForStock } from './order-stock';

/**
 * Something else in place of what is not there: at once where staff says so, else the customer is asked by mail and the
 * order waits for the answer. Only before the order is paid: afterwards an amend does it.
 */
export async function substitute(
  tx: Queryable,
  order: OpenOrder,
  cause: StepCause,
  chosen: readonly EventRecord[],
): Promise<OrderChange> {
  if (order.phase !== 'reserve')
    throw new DomainError('not_supported_yet', 'Work on the order has begun: amend it instead.');
  const wishes = (cause.body['substitutions'] ?? []) as readonly SubstituteWish[];
  const skus = wishes.map(({ sku }) => sku);
  const { catalogue, country, region } = await loadSubstituteFacts(tx, order.id, skus);
  const substitution = priceSubstitutes(wishes, order.lines.map(toReplaceable(order)), {
    catalogue,
    place: { country: country ?? '', region: region?.toUpperCase() ?? null },
    taxIncluded: order.taxIncluded,
  });
  const { lines, priceDeltaMinor } = substitution;
  if (cause.body['accept'] === 'staff') return replace(tx, order, lines, { cause, events: chosen });
  // One that a cancel of units or an amend overtook.
  await endOffer(tx, order.id, 'withdrawn');
  const substitutionId = await insertOffer(tx, order.id, substitution);
  const offered: EventRecord = {
    type: 'substitution_offered',
    data: { substitutionId, priceDeltaMinor, lines: lines.map(toItem) },
    announce: 'order.substitution_offered',
    payload: { substitutionId },
  };
  const wait = { code: 'substitution', detail: null, policy: 'substitutionDeadline' } as const;
  const change = changeOf(order, cause, [...chosen, offered]);
  const { until } = await recordChange(tx, { ...change, wait });
  return { waitCode: 'substitution', until: toIso(until) };
}

/** The customer's answer. Accepted, the order takes the substitutes; declined, it waits for stock again. */
export async function decideSubstitution(deps: StepDeps, input: StepInput): Promise<OrderChange> {
  return commandStep(deps, input, async (tx, order, cause) => {
    const offer = order.waitCode === 'substitution' ? await findOpenOffer(tx, order.id) : null;
    if (offer === null || offer.id !== cause.body['substitutionId'])
      throw illegalTransition(order, 'nothing is offered any more');
    const isAccepted = cause.body['decision'] === 'accept';
    await endOffer(tx, order.id, isAccepted ? 'accepted' : 'declined');
    const decided: EventRecord = {
      type: isAccepted ? 'substitution_accepted' : 'substitution_declined',
      data: { substitutionId: offer.id },
    };
    if (isAccepted) return replace(tx, order, offer.lines, { cause, events: [decided] });
    return waitForStock(tx, changeOf(order, cause, [decided]));
  });
}

/** Nobody answered in time: the order waits for stock again. */
export async function endSubstitution(deps: StepDeps, { orderId }: OrderRef): Promise<OrderChange> {
  return storyStep(deps, orderId, async (tx, order) => {
    if (order.waitCode !== 'substitution' || !isOverdue(order)) return toOrderState(order);
    await endOffer(tx, orderId, 'expired');
    return waitForStock(tx, changeOf(order, BY_ITSELF, [{ type: 'substitution_expired' }]));
  });
}

async function replace(
  tx: Queryable,
  order: OpenOrder,
  lines: readonly SubstituteLine[],
  { cause, events }: { readonly cause: StepCause; readonly events: readonly EventRecord[] },
): Promise<OrderChange> {
  // What the wake lane has just served is what was wanted: nothing is replaced then.
  if (!(await lockQueued(tx, order.id))) return takeOver(tx, order, changeOf(order, cause, events));
  await withdrawShortage(tx, order.id);
  await replaceLines(tx, order.id, lines);
  const substituted = { type: 'substituted', data: { lines: lines.map(toItem) } };
  const gone = order.lines
    .filter(({ id }) => lines.some(({ lineId }) => lineId === id))
    .map(({ id, wanted }) => ({ lineId: id, quantity: wanted }));
  const reason = cause.reason ?? 'substituted';
  const canceled = { type: 'lines_canceled', reason, data: { lines: gone } };
  const change = changeOf(order, cause, [...events, canceled, substituted]);
  await recordChange(tx, { ...change, wait: null });
  return settleCanceled(tx, order, gone, cause);
}

function toReplaceable({ taxIncluded }: OpenOrder) {
  return ({
    id,
    sku,
    ordered,
    wanted,
    shipped,
    itemMinor,
    taxMinor,
  }: OpenOrder['lines'][number]) => {
    const addedTaxMinor = taxIncluded ? 0 : share(taxMinor, wanted, ordered);
    const wantedMinor = share(itemMinor, wanted, ordered) + addedTaxMinor;
    return { id, sku, wanted, shipped, wantedMinor };
  };
}

function toItem({ lineId, sku, quantity }: SubstituteLine) {
  return { lineId, sku, quantity };
}
