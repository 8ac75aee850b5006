import type { WebhookAnswer } from '../contracts/webhooks';
import { openUnmatched } from '../db/oms/incidents';
import {
  hastenInboxEvents,
  insertInboxEvent,
  settleInboxEvent,
  takeEarlyCancel,
  type NewInboxEvent,
} from '../db/oms/inbox';
import { insertShopIntake, reviseShopIntake, type ShopIntake } from '../db/oms/intakes';
import { withTransaction, type Queryable } from '../db/pool';
import type { ShopifyIntake } from '../domain/intake-body';
import { readShopifyCancel, readShopifyOrderId, toShopifyIntake } from '../domain/shopify';

import type { ApiDeps } from './deps';
import { tryToPlace } from './place';
import { type Received } from './webhooks';

const SOURCE = 'shopify';
/** Shopify waits 5 s for an answer; what takes longer is placed by the `wake` lane. */
const PLACE_MS = 1000;

/** Topics that change an order we know; applied by the `wake` lane. */
const LATER_TOPICS: ReadonlySet<string> = new Set(['orders/paid', 'orders/cancelled']);

export interface ShopifyEvent extends Received {
  readonly eventId: string;
  readonly topic: string;
  readonly requestId: string;
}

/**
 * Keeps one event of the shop, once. `orders/create` becomes an intake in the same transaction, unless the order is
 * known already; the order is then placed, or left to the `wake` lane when that does not come off at once.
 */
export async function keepShopifyEvent(
  deps: ApiDeps,
  event: ShopifyEvent,
): Promise<WebhookAnswer['status']> {
  if (event.topic === 'orders/create') return keepNewOrder(deps, event);
  const isHandled = LATER_TOPICS.has(event.topic) && readShopifyOrderId(event.body) !== null;
  const isNew = await insertInboxEvent(deps.oms, {
    ...toInboxEvent(event),
    result: isHandled ? null : 'ignored',
    reason: isHandled ? null : 'topic not handled',
  });
  if (!isNew) return 'duplicate';
  return isHandled ? 'accepted' : 'ignored';
}

function toInboxEvent(event: ShopifyEvent): NewInboxEvent {
  return {
    source: SOURCE,
    eventId: event.eventId,
    topic: event.topic,
    body: event.body,
    rawHash: event.rawHash,
    reference: readShopifyOrderId(event.body),
    requestId: event.requestId,
    result: null,
    reason: null,
  };
}

async function keepNewOrder(deps: ApiDeps, event: ShopifyEvent): Promise<WebhookAnswer['status']> {
  const mapping = toShopifyIntake(event.body);
  const inboxEvent = toInboxEvent(event);
  if (mapping.kind === 'unusable') {
    const parked = { ...inboxEvent, result: 'parked', reason: mapping.reason } as const;
    return withTransaction(deps.oms, async (tx) => {
      if (!(await insertInboxEvent(tx, parked))) return 'duplicate';
      const detail = `orders/create: ${mapping.reason}`;
      await openUnmatched(tx, { orderId: null, docId: event.eventId, detail });
      return 'accepted';
    });
  }
  const intake = await withTransaction(deps.oms, async (tx) => {
    if (!(await insertInboxEvent(tx, inboxEvent))) return null;
    const added = await addIntake(tx, event, mapping.body);
    await settleInboxEvent(tx, inboxEvent, added === null ? 'superseded' : 'applied');
    return added;
  });
  if (intake === null) return 'duplicate';
  await tryToPlace(deps, intake, Date.now() + PLACE_MS);
  return 'accepted';
}

/** Null: the order came before, by whichever door. One whose cancel came first enters as canceled. */
async function addIntake(
  tx: Queryable,
  event: ShopifyEvent,
  body: ShopifyIntake,
): Promise<ShopIntake | null> {
  const intake = await insertShopIntake(tx, {
    body,
    bodyHash: event.rawHash,
    actorType: 'webhook',
    actorId: 'shopify',
    requestId: event.requestId,
  });
  if (intake === null) return null;
  const cancel = await takeEarlyCancel(tx, SOURCE, body.externalId);
  if (cancel !== null) await reviseShopIntake(tx, intake.id, readShopifyCancel(cancel));
  await hastenInboxEvents(tx, SOURCE, body.externalId);
  return intake;
}
