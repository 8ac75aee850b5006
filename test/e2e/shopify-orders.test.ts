import { randomUUID } from 'node:crypto';

import { signShopifyBody } from '../../src/platform/shopify-signature';
import { aShopifyLine, aShopifyOrder } from '../fixtures/shopify-orders';
import { anOrder, readOrder, shipAll, untilStage } from '../helpers/orders';
import { SHOPIFY_SECRET, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { audit } from '../helpers/audit';

let system: System;
beforeAll(async () => {
  system = await startSystem();
  for (const sku of ['NOTEBOOK-A5', 'PEN-BLUE']) await stockProduct(sku);
});
afterAll(async () => {
  await system.stop();
});

async function stockProduct(sku: string): Promise<void> {
  const product = { title: sku, prices: [{ currency: 'USD', priceMinor: 1000 }], weightGrams: 100 };
  await system.api('PUT', `/v1/products/${sku}`, product);
  await system.api('POST', '/v1/inventory/adjustments', {
    sku,
    location: 'BOS',
    delta: 100,
    reason: 'receipt',
    reference: null,
  });
}

let lastId = 91_000;

function aDocument(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  lastId += 1;
  return aShopifyOrder({ id: lastId, name: `#${String(lastId)}`, ...overrides });
}

async function send(
  topic: string,
  document: object,
  eventId: string = randomUUID(),
): Promise<string> {
  const rawBody = JSON.stringify(document);
  const answer = await system.api('POST', '/v1/webhooks/shopify', undefined, {
    rawBody,
    headers: {
      'x-shopify-topic': topic,
      'x-shopify-event-id': eventId,
      'x-shopify-hmac-sha256': signShopifyBody(SHOPIFY_SECRET, rawBody),
    },
  });
  return answer.body.status;
}

async function placed(document: Record<string, unknown>) {
  return waitFor('the order', async () => {
    const found = await system.api('GET', `/v1/orders?channel=shopify&q=${String(document['id'])}`);
    const [item] = found.body.items;
    return item === undefined ? null : readOrder(system, item.id);
  });
}

async function eventsOf(orderId: string): Promise<string[]> {
  const { body } = await system.api('GET', `/v1/orders/${orderId}/events?limit=100`);
  return body.items.map((event: { type: string }) => event.type);
}

describe('a Shopify order', () => {
  it('that is paid keeps its totals to the cent and goes to its end', async () => {
    const document = aDocument();
    expect(await send('orders/create', document, 'twice')).toBe('accepted');
    const order = await placed(document);

    expect(order).toMatchObject({
      channel: 'shopify',
      externalId: String(document['id']),
      subtotalMinor: 6400,
      discountMinor: 840,
      shippingMinor: 500,
      taxMinor: 348,
      totalMinor: 6408,
      paymentMethod: 'prepaid',
      findings: [],
    });
    expect(await send('orders/create', document, 'twice')).toBe('duplicate');
    expect(await send('orders/create', document)).toBe('duplicate');
    await shipAll(system, order.id);
    const after = await untilStage(system, order.id, 'carrier');
    expect(after.amounts).toMatchObject({ capturedMinor: 6408, balanceDueMinor: 0 });
  });

  it('that awaits its money waits for orders/paid, without a deadline', async () => {
    const document = aDocument({ financial_status: 'pending' });
    await send('orders/create', document);
    const { id } = await placed(document);
    const waiting = await untilStage(system, id, 'payment');
    expect(waiting.waitingFor).toMatchObject({ code: 'payment', until: null });

    await send('orders/paid', { ...document, financial_status: 'paid' });

    const paid = await untilStage(system, id, 'warehouse');
    expect(paid).toMatchObject({ paymentStatus: 'paid', amounts: { capturedMinor: 6408 } });
  });

  it('whose payment was reported first goes on at once', async () => {
    const document = aDocument({ financial_status: 'pending' });
    await send('orders/paid', { ...document, financial_status: 'paid' });
    await send('orders/create', document);

    const { id } = await placed(document);

    expect((await untilStage(system, id, 'warehouse')).paymentStatus).toBe('paid');
  });

  it('that is only authorised at the shop ships', async () => {
    const document = aDocument({ financial_status: 'authorized' });
    await send('orders/create', document);
    const { id } = await placed(document);

    await shipAll(system, id);

    const events = await system.api('GET', `/v1/orders/${String(id)}/events?limit=100`);
    const types = events.body.items.map((event: { type: string }) => event.type);
    expect(types).toContain('capture_due');
  });

  it('that the shop cancels is canceled', async () => {
    const document = aDocument();
    await send('orders/create', document);
    const { id } = await placed(document);
    await untilStage(system, id, 'warehouse');

    const canceled = { cancelled_at: new Date().toISOString(), cancel_reason: 'customer' };
    await send('orders/cancelled', { ...document, ...canceled });

    const order = await untilStage(system, id, 'canceled');
    expect(order).toMatchObject({ status: 'canceled', paymentStatus: 'overpaid' });
  });

  it('that was fulfilled or canceled at the shop is history', async () => {
    const fulfilled = aDocument({ fulfillment_status: 'fulfilled' });
    const canceled = aDocument({ cancelled_at: '2026-03-02T10:00:00Z', cancel_reason: 'fraud' });
    await send('orders/create', fulfilled);
    await send('orders/create', canceled);

    expect(await placed(fulfilled)).toMatchObject({
      status: 'completed',
      origin: 'import',
      waitingFor: null,
    });
    expect(await placed(canceled)).toMatchObject({
      status: 'canceled',
      cancelReason: 'fraud',
      waitingFor: null,
    });
  });

  it('with a line that no product is waits in review until it is one', async () => {
    const sku = `NEW-${String(lastId)}`;
    const document = aDocument({
      line_items: [aShopifyLine({ sku, title: 'Brand new', price: '10.00' })],
      total_line_items_price: '10.00',
      total_discounts: '0.00',
      subtotal_price: '10.00',
      total_tax: '0.00',
      total_price: '15.00',
    });
    await send('orders/create', document);
    const { id } = await placed(document);
    const held = await untilStage(system, id, 'review');
    expect(held.findings).toMatchObject([{ code: 'unknown_sku', verdict: 'hold', status: 'open' }]);

    const refused = await system.api('POST', `/v1/orders/${String(id)}/approve`, {
      reason: 'checked',
    });
    await stockProduct(sku);
    const approved = await system.api('POST', `/v1/orders/${String(id)}/approve`, {
      reason: 'checked',
    });

    expect([refused.status, refused.body.code]).toEqual([422, 'unknown_sku']);
    expect(approved.status).toBe(200);
    expect((await untilStage(system, id, 'warehouse')).totalMinor).toBe(1500);
  });

  describe('that is paid and canceled before its pay step', () => {
    const inReview = () => {
      const sku = `GONE-${String(lastId)}`;
      return aDocument({ line_items: [aShopifyLine({ sku, title: 'Gone', price: '64.00' })] });
    };

    it('keeps the money in sight, with the refund due', async () => {
      const document = inReview();
      await send('orders/create', document);
      const { id } = await placed(document);
      await system.api('POST', `/v1/orders/${String(id)}/reject`, { reason: 'not ours' });

      const done = await untilStage(system, id, 'canceled');
      expect(done.paymentStatus).toBe('overpaid');
      expect(await eventsOf(id)).toEqual(
        expect.arrayContaining(['payment_captured', 'refund_due']),
      );
    });

    it('owes nothing when the shop has refunded it', async () => {
      const document = inReview();
      await send('orders/create', document);
      const { id } = await placed(document);
      await send('orders/cancelled', { ...document, financial_status: 'refunded' });

      const done = await untilStage(system, id, 'canceled');
      expect(done.paymentStatus).toBe('refunded');
      expect(await eventsOf(id)).not.toContain('refund_due');
    });

    it('is flagged when the money comes only after the cancel', async () => {
      const document = aDocument({ financial_status: 'pending' });
      await send('orders/create', document);
      const { id } = await placed(document);
      await untilStage(system, id, 'payment');
      await system.api('POST', `/v1/orders/${String(id)}/cancel`, { reason: 'too late' });
      await send('orders/paid', { ...document, financial_status: 'paid' });

      const paid = await waitFor('the money', async () => {
        const seen = await readOrder(system, id);
        return seen.paymentStatus === 'overpaid' ? seen : null;
      });
      expect(paid.status).toBe('canceled');
      expect(await eventsOf(id)).toContain('refund_due');
    });
  });

  it('of many sent at once by webhook and by API is one order', async () => {
    const document = aDocument();
    const body = anOrder({ channel: 'shopify', externalId: String(document['id']) });

    await Promise.all([
      ...Array.from({ length: 5 }, () => send('orders/create', document)),
      ...Array.from({ length: 5 }, () => system.api('POST', '/v1/orders', body)),
    ]);
    await placed(document);

    const found = await system.api('GET', `/v1/orders?channel=shopify&q=${String(document['id'])}`);
    expect(found.body.items).toHaveLength(1);
  });

  it('leaves nothing that the audit objects to', async () => {
    const { broken, lines } = await audit(system);
    expect(broken.length === 0 ? [] : lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  });
});
