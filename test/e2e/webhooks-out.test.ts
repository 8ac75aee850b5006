import { randomUUID } from 'node:crypto';

import {
  expectStatus,
  pick,
  packAndHandOver,
  post,
  readOrder,
  untilStage,
  deliverAll,
} from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { startReceiver, type WebhookReceiver } from '../helpers/webhook-receiver';
import { audit } from '../helpers/audit';
import { verifyWebhook } from '../../src/platform/standard-webhooks';

describe('webhooks out', () => {
  let system: System;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    system = await startSystem({ policies: { webhookRetryInitial: 'PT0.3S' } });
    receiver = await startReceiver();
  });
  afterAll(async () => {
    await receiver.close();
    await system.stop();
  });

  it('an order from placement to its end is told in order, although the receiver refuses and the worker is replaced', async () => {
    const body = { url: receiver.url, events: ['*'] };
    const created = await system.api('POST', '/v1/webhook-endpoints', body);
    const { id: endpointId, secret } = expectStatus(created, 201).webhookEndpoint;
    const refused = new Set<string>();
    receiver.behave((webhook) => {
      if (refused.has(webhook.body.id) || refused.size === 3) return 200;
      refused.add(webhook.body.id);
      return 503;
    });

    const { id } = await post(system, { lines: [{ sku: 'MUG-RED', quantity: 1 }] });
    const { fulfillmentOrders } = await untilStage(system, id, 'warehouse');
    const lines = await pick(system, fulfillmentOrders[0].id);
    await system.stopWorkers();
    await system.startWorkers();
    // The engine may look for the one that went first: a command is sent again until one takes it.
    const idempotencyKey = randomUUID();
    await waitFor('a worker', async () => {
      const path = `/v1/orders/${id}/notes`;
      return (
        (await system.api('POST', path, { text: 'packed' }, { idempotencyKey })).status === 200
      );
    });
    await packAndHandOver(system, fulfillmentOrders[0].id, lines);
    await scan(system, (await readOrder(system, id)).shipments[0].trackingNo);
    await deliverAll(system, id);
    await untilStage(system, id, 'completed');
    await waitFor('the invoice', () =>
      Promise.resolve(receiver.received.some((webhook) => webhook.body.type === 'invoice.issued')),
    );
    await waitFor('every delivery', async () => {
      const path = `/v1/webhook-deliveries?endpointId=${String(endpointId)}`;
      const { items } = expectStatus(await system.api('GET', path), 200);
      return items.every(({ status }: any) => status === 'succeeded');
    });

    const taken = receiver.received.filter(
      ({ body: { id: eventId } }, n, all) =>
        all.findIndex((later, m) => m > n && later.body.id === eventId) === -1,
    );
    // How many scans move the shipment is the carrier's affair.
    const told = new Set(taken.map((webhook) => webhook.body.type));
    expect([...told].sort()).toEqual([
      'fulfillment.handed_over',
      'invoice.issued',
      'order.completed',
      'order.confirmed',
      'order.placed',
      'payment.authorized',
      'payment.captured',
      'shipment.delivered',
      'shipment.updated',
    ]);
    const seqs = taken.map((webhook) => webhook.body.aggregate.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(receiver.received.length).toBeGreaterThanOrEqual(taken.length + 3);
    const documents = Object.fromEntries(
      taken.map((webhook) => [webhook.body.type, webhook.body.data]),
    );
    expect(documents['order.completed']).toMatchObject({ order: { id, status: 'completed' } });
    expect(documents['payment.captured']).toMatchObject({
      payment: { orderId: id, method: 'card' },
    });
    expect(documents['fulfillment.handed_over']).toMatchObject({
      fulfillmentOrder: { id: fulfillmentOrders[0].id, orderId: id },
    });
    expect(documents['invoice.issued']).toMatchObject({ invoice: { orderId: id } });
    expect(documents['shipment.delivered']).toMatchObject({ shipment: { orderId: id } });
    for (const { headers, rawBody } of receiver.received) {
      const [webhookId, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) =>
        String(headers[`webhook-${name}`]),
      );
      const verdict = verifyWebhook({
        ...{ id: webhookId, timestamp, signature, rawBody },
        secrets: [secret],
        nowMs: Date.now(),
      });
      expect(verdict.kind).toBe('valid');
    }
    expect((await audit(system)).broken).toEqual([]);
  });
});

async function scan(system: System, trackingNo: string): Promise<void> {
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  const body = { scans: [{ code: 'in_transit', occurredAt }], deliver: 'in_order' };
  expectStatus(await system.sandbox('POST', `/carrier/shipments/${trackingNo}/scans`, body), 200);
}
