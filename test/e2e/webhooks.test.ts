import { randomUUID } from 'node:crypto';

import { signShopifyBody } from '../../src/platform/shopify-signature';
import { signWebhook } from '../../src/platform/standard-webhooks';
import { aShopifyOrder } from '../fixtures/shopify-orders';
import { pick, post, readOrder, shipAll, untilStage } from '../helpers/orders';
import {
  type Answer,
  SHOPIFY_SECRET,
  startSystem,
  type System,
  WEBHOOK_SECRET,
} from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

const CARRIER = '/v1/webhooks/carriers/sandbox';
const PAYMENTS = '/v1/webhooks/sandbox-payments';
const SHOPIFY = '/v1/webhooks/shopify';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
});

interface Sending {
  readonly id?: string;
  readonly ageSeconds?: number;
  readonly secret?: string;
  /** What is sent instead of what was signed. */
  readonly tampered?: string;
}

/** A Standard Webhooks message. */
function send(route: string, message: unknown, sending: Sending = {}): Promise<Answer> {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  const { id = randomUUID(), ageSeconds = 0, secret = WEBHOOK_SECRET, tampered = body } = sending;
  const timestampSeconds = Math.floor(Date.now() / 1000) - ageSeconds;
  const headers = { ...signWebhook([secret], { id, timestampSeconds, body }), authorization: '' };
  return system.api('POST', route, undefined, { rawBody: tampered, headers });
}

function sendShopify(
  topic: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return system.api('POST', SHOPIFY, undefined, {
    rawBody: body,
    headers: {
      'x-shopify-topic': topic,
      'x-shopify-event-id': randomUUID(),
      'x-shopify-hmac-sha256': signShopifyBody(SHOPIFY_SECRET, body),
      authorization: '',
      ...headers,
    },
  });
}

async function countKept(): Promise<unknown> {
  const { rows } = await system.db.admin.query(
    'select (select count(*) from oms.inbox) as inbox, (select count(*) from oms.intakes) as intakes',
  );
  return rows[0];
}

async function expectRefused(
  call: () => Promise<Answer>,
  status: number,
  code: string,
): Promise<void> {
  const before = await countKept();
  const answer = await call();
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(await countKept()).toEqual(before);
}

function aScan(trackingNo: string, code: string, minutesAgo: number, id: string = randomUUID()) {
  const occurredAt = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  return { type: 'shipment.scanned', data: { trackingNo, scans: [{ id, code, occurredAt }] } };
}

const wrong = `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}`;

describe.each([CARRIER, PAYMENTS])('%s', (route) => {
  const message = { type: 'nothing.we.know', data: {} };

  it.each<[string, Sending]>([
    ['a signature of another secret', { secret: wrong }],
    ['a body other than the signed one', { tampered: '{"type":"payment.completed"}' }],
    ['a timestamp of six minutes ago', { ageSeconds: 360 }],
    ['a timestamp of six minutes ahead', { ageSeconds: -360 }],
  ])('refuses %s', async (_what, sending) => {
    await expectRefused(() => send(route, message, sending), 401, 'unauthorized');
  });

  it('refuses what is not signed at all, no JSON, or over 1 MB', async () => {
    const unsigned = (): Promise<Answer> => system.api('POST', route, message);
    await expectRefused(unsigned, 401, 'unauthorized');
    await expectRefused(() => send(route, '{"type":'), 400, 'malformed_json');
    await expectRefused(() => send(route, 'x'.repeat(1 << 21)), 413, 'payload_too_large');
  });

  it('keeps what it does not know, and a repeat as one', async () => {
    const id = randomUUID();
    const first = await send(route, message, { id });
    const again = await send(route, message, { id });
    expect([first.body, again.body]).toEqual([{ status: 'ignored' }, { status: 'duplicate' }]);
  });

  it('takes a list, null and a prototype for unknown messages', async () => {
    for (const text of ['[]', 'null', '{"__proto__":{"isAdmin":true},"type":7}'])
      expect((await send(route, text)).body).toEqual({ status: 'ignored' });
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });
});

describe('Shopify’s webhooks', () => {
  const document = JSON.stringify(aShopifyOrder({ id: 77_001 }));

  it.each<[string, Record<string, string>]>([
    ['a wrong signature', { 'x-shopify-hmac-sha256': signShopifyBody('another', document) }],
    ['no signature', { 'x-shopify-hmac-sha256': '' }],
    ['a short signature', { 'x-shopify-hmac-sha256': 'AA==' }],
  ])('refuses %s', async (_what, headers) => {
    await expectRefused(() => sendShopify('orders/create', document, headers), 401, 'unauthorized');
  });

  it('keeps a topic nobody handles, and a document that is no order', async () => {
    expect((await sendShopify('products/update', '{"id":1}')).body.status).toBe('ignored');
    expect((await sendShopify('orders/create', '{"line_items":7}')).body.status).toBe('accepted');
    const { rows } = await system.db.admin.query(
      `select result from oms.inbox where topic = 'orders/create' order by received_at desc limit 1`,
    );
    expect(rows).toEqual([{ result: 'parked' }]);
  });

  it('takes text that cannot be stored, without it', async () => {
    const customer = { first_name: 'A\u0000da', last_name: 'P\ud83dark 😀' };
    const text = JSON.stringify(aShopifyOrder({ id: 77_002, customer, note: 'N\u0000UL' }));
    expect((await sendShopify('orders/create', text)).body.status).toBe('accepted');
    const item = await waitFor('the order', async () => {
      const { body } = await system.api('GET', '/v1/orders?channel=shopify&q=77002');
      return body.items[0];
    });
    expect((await readOrder(system, item.id)).customer.name).toContain('😀');
  });
});

