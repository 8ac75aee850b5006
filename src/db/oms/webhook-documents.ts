import { documentOf, type WebhookDocument } from '../../domain/webhook-events';
import type { Queryable } from '../pool';

import { findDispute } from './dispute-views';
import { findCreditNote, findInvoice } from './documents';
import { findFulfillmentOrder } from './fulfillment-work';
import { findIncident } from './incident-list';
import { ORDER_ITEM_JSON, PAYMENT_JSON } from './order-json';
import { type LinkTo, type StoredItem, toOrderItem } from './order-views';
import { findRefund } from './refund-views';
import { findReturn } from './return-views';
import { findShipment } from './shipments';

/** What an event is about: its aggregate, and what its announcement says beside. */
export interface WebhookSubject {
  readonly type: string;
  readonly aggregate: string;
  readonly aggregateId: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

type Reader = (db: Queryable, id: string, linkTo: LinkTo) => Promise<object | null>;

/** Each reads its document as it is now: all that a list shows, and more where that costs nothing. */
const READERS: Readonly<Record<WebhookDocument, Reader>> = {
  order: findOrderItem,
  payment: findPaymentItem,
  fulfillmentOrder: findFulfillmentOrder,
  shipment: findShipment,
  return: findReturn,
  refund: findRefund,
  invoice: findInvoice,
  creditNote: findCreditNote,
  dispute: findDispute,
  incident: findIncident,
};

/**
 * An event's data: its document under its name, as it is at this moment. The announcement names it by `<document>Id`,
 * or it is the aggregate itself. One that cannot be found is told by the announcement's own members.
 */
export async function findWebhookData(
  db: Queryable,
  subject: WebhookSubject,
  linkTo: LinkTo,
): Promise<Record<string, object>> {
  const name = documentOf(subject.type) ?? 'order';
  const id = await idOf(db, subject, name);
  const document = id === null ? null : await READERS[name](db, id, linkTo);
  return { [name]: document ?? { id, ...subject.payload } };
}

async function idOf(
  db: Queryable,
  { aggregate, aggregateId, payload }: WebhookSubject,
  name: WebhookDocument,
): Promise<string | null> {
  const given = payload[`${name}Id`];
  if (typeof given === 'string') return given;
  if (aggregate === name) return aggregateId;
  return name === 'payment' ? findLatestPayment(db, aggregateId) : null;
}

async function findOrderItem(db: Queryable, id: string, linkTo: LinkTo): Promise<object | null> {
  const { rows } = await db.query<{ item: StoredItem }>(
    `select ${ORDER_ITEM_JSON} as item from oms.orders o where o.id = $1::uuid`,
    [id],
  );
  const item = rows[0]?.item;
  return item === undefined ? null : toOrderItem(item, linkTo);
}

async function findPaymentItem(db: Queryable, id: string): Promise<object | null> {
  const { rows } = await db.query<{ item: object }>(
    `select ${PAYMENT_JSON} || jsonb_build_object('orderId', p.order_id) as item from oms.payments p
     where p.id = $1::uuid`,
    [id],
  );
  return rows[0]?.item ?? null;
}

/** An announcement that names no payment is of an order that has one. */
async function findLatestPayment(db: Queryable, orderId: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(
    `select id from oms.payments where order_id = $1::uuid order by seq desc limit 1`,
    [orderId],
  );
  return rows[0]?.id ?? null;
}
