import { OrderAnnouncement } from '../contracts/outbox';
import { queueMessage } from '../db/crm/message-queue';
import type { Delivery } from '../db/oms/outbox-deliveries';
import {
  findOrderFacts,
  findShipmentFacts,
  type OrderFacts,
  type ShipmentFacts,
} from '../db/oms/order-facts';
import { type CustomerLink, keepLink } from '../db/oms/links';
import { durationOf, findPolicyValues } from '../db/oms/policy-values';
import { findOffer } from '../db/oms/substitutions';
import type { Pool } from '../db/pool';
import type { Logger } from '../platform/logger';
import { hashAddress, hashToken, linkToken } from '../platform/secret-links';

import { drainDeliveries, type DeliveryHandler } from './lane-deliveries';

export interface MessageQueueingDeps {
  readonly oms: Pool;
  readonly crm: Pool;
  readonly linkSecret: string;
  readonly logger: Logger;
}

/** Which announcement is told to the customer, by which template. */
const TEMPLATE_OF: ReadonlyMap<string, string> = new Map([
  ['order.confirmed', 'order_confirmed'],
  ['fulfillment.handed_over', 'order_shipped'],
  ['shipment.delivered', 'order_delivered'],
  ['shipment.delivery_failed', 'delivery_failed'],
  ['shipment.lost', 'order_lost'],
  ['shipment.returning', 'order_returning'],
  ['order.canceled', 'order_canceled'],
  ['order.substitution_offered', 'substitution_offer'],
]);

/** Turns one batch of announcements into queued messages: at least once, and once per event, person and channel. */
export async function queueDueMessages(deps: MessageQueueingDeps): Promise<number> {
  return await drainDeliveries({
    name: 'messages',
    oms: deps.oms,
    logger: deps.logger,
    prepare: (batch) => prepare(deps, batch),
  });
}

async function prepare(
  deps: MessageQueueingDeps,
  batch: readonly Delivery[],
): Promise<DeliveryHandler> {
  const orderIds = batch.flatMap((delivery) => {
    const parsed = OrderAnnouncement.safeParse(delivery.payload);
    return parsed.success ? [parsed.data.orderId] : [];
  });
  const orders = await findOrderFacts(deps.oms, orderIds);
  const policies = await findPolicyValues(deps.oms, ['messageExpiry']);
  const expiresAfter = durationOf(policies, 'messageExpiry', 'P3D');
  return (delivery) => queueOne(deps, orders, expiresAfter, delivery);
}

async function queueOne(
  deps: MessageQueueingDeps,
  orders: ReadonlyMap<string, OrderFacts>,
  expiresAfter: string | null,
  delivery: Delivery,
): Promise<void> {
  const templateKey = TEMPLATE_OF.get(delivery.type);
  if (templateKey === undefined) return;
  const event = OrderAnnouncement.parse(delivery.payload);
  if (event.isHistory === true) return;
  const order = orders.get(event.orderId);
  if (order?.customerId == null) throw new Error('the announced order has no row or no customer');
  if (templateKey === 'order_delivered')
    await keepPage(deps, { kind: 'return', orderId: order.orderId, ref: order.orderId });
  const substitution = await substitutionOf(deps, event);
  const shipment = await shipmentOf(deps, event);
  const address = order.email?.trim().toLowerCase() ?? null;
  const document =
    event.substitutionId ?? event.shipmentId ?? event.fulfillmentOrderId ?? event.orderId;
  const subject = event.nth == null ? document : `${document}:${String(event.nth)}`;
  await queueMessage(deps.crm, {
    dedupeKey: `${delivery.type}/${subject}/${order.customerId}/email`,
    customerId: order.customerId,
    templateKey,
    locale: order.locale.toLowerCase().startsWith('zh') ? 'zh' : 'en',
    sourceType: 'order',
    sourceId: order.orderId,
    address,
    addressHash: address === null ? null : hashAddress(deps.linkSecret, 'email', address),
    variables: { ...toVariables(order, order.customerId, shipment), ...substitution },
    expiresAfter,
  });
}

/** The page behind the mail's link must be there before the mail is. */
async function keepPage(
  { oms, linkSecret }: MessageQueueingDeps,
  page: Pick<CustomerLink, 'kind' | 'orderId' | 'ref'>,
): Promise<void> {
  await keepLink(oms, {
    ...page,
    tokenHash: hashToken(linkToken(linkSecret, page.kind, page.ref)),
  });
}

/** What the customer is offered, and the page to answer on. */
async function substitutionOf(
  deps: MessageQueueingDeps,
  { orderId, substitutionId }: OrderAnnouncement,
): Promise<object> {
  if (substitutionId == null) return {};
  const offer = await findOffer(deps.oms, substitutionId);
  if (offer === null) throw new Error('the announced offer has no row');
  await keepPage(deps, { kind: 'substitution', orderId, ref: substitutionId });
  const { id, lines, priceDeltaMinor } = offer;
  const moreMinor = Math.max(0, priceDeltaMinor);
  return { substitution: { id, lines, moreMinor, lessMinor: moreMinor - priceDeltaMinor } };
}

async function shipmentOf(
  deps: MessageQueueingDeps,
  event: OrderAnnouncement,
): Promise<ShipmentFacts | null> {
  const shipmentId = event.shipmentId ?? null;
  const fulfillmentOrderId = event.fulfillmentOrderId ?? null;
  if (shipmentId === null && fulfillmentOrderId === null) return null;
  return await findShipmentFacts(deps.oms, { shipmentId, fulfillmentOrderId });
}

/** What the templates of an order may print. */
export function toVariables(
  order: OrderFacts,
  customerId: string,
  shipment: ShipmentFacts | null,
): object {
  const { orderId, email, locale, customerName, placedAt, ...rest } = order;
  return {
    customer: { id: customerId, name: customerName ?? '', email: email ?? '', locale },
    order: { ...rest, id: orderId, placedAt: placedAt.toISOString() },
    shipment: shipment ?? { trackingNo: '', carrier: '', lines: [] },
  };
}
