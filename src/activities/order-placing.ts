import type { OrderRef, OrderState } from '../contracts/order-process';
import { resolveCustomer, type ResolvedCustomer } from '../db/crm/customers';
import { hastenInboxEvents } from '../db/oms/inbox';
import { findOpenAmends, findOpenPackings, paidOutside, toOrderState } from '../db/oms/open-order';
import { insertPlacedOrder, type PaymentRow, type Placement } from '../db/oms/place-order';
import { loadIntakeForPlacing } from '../db/oms/pricing-facts';
import { type EventRecord, SYSTEM } from '../db/oms/record-change';
import { type Queryable, withTransaction } from '../db/pool';
import { allocate, type AllocationPart, type Demand } from '../domain/allocation';
import { DomainError } from '../domain/errors';
import { toPricedOrder, toReviewFacts } from '../domain/intake';
import type { IntakeFacts, PlacedOrder } from '../domain/intake-facts';
import type { OrderStatus } from '../domain/order-state';
import { type Review, reviewOrder, reviewWait, type ReviewWait } from '../domain/review';
import { captured, refundDue } from './money-events';
import { requireOrder, type StepDeps, toIso } from './order-step';
import { refundCanceled } from './refund-due';
import { paymentMethodOf, toPayments } from './order-payment-rows';
import { reserveCredit, takeCredit } from './order-store-credit';
import { bookExchange, findExchange } from './return-exchange';

/**
 * Turns the intake into an order: finds or creates the customer, prices, reviews, and reserves at once where nothing
 * holds the order and stock is there. One transaction in each store, CRM first; may run any number of times: a
 * placed intake answers with the order as it is, which is how a fresh run resumes.
 */
export async function placeOrder(deps: StepDeps, { orderId }: OrderRef): Promise<OrderState> {
  const facts = await loadIntakeForPlacing(deps.oms, orderId);
  if (facts === null) throw new DomainError('not_found', 'no such intake');
  if (facts.intake.status === 'placed') return resume(deps, orderId);

  const order = toPricedOrder(facts);
  const customer = await resolveCustomer(deps.crm, toCustomer(orderId, facts, order));
  const { placement, placed } = await withTransaction(deps.oms, async (tx) => {
    const exchange = await findExchange(tx, order);
    const paid = exchange === null ? order : { ...order, payment: exchange.payment };
    const made = toPlacement(
      deps,
      facts,
      await reserveCredit(tx, paid, customer.customerId),
      customer,
    );
    const result = await insertPlacedOrder(tx, made);
    if (result !== null) await takeCredit(tx, made);
    if (result !== null && exchange !== null)
      await bookExchange(tx, exchange, { orderId, cardProvider: deps.cardProvider });
    // Of an order that is rejected at once only money that is there already is kept: it is due back.
    if (made.events.some(({ type }) => type === 'refund_due'))
      await refundCanceled(tx, orderId, {
        ...{ key: `cancel:${orderId}`, reason: made.cancelReason, actor: SYSTEM },
        requestId: null,
      });
    await hastenReports(tx, made.payments);
    return { placement: made, placed: result };
  });
  if (placed === null) return resume(deps, orderId);

  return {
    rev: 1,
    orderNo: facts.intake.orderNo,
    channel: facts.intake.channel,
    status: placement.status,
    phase: placed.phase,
    waitCode: placement.reviewWait,
    until: toIso(placed.until),
    activeHolds: 0,
    openFindings: placement.findings.map(({ code }) => code),
    isPaidByCard: placement.paymentMethod === 'card' && placement.order.header.totalMinor > 0,
    ...paidOutside(placement.paymentMethod),
    fulfillments: [],
    owedCaptures: [],
    arrivedShipmentIds: [],
  };
}

/** What a provider has said of a payment before its order came need not wait any longer. */
async function hastenReports(tx: Queryable, payments: readonly PaymentRow[]): Promise<void> {
  for (const { method, provider, reference } of payments)
    if (method === 'card' && reference !== null) await hastenInboxEvents(tx, provider, reference);
}

async function resume(deps: StepDeps, orderId: string): Promise<OrderState> {
  return withTransaction(deps.oms, async (tx) => {
    const order = await requireOrder(tx, orderId, null);
    const openPackings = findOpenPackings(order);
    const openAmends = findOpenAmends(order);
    return {
      ...toOrderState(order),
      ...(openPackings.length === 0 ? {} : { openPackings }),
      ...(openAmends.length === 0 ? {} : { openAmends }),
    };
  });
}

