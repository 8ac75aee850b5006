import { randomInt, randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import type { Books } from './books';
import { newId, nowIso } from './ids';
import { parseBody, Problem } from './problem';
import type { JournalRecord, Webhook } from './records';
import { buildStorefrontDocument } from './storefront-document';
import { StorefrontOrder, StorefrontSend } from './storefront-request';

const SHOP_DOMAIN = 'throughline-sandbox.myshopify.com';
const API_VERSION = '2026-07';
const FIRST_ID = 5_000_000_000_000;

type Document = Readonly<Record<string, unknown>> & { readonly id: number };

/** What a later topic changes in the document. */
function toLaterState(topic: StorefrontSend['topic'], at: string): Record<string, unknown> {
  switch (topic) {
    case 'orders/create':
      return {};
    case 'orders/paid':
      return { financial_status: 'paid', updated_at: at };
    case 'orders/cancelled':
      return { cancelled_at: at, cancel_reason: 'customer', updated_at: at };
  }
}

const StoredDocument = z.looseObject({ id: z.number() });

function readDocument(json: string): Document {
  return StoredDocument.parse(JSON.parse(json));
}

function readBareDocument(body: unknown): Record<string, unknown> {
  const {
    topic: _t,
    eventId: _e,
    copies: _c,
    orderId: _o,
    ...document
  } = parseBody(z.looseObject({}), body);
  return document;
}

function makeDocument(books: Books, send: StorefrontSend, body: unknown): Document {
  const at = nowIso();
  if (send.order) return send.order;
  if (send.id !== undefined && send.line_items) return { ...readBareDocument(body), id: send.id };
  if (send.orderId !== undefined) {
    const earlier = books.storefront.get(send.orderId);
    if (!earlier) throw new Problem(404, 'unknown_order', 'The storefront has no such order');
    return { ...readDocument(earlier.document), ...toLaterState(send.topic, at) };
  }
  const order = parseBody(StorefrontOrder, body);
  const identity = {
    id: FIRST_ID + randomInt(1_000_000_000_000),
    orderNumber: 1001 + books.storefront.size,
    at,
  };
  return { ...buildStorefrontDocument(order, identity), ...toLaterState(send.topic, at) };
}

/** Each copy is a delivery of its own of one event, as a shop's retries are. */
function toWebhook(send: StorefrontSend, document: Document, eventId: string): Webhook {
  const at = nowIso();
  return {
    id: newId('msg'),
    lane: `order ${document.id}`,
    path: '/v1/webhooks/shopify',
    scheme: 'shopify',
    headers: {
      'x-shopify-topic': send.topic,
      'x-shopify-event-id': eventId,
      'x-shopify-webhook-id': randomUUID(),
      'x-shopify-shop-domain': SHOP_DOMAIN,
      'x-shopify-api-version': API_VERSION,
      'x-shopify-triggered-at': at,
    },
    body: JSON.stringify(document),
    at,
  };
}

/** The shop: makes or takes an order document, and sends it as a signed webhook. */
export function createStorefrontRoutes(books: Books): Router {
  const router = Router();

  router.post('/orders', async (req, res) => {
    const send = parseBody(StorefrontSend, req.body);
    const order = makeDocument(books, send, req.body);
    const eventId = send.eventId ?? randomUUID();
    const webhooks = Array.from({ length: send.copies }, () => toWebhook(send, order, eventId));
    const queued = webhooks.map((webhook): JournalRecord => ({ type: 'webhook.queued', webhook }));
    const document = JSON.stringify(order);
    await books.write({ type: 'storefront.sent', id: order.id, document, at: nowIso() }, ...queued);
    res.status(201).json({ orderId: order.id, topic: send.topic, eventId, order });
  });

  return router;
}