describe('scans of a parcel', () => {
  async function inboxIsDone(): Promise<void> {
    await waitFor('the inbox', async () => {
      const { rowCount } = await system.db.admin.query(
        'select from oms.inbox where processed_at is null',
      );
      return rowCount === 0;
    });
  }

  it('before hand-over move the shipment only; counters, mails and the order follow', async () => {
    const { id, customer } = await post(system);
    const ready = await untilStage(system, id, 'warehouse');
    const task = `/v1/fulfillment-orders/${ready.fulfillmentOrders[0].id as string}`;
    const lines = await pick(system, ready.fulfillmentOrders[0].id);
    await system.api('POST', `${task}/pack`, { packages: [{ weightGrams: 700, lines }] });
    const { trackingNo, id: shipmentId } = (await readOrder(system, id)).shipments[0];
    for (const [code, minutesAgo] of [
      ['in_transit', 30],
      ['picked_up', 60],
      ['delivered', 5],
    ] as const)
      expect((await send(CARRIER, aScan(trackingNo, code, minutesAgo))).body.status).toBe(
        'accepted',
      );
    await inboxIsDone();

    const before = await readOrder(system, id);
    expect(before).toMatchObject({
      stage: 'warehouse',
      fulfillmentStatus: 'in_progress',
      lines: [{ shipped: 0, delivered: 0 }],
      shipments: [{ status: 'delivered', shippedAt: null }],
    });
    expect((await mailsTo(customer.email)).includes('order_delivered')).toBe(false);

    expect((await system.api('POST', `${task}/hand-over`, {})).status).toBe(200);
    const done = await untilStage(system, id, 'completed');
    expect(done.lines).toMatchObject([{ shipped: 2, delivered: 2 }]);
    await waitFor('three mails', async () => (await mailsTo(customer.email)).length === 3);
    expect(await mailsTo(customer.email)).toEqual([
      'order_confirmed',
      'order_delivered',
      'order_shipped',
    ]);

    const late = await send(CARRIER, aScan(trackingNo, 'in_transit', 20));
    expect(late.body.status).toBe('accepted');
    await inboxIsDone();
    const { body } = await system.api('GET', `/v1/shipments/${shipmentId as string}/events`);
    expect(body.items).toHaveLength(4);
    expect((await readOrder(system, id)).shipments).toMatchObject([{ status: 'delivered' }]);
  });

  it('twice, in one message or in two, count once', async () => {
    const { id, customer } = await post(system);
    const { shipments } = await shipAll(system, id);
    const { trackingNo, id: shipmentId } = shipments[0];
    const scan = aScan(trackingNo, 'delivered', 1, 'scan-1');
    const messageId = randomUUID();
    const answers = await Promise.all([
      send(CARRIER, scan, { id: messageId }),
      send(CARRIER, scan, { id: messageId }),
      send(CARRIER, scan),
    ]);
    expect(answers.map(({ body }) => body.status as string).sort()).toEqual([
      'accepted',
      'accepted',
      'duplicate',
    ]);

    expect((await untilStage(system, id, 'completed')).lines).toMatchObject([{ delivered: 2 }]);
    await send(CARRIER, scan);
    await inboxIsDone();
    const { body } = await system.api('GET', `/v1/shipments/${shipmentId as string}/events`);
    expect(body.items).toHaveLength(1);
    await waitFor('three mails', async () => (await mailsTo(customer.email)).length === 3);
  });

  it('of a parcel that is not ours wait without holding up others', async () => {
    expect((await send(CARRIER, aScan('NOT-OURS', 'delivered', 1))).body.status).toBe('accepted');
    const { id } = await post(system);
    const { shipments } = await shipAll(system, id);
    await send(CARRIER, aScan(shipments[0].trackingNo, 'delivered', 0));
    await untilStage(system, id, 'completed');
  });

  async function mailsTo(email: string): Promise<string[]> {
    const { body } = await system.sandbox('GET', `/mail?to=${encodeURIComponent(email)}`);
    return body.items
      .map(({ headers }: { headers: Record<string, string> }) => headers['x-throughline-template'])
      .sort();
  }
});