function toCustomer(orderId: string, facts: IntakeFacts, { header }: PlacedOrder) {
  const { externalId } = header.customer;
  return {
    orderId,
    channel: facts.intake.channel,
    trusted: header.isEmailVerified,
    email: header.customer.email,
    phone: header.customer.phone,
    name: header.customer.name,
    locale: header.customer.locale,
    externalIds: externalId === null ? [] : [{ channel: facts.intake.channel, value: externalId }],
    addresses: [header.shipTo, header.billTo].filter((address) => address !== null),
  };
}

function toPlacement(
  { cardProvider }: StepDeps,
  facts: IntakeFacts,
  order: PlacedOrder,
  customer: ResolvedCustomer,
): Placement {
  const review = reviewOrder(toReviewFacts(facts, order, customer.blocked), facts.rules);
  const status = order.entry === 'open' ? STATUS_BY_VERDICT[review.verdict] : order.entry;
  const { orderId } = facts.intake;
  const payments = toPayments(order, status, { orderId, cardProvider });
  return {
    intake: facts.intake,
    order,
    customerId: customer.customerId,
    locale: order.header.locale ?? customer.locale ?? 'en',
    status,
    phase: status === 'in_review' ? 'review' : 'over',
    reviewWait: status === 'in_review' ? toReviewWait(review) : null,
    findings: order.entry === 'open' ? review.findings : order.findings,
    events: toEvents(order, status, review, payments),
    parts: status === 'confirmed' ? takeStock(facts, order) : null,
    payments,
    paymentMethod: paymentMethodOf(order),
    cancelReason: status === 'canceled' ? (order.header.cancelReason ?? 'review_rejected') : null,
  };
}

function toReviewWait({ findings }: Review): ReviewWait {
  const open = findings.filter(({ verdict }) => verdict !== 'pass').map(({ code }) => code);
  return reviewWait(open) ?? 'review';
}

const STATUS_BY_VERDICT = { pass: 'confirmed', hold: 'in_review', reject: 'canceled' } as const;

/** What can be reserved with the placement; null where an order of better rank waits or stock is short. */
function takeStock(facts: IntakeFacts, order: PlacedOrder): readonly AllocationPart[] | null {
  if (facts.queuedSkus.length > 0) return null;
  const demand = order.lines.flatMap((line) =>
    line.sku !== null && line.isKnownSku && line.requiresShipping
      ? [{ ...toDemand(line.sku, facts), lineId: String(line.lineNo), quantity: line.quantity }]
      : [],
  );
  const levels = facts.stock.map((level) =>
    level.backorder ? { ...level, available: UNLIMITED } : level,
  );
  const allocation = allocate(demand, levels);
  return allocation.kind === 'full' ? allocation.parts : null;
}

function toDemand(sku: string, { catalogue }: IntakeFacts): Omit<Demand, 'lineId' | 'quantity'> {
  const kitParts = catalogue.products.find((product) => product.sku === sku)?.kitParts ?? [];
  return kitParts.length === 0 ? { sku } : { sku, kitParts };
}

/** Stock of an item that may be sold without being there. */
export const UNLIMITED = 1_000_000_000;

function toEvents(
  order: PlacedOrder,
  status: OrderStatus,
  review: Review,
  payments: readonly PaymentRow[],
): EventRecord[] {
  const codes = review.findings.map((finding) => finding.code);
  const placed: EventRecord = {
    type: 'placed',
    data: { to: 'pending', origin: order.header.origin },
    announce: 'order.placed',
    payload: { amountMinor: order.header.totalMinor },
  };
  const change = { from: 'pending', to: status };
  const paidMinor = payments.reduce((sum, { capturedMinor }) => sum + capturedMinor, 0);
  const money = paidMinor > 0 ? [captured(paidMinor)] : [];
  if (order.entry !== 'open') {
    const history: EventRecord = {
      type: status,
      data: { to: status, isHistory: true },
      announce: `order.${status}`,
    };
    return [placed, ...money, { ...history, payload: { isHistory: true } }];
  }
  if (status === 'in_review')
    return [placed, ...money, { type: 'review_held', data: { ...change, findings: codes } }];
  if (status === 'canceled')
    return [
      placed,
      { type: 'review_rejected', data: { findings: codes } },
      ...money,
      canceled(change),
      ...(paidMinor > 0 ? [refundDue(paidMinor, order.header.currency)] : []),
    ];
  return [placed, ...money, { type: 'confirmed', data: change, announce: 'order.confirmed' }];
}

function canceled(change: { from: string; to: string }): EventRecord {
  return { type: 'canceled', reason: 'review_rejected', data: change, announce: 'order.canceled' };
}
