import { createHash } from 'node:crypto';

import type { AcceptedIntake, CreateOrder } from '../contracts/intake';
import type { Order } from '../contracts/orders';
import { findPossibleCustomers } from '../db/crm/customers';
import { acceptIntake, findTwin, type IntakeRow } from '../db/oms/intakes';
import { isIntentTaken } from '../db/oms/payment-lookups';
import { findStoreCreditBalances } from '../db/oms/store-credit';
import { findOrder } from '../db/oms/order-views';
import { DomainError, type FieldError } from '../domain/errors';
import type { Lacking } from '../domain/intake-check';

import { canonicalJson } from './canonical-json';
import { ANSWER_MS, type CommandContext } from './commands';
import { workflowLinks } from './order-answers';
import { tryToPlace } from './place';

export type OrderAnswer =
  | { readonly status: 200 | 201; readonly body: { readonly order: Order } }
  | { readonly status: 202; readonly body: AcceptedIntake };

/**
 * Accepts an order and places it: 201, or 202 when the engine does not answer in time (the intake is durable and is
 * placed by itself). The same order again is 200, or 202, and never reaches the engine once it is placed.
 */
export async function acceptOrder(ctx: CommandContext, body: CreateOrder): Promise<OrderAnswer> {
  const deadline = Date.now() + ANSWER_MS;
  const intake = await keepIntake(ctx, body);
  if (intake.status === 'accepted')
    await tryToPlace(ctx.deps, { ...intake, channel: body.channel }, deadline);
  const order = await findOrder(ctx.deps.oms, intake.orderId, workflowLinks(ctx.deps));
  if (order !== null) return { status: intake.isNew ? 201 : 200, body: { order } };
  const statusUrl = `/v1/intakes/${intake.id}`;
  return { status: 202, body: { intakeId: intake.id, status: 'accepted', statusUrl } };
}

async function keepIntake(ctx: CommandContext, body: CreateOrder): Promise<IntakeRow> {
  if (body.externalId === null && ctx.idempotencyKey === null)
    throw new DomainError(
      'validation_failed',
      'An order needs an externalId or an Idempotency-Key.',
      {
        errors: [{ path: 'externalId', message: 'is needed where there is no Idempotency-Key' }],
      },
    );
  await requireFreeIntent(ctx, body);
  await requireStoreCredit(ctx, body);
  const bodyHash = createHash('sha256').update(canonicalJson(body)).digest('hex');
  const acceptance = await acceptIntake(ctx.deps.oms, {
    body: { source: 'api', ...body },
    bodyHash,
    apiKeyId: ctx.actor.apiKeyId,
    idempotencyKey: ctx.idempotencyKey,
    actorType: ctx.actor.type,
    actorId: ctx.actor.id,
    requestId: ctx.requestId,
  });
  if (acceptance.kind === 'refused') throw toRefusal(acceptance.lacking, body);
  const { intake } = acceptance;
  if (intake.door === 'api' && intake.bodyHash === bodyHash) return intake;
  if (body.externalId === null)
    throw new DomainError('idempotency_key_reused', 'The key was used with another order.');
  throw new DomainError(
    'external_id_reused',
    'The channel has another order with this externalId.',
  );
}

/** One intent pays one order. */
async function requireFreeIntent({ deps }: CommandContext, body: CreateOrder): Promise<void> {
  if (body.payment.method !== 'card' || body.payment.reference === undefined) return;
  if (!(await isIntentTaken(deps.oms, body.payment.reference, body))) return;
  throw new DomainError('validation_failed', 'The payment intent pays another order.', {
    errors: [{ path: 'payment.reference', message: 'pays another order' }],
  });
}

/**
 * Nobody whom the order may be of has the store credit that it asks for. What is taken decides when it is placed; an
 * order that was kept already is not asked again.
 */
async function requireStoreCredit(ctx: CommandContext, body: CreateOrder): Promise<void> {
  const { storeCreditMinor = 0 } = body.payment;
  if (storeCreditMinor === 0) return;
  const { crm, oms } = ctx.deps;
  for (const customerId of await findPossibleCustomers(crm, body.customer.email)) {
    const balances = await findStoreCreditBalances(oms, [customerId]);
    const own = balances.find(({ currency }) => currency === body.currency);
    if (own !== undefined && own.balanceMinor >= storeCreditMinor) return;
  }
  const { actor, idempotencyKey } = ctx;
  const kept = { body: { source: 'api' as const, ...body }, apiKeyId: actor.apiKeyId };
  if ((await findTwin(oms, { ...kept, idempotencyKey })) !== null) return;
  throw new DomainError('insufficient_store_credit', 'The customer has less store credit.', {
    errors: [{ path: 'payment.storeCreditMinor', message: 'is more than the customer has' }],
  });
}

/** What the catalogue lacks, by field. */
export function toRefusal(lacking: Lacking, { currency }: { currency: string }): DomainError {
  const errors: FieldError[] = [];
  const isCurrencyLacking =
    lacking.unpricedLines.length > 0 ||
    (!lacking.hasShippingMethod && lacking.hasShippingMethodElsewhere);
  if (isCurrencyLacking)
    errors.push({
      path: 'currency',
      message: `the catalogue has no complete prices in ${currency}`,
    });
  if (!lacking.hasShippingMethod && !lacking.hasShippingMethodElsewhere)
    errors.push({ path: 'shippingMethod', message: 'is not known' });
  for (const index of lacking.unknownLines)
    errors.push({ path: `lines.${index}.sku`, message: 'is not in the catalogue' });
  for (const index of lacking.unpricedLines)
    errors.push({ path: `lines.${index}.unitPriceMinor`, message: `has no price in ${currency}` });
  if (lacking.isTooLarge)
    errors.push({ path: 'lines', message: 'the amounts of the order are too large' });
  return new DomainError('validation_failed', 'The catalogue cannot serve the order as it is.', {
    errors,
  });
}
