import type { FulfillmentOrder } from '../../contracts/fulfillment';
import type { Autofill, Order, OrderEvent, OrderItem } from '../../contracts/orders';
import { fulfillmentActions } from '../../domain/fulfillment-actions';
import {
  allowedActions,
  handOverFacts,
  type OrderActionFacts,
  paidByOf,
} from '../../domain/order-actions';
import { toWaitingFor, type WaitFacts } from '../../domain/waiting-for';
import type { Queryable } from '../pool';

import { ORDER_JSON } from './order-json';
import { type StoredShipment, toShipment } from './shipments';

/** Gives the page of a workflow in the operators' console. */
export type LinkTo = (workflowId: string) => string;

interface Facts extends Omit<WaitFacts, 'stage'> {
  readonly phase: string;
  readonly waitCode: OrderActionFacts['waitCode'];
  readonly hold: WaitFacts['hold'] & { readonly active: number };
}

export type StoredItem = Omit<OrderItem, 'waitingFor' | 'temporalUrl'> & { readonly facts: Facts };

export type StoredFulfillment = Omit<FulfillmentOrder, 'allowedActions'> & {
  readonly isHeld: boolean;
};

type StoredOrder = Omit<
  Order,
  'waitingFor' | 'temporalUrl' | 'allowedActions' | 'fulfillmentOrders' | 'shipments'
> & {
  readonly facts: Facts;
  readonly shipments: readonly StoredShipment[];
  readonly fulfillmentOrders: readonly StoredFulfillment[];
};

export function toOrderItem({ facts, ...item }: StoredItem, linkTo: LinkTo): OrderItem {
  return {
    ...item,
    waitingFor: toWaitingFor({ ...facts, stage: item.stage }),
    temporalUrl: linkTo(item.workflowId),
  };
}

/** A fulfilment order with its legal next steps. */
export function toFulfillmentOrder({ isHeld, ...stored }: StoredFulfillment): FulfillmentOrder {
  const actions = fulfillmentActions(stored.status, {
    allPicked: stored.lines.every((line) => line.picked === line.quantity),
    packed: stored.packedAt !== null,
    heldOrder: isHeld,
  });
  return { ...stored, allowedActions: actions };
}

function toOrder(
  { facts, fulfillmentOrders, shipments, ...order }: StoredOrder,
  linkTo: LinkTo,
): Order {
  return {
    ...order,
    waitingFor: toWaitingFor({ ...facts, stage: order.stage }),
    temporalUrl: linkTo(order.workflowId),
    fulfillmentOrders: fulfillmentOrders.map(toFulfillmentOrder),
    shipments: shipments.map(toShipment),
    allowedActions: allowedActions(toActionFacts(order, facts, fulfillmentOrders)),
  };
}

function toActionFacts(
  { status, paymentMethod }: Pick<Order, 'status' | 'paymentMethod'>,
  { phase, waitCode, hold }: Facts,
  fulfillmentOrders: readonly StoredFulfillment[],
): OrderActionFacts {
  const work = handOverFacts(fulfillmentOrders.map((one) => one.status));
  return {
    ...{ ...work, status, waitCode, paidBy: paidByOf(paymentMethod) },
    ...{ activeHolds: hold.active, canceling: phase === 'cancel' },
  };
}

/** The complete order in one statement, as of one moment; null when there is none. */
export async function findOrder(
  db: Queryable,
  orderId: string,
  linkTo: LinkTo,
): Promise<Order | null> {
  const { rows } = await db.query<{ document: StoredOrder }>(
    `select ${ORDER_JSON} as document from oms.orders o where o.id = $1::uuid`,
    [orderId],
  );
  const stored = rows[0]?.document;
  return stored === undefined ? null : toOrder(stored, linkTo);
}

/** Events with a number above `after`, oldest first; null when there is no such order. */
export async function listOrderEvents(
  db: Queryable,
  orderId: string,
  page: { readonly after: number; readonly limit: number },
): Promise<OrderEvent[] | null> {
  const { rows } = await db.query<{ event: OrderEvent | null }>(
    `select case when e.id is not null then jsonb_build_object('seq', e.seq, 'at', oms.iso(e.at), 'type', e.type,
         'actor', jsonb_build_object('type', e.actor_type, 'id', e.actor_id), 'reason', e.reason,
         'requestId', e.request_id, 'data', e.data) end as event
     from oms.orders o left join oms.order_events e on e.order_id = o.id and e.seq > $2::integer
     where o.id = $1::uuid order by e.seq limit $3::integer`,
    [orderId, page.after, page.limit],
  );
  if (rows.length === 0) return null;
  return rows.map((row) => row.event).filter((event) => event !== null);
}

/** The newest order of a customer as a form would be filled; null when the order at hand does not exist. */
export async function findAutofill(
  db: Queryable,
  orderId: string,
  customerId: string | null,
): Promise<Autofill | null> {
  const { rows } = await db.query<{ autofill: Autofill }>(
    `select jsonb_build_object('shippingAddress', last.ship_to, 'billingAddress', last.bill_to,
         'shippingMethod', last.shipping_method, 'fromOrderId', last.id,
         'payment', case when last.id is not null then jsonb_build_object('method', last.payment_method,
           'terms', (select n.body #> '{payment,terms}' from oms.intakes n where n.order_id = last.id)) end) as autofill
     from oms.orders o left join lateral (
       select p.* from oms.orders p
       where p.customer_id = coalesce($2::uuid, o.customer_id) and p.id <> o.id
       order by p.placed_at desc, p.id desc limit 1) last on true
     where o.id = $1::uuid`,
    [orderId, customerId],
  );
  return rows[0]?.autofill ?? null;
}
