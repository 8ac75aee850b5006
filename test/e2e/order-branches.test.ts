import { createOrderActivities } from '../../src/activities/order-activities';
import { gatewayEntries } from '../helpers/gateway';
import {
  anOrder,
  deliverAll,
  expectStatus,
  pick,
  post,
  readOrder,
  ship,
  shipAll,
  untilStage,
} from '../helpers/orders';
import { recordHistory } from '../helpers/record-history';
import { audit } from '../helpers/audit';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

describe('the branches of an order', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: { incidentAfter: 'PT0.2S' } });
  });
  afterAll(async () => {
    await system.stop();
  });

  async function command(orderId: string, name: string, body: unknown) {
    return system.api('POST', `/v1/orders/${orderId}/${name}`, body);
  }

  async function stock(sku: string, onHand: Record<string, number>): Promise<void> {
    await system.api('PUT', `/v1/products/${sku}`, {
      title: sku,
      prices: [{ currency: 'USD', priceMinor: 1000 }],
      weightGrams: 100,
      taxCategory: 'standard',
      backorder: 'deny',
      kitParts: [],
      category: 'test',
      costs: [],
      active: true,
    });
    for (const [location, delta] of Object.entries(onHand))
      expectStatus(
        await system.api('POST', '/v1/inventory/adjustments', {
          sku,
          location,
          delta,
          reason: 'receipt',
          reference: null,
        }),
        200,
      );
  }

  async function mailsTo(email: string): Promise<string[]> {
    const { body } = await system.sandbox('GET', `/mail?to=${encodeURIComponent(email)}`);
    return body.items
      .map((mail: { headers: Record<string, string> }) => mail.headers['x-throughline-template'])
      .sort();
  }

  it('happy: mails, books and stock tell one story', async () => {
    const order = await post(system);
    await shipAll(system, order.id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');

    const entries = await gatewayEntries(system, order.id);
    expect(entries.map((entry: { kind: string }) => entry.kind)).toEqual([
      'authorization',
      'capture',
    ]);
    expect(entries[1].amountMinor).toBe(done.totalMinor);
    expect(done.amounts).toMatchObject({ capturedMinor: done.totalMinor, balanceDueMinor: 0 });
    await waitFor('three mails', async () => (await mailsTo(order.customer.email)).length === 3);
    expect(await mailsTo(order.customer.email)).toEqual([
      'order_confirmed',
      'order_delivered',
      'order_shipped',
    ]);
    await recordHistory(system, order.id, 'happy');
  });

  it('review: holds above the limit, goes on with approve, and only then tells the customer', async () => {
    const order = await post(system, {
      lines: [{ sku: 'MUG-RED', quantity: 2, unitPriceMinor: 90_000 }],
    });
    expect(order).toMatchObject({
      status: 'in_review',
      stage: 'review',
      waitingFor: { code: 'review' },
    });
    expect(order.findings.map((finding: { code: string }) => finding.code)).toContain(
      'amount_above_limit',
    );
    expect(order.allowedActions).toEqual(
      expect.arrayContaining(['approve', 'reject', 'cancel', 'hold', 'notes']),
    );

    const approved = expectStatus(
      await command(order.id, 'approve', { reason: 'known customer' }),
      200,
    ).order;
    // On a busy machine the payment has come before the answer is read.
    expect(['confirmed', 'processing']).toContain(approved.status);
    await untilStage(system, order.id, 'warehouse');
    const again = await command(order.id, 'approve', { reason: 'twice' });
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'illegal_transition', currentStatus: 'processing' },
    });
    await recordHistory(system, order.id, 'review-approved');
  });

  it('review: reject cancels, gives nothing away and says so', async () => {
    const order = await post(system, { lines: [{ sku: 'MUG-RED', quantity: 101 }] });
    expectStatus(await command(order.id, 'reject', { reason: 'fraud' }), 200);
    const done = await untilStage(system, order.id, 'canceled');
    expect(done).toMatchObject({
      status: 'canceled',
      allocationStatus: 'released',
      fulfillmentStatus: 'canceled',
    });
    expect(await gatewayEntries(system, order.id)).toEqual([]);
    await waitFor('the mail', async () =>
      (await mailsTo(order.customer.email)).includes('order_canceled'),
    );
    await recordHistory(system, order.id, 'review-rejected');
  });

  it('review: an operator approves from the Web UI, with the same refusals as through the API', async () => {
    const order = await post(system, {
      lines: [{ sku: 'MUG-RED', quantity: 2, unitPriceMinor: 90_000 }],
    });
    const handle = system.client.workflow.getHandle(`order/${order.id}`);
    await handle.executeUpdate('approve', { args: [{ reasonCode: 'called_customer' }] });
    await untilStage(system, order.id, 'warehouse');

    await expect(
      handle.executeUpdate('approve', { args: [{ reasonCode: 'again' }] }),
    ).rejects.toMatchObject({
      cause: { type: 'illegal_transition' },
    });
    const { body } = await system.api('GET', `/v1/orders/${order.id}/events`);
    const event = body.items.find((item: { type: string }) => item.type === 'review_approved');
    expect(event).toMatchObject({
      actor: { type: 'operator', id: 'web-ui' },
      reason: 'called_customer',
    });
    await recordHistory(system, order.id, 'review-approved-in-web-ui');
  });

  it('short: waits, is served by new stock at once and goes on', async () => {
    await stock('SHORT-1', { BOS: 1 });
    const order = await post(system, { lines: [{ sku: 'SHORT-1', quantity: 3 }] });
    await untilStage(system, order.id, 'shortage');
    await stock('SHORT-1', { BOS: 2 });
    const served = await untilStage(system, order.id, 'warehouse');
    expect(served.allocationStatus).toBe('full');
    await recordHistory(system, order.id, 'shortage-served');
  });

  it('short: the customer may wait on, then cancel', async () => {
    await stock('SHORT-2', { BOS: 1 });
    const order = await post(system, { lines: [{ sku: 'SHORT-2', quantity: 3 }] });
    const short = await untilStage(system, order.id, 'shortage');
    expectStatus(await command(order.id, 'resolve-shortage', { choice: 'wait' }), 200);
    const waiting = await readOrder(system, order.id);
    expect(Date.parse(waiting.waitingFor.until)).toBeGreaterThan(
      Date.parse(short.waitingFor.until),
    );
    expectStatus(await command(order.id, 'resolve-shortage', { choice: 'cancel' }), 200);
    await untilStage(system, order.id, 'canceled');
    const level = await system.api('GET', '/v1/inventory?sku=SHORT-2&location=BOS');
    expect(level.body.items[0]).toMatchObject({ onHand: 1, reserved: 0, available: 1 });
    await recordHistory(system, order.id, 'shortage-canceled');
  });

  it('split: serves from several locations, ships and captures each hand-over', async () => {
    await stock('SPLIT-1', { BOS: 2, LON: 2 });
    const order = await post(system, { lines: [{ sku: 'SPLIT-1', quantity: 4 }] });
    const ready = await untilStage(system, order.id, 'warehouse');
    expect(ready.fulfillmentOrders).toHaveLength(2);
    const [first, second] = ready.fulfillmentOrders;
    await ship(system, first.id);
    const half = await waitFor('the first capture', async () => {
      const seen = await readOrder(system, order.id);
      return seen.amounts.capturedMinor > 0 ? seen : null;
    });
    expect(half).toMatchObject({
      fulfillmentStatus: 'partially_shipped',
      paymentStatus: 'partially_paid',
    });
    expect(half.allowedActions).toContain('cancel');
    await ship(system, second.id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done.amounts.capturedMinor).toBe(done.totalMinor);
    await recordHistory(system, order.id, 'split');
  });

  it('declined: waits for another means of payment and goes on with it', async () => {
    const order = await post(system, { payment: { method: 'card', token: 'tok_declined' } });
    const waiting = await untilStage(system, order.id, 'payment');
    expect(waiting).toMatchObject({ paymentStatus: 'failed', waitingFor: { code: 'payment' } });
    const again = await command(order.id, 'retry-payment', { token: 'tok_declined' });
    expect(expectStatus(again, 200).order.stage).toBe('payment');
    const retried = await command(order.id, 'retry-payment', { token: 'tok_ok' });
    expect(expectStatus(retried, 200).order.paymentStatus).toBe('authorized');
    await untilStage(system, order.id, 'warehouse');
    await recordHistory(system, order.id, 'declined-retried');
  });

  it('cancel: before anything is handed over, with everything taken back, and twice is once', async () => {
    const order = await post(system);
    const ready = await untilStage(system, order.id, 'warehouse');
    const [{ id }] = ready.fulfillmentOrders;
    const lines = await pick(system, id);
    expectStatus(
      await system.api('POST', `/v1/fulfillment-orders/${id}/pack`, {
        packages: [{ weightGrams: 500, lines }],
      }),
      200,
    );

    const canceled = expectStatus(
      await command(order.id, 'cancel', { reason: 'changed my mind' }),
      200,
    ).order;
    expect(canceled).toMatchObject({
      status: 'canceled',
      paymentStatus: 'voided',
      allocationStatus: 'released',
    });
    const again = expectStatus(await command(order.id, 'cancel', { reason: 'again' }), 200).order;
    expect(again.version).toBe(canceled.version);
    const kinds = (await gatewayEntries(system, order.id)).map(
      (entry: { kind: string }) => entry.kind,
    );
    expect(kinds).toEqual(['authorization', 'void']);
    const { body } = await system.sandbox(
      'GET',
      `/carrier/shipments?reference=${canceled.shipments[0].id}`,
    );
    expect(body.items[0].status).toBe('canceled');
    await recordHistory(system, order.id, 'canceled-packed');
  });

  it('cancel: after the hand-over it is refused and offers a return', async () => {
    const order = await post(system);
    await shipAll(system, order.id);
    const refused = await command(order.id, 'cancel', { reason: 'too late' });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'illegal_transition', offers: ['return', 'intercept'] },
    });
    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');
    await recordHistory(system, order.id, 'cancel-refused');
  });

  it('cancel: wins over a packing that waits for the carrier, which is refused then', async () => {
    const order = await post(system);
    const ready = await untilStage(system, order.id, 'warehouse');
    const [{ id }] = ready.fulfillmentOrders;
    const lines = await pick(system, id);
    await system.sandbox('PUT', '/faults/carrier', { mode: 'error', only: ['book'] });
    const packing = system.api('POST', `/v1/fulfillment-orders/${id}/pack`, {
      packages: [{ weightGrams: 500, lines }],
    });
    await waitFor('the booking to be tried', async () => {
      const { rows } = await system.db.admin.query(
        'select from oms.shipments where order_id = $1',
        [order.id],
      );
      return rows.length === 1;
    });
    expectStatus(await command(order.id, 'cancel', { reason: 'now' }), 200);
    expect(await packing).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
    await system.sandbox('PUT', '/faults/carrier', { mode: 'none' });
    await recordHistory(system, order.id, 'canceled-while-packing');
  });

  it('cancel: meets an authorisation that nobody answers, and the workflow outlives it', async () => {
    await system.sandbox('PUT', '/faults/gateway', {
      mode: 'timeout_after_effect',
      only: ['authorization'],
      ms: 1500,
      times: 1,
    });
    const order = await post(system);
    const first = command(order.id, 'cancel', { reason: 'at once' });
    const second = command(order.id, 'cancel', { reason: 'and again' });
    expect(expectStatus(await first, 200).order.status).toBe('canceled');
    expect(expectStatus(await second, 200).order.status).toBe('canceled');
    await system.sandbox('PUT', '/faults/gateway', { mode: 'none' });
    const { status } = await system.client.workflow.getHandle(`order/${order.id}`).describe();
    expect(status.name).toBe('COMPLETED');
    const open = (await gatewayEntries(system, order.id)).map(
      (entry: { kind: string }) => entry.kind,
    );
    expect(open).toEqual(['authorization', 'void']);
    await recordHistory(system, order.id, 'canceled-unanswered');
  });

  it('a step whose answer was lost with its worker is told to the workflow again', async () => {
    const order = await post(system, {
      lines: [{ sku: 'MUG-RED', quantity: 2, unitPriceMinor: 90_000 }],
    });
    const { oms, crm, gateway } = system.workerDeps;
    const steps = createOrderActivities({ oms, crm, cardProvider: gateway.provider });
    await steps.approveReview({ orderId: order.id, updateId: 'lost', reasonCode: 'fine' });
    await untilStage(system, order.id, 'warehouse', 60_000);
    await recordHistory(system, order.id, 'answer-lost');
  });

  it('cancel: a void that fails keeps the order visible with an incident until it succeeds', async () => {
    const order = await post(system);
    await untilStage(system, order.id, 'warehouse');
    await system.sandbox('PUT', '/faults/gateway', { mode: 'error', only: ['void'] });
    const accepted = await command(order.id, 'cancel', { reason: 'test' });
    expect([200, 202]).toContain(accepted.status);
    const waiting = await untilStage(system, order.id, 'void');
    expect(waiting).toMatchObject({
      status: 'processing',
      allocationStatus: 'released',
      waitingFor: { code: 'void' },
    });
    await waitFor('the incident', async () => {
      const { body } = await system.api('GET', '/v1/incidents?status=open&kind=void_failed');
      return body.items.some((incident: { orderId: string }) => incident.orderId === order.id);
    });
    await system.sandbox('PUT', '/faults/gateway', { mode: 'none' });
    await untilStage(system, order.id, 'canceled', 60_000);
    const { body } = await system.api('GET', '/v1/incidents?kind=void_failed');
    expect(
      body.items.find((incident: { orderId: string }) => incident.orderId === order.id).status,
    ).toBe('resolved');
    await recordHistory(system, order.id, 'void-failed');
  });

  it('hold: keeps a paid order from the warehouse; release sends it there', async () => {
    const order = await post(system, { payment: { method: 'card', token: 'tok_declined' } });
    await untilStage(system, order.id, 'payment');
    const held = expectStatus(
      await command(order.id, 'hold', { type: 'fraud', reason: 'check' }),
      200,
    ).order;
    expect(held.holds).toMatchObject([{ type: 'fraud', status: 'active' }]);
    expectStatus(await command(order.id, 'retry-payment', { token: 'tok_ok' }), 200);
    const waiting = await untilStage(system, order.id, 'hold');
    expect(waiting).toMatchObject({
      status: 'confirmed',
      fulfillmentOrders: [],
      waitingFor: { code: 'hold' },
    });
    const holdId = waiting.holds[0].id;
    expectStatus(await command(order.id, 'release', { holdId, reason: 'fine' }), 200);
    await untilStage(system, order.id, 'warehouse');
    await recordHistory(system, order.id, 'held-released');
  });

  it('hold: pack is refused while a hold is active, and a note is always taken', async () => {
    const order = await post(system);
    const ready = await untilStage(system, order.id, 'warehouse');
    const [{ id }] = ready.fulfillmentOrders;
    const lines = await pick(system, id);
    const held = expectStatus(
      await command(order.id, 'hold', { type: 'manual', reason: 'wait' }),
      200,
    ).order;
    const refused = await system.api('POST', `/v1/fulfillment-orders/${id}/pack`, {
      packages: [{ weightGrams: 500, lines }],
    });
    expect(refused.status).toBe(409);
    expectStatus(await command(order.id, 'notes', { text: 'call Ada 顾客' }), 200);
    expectStatus(
      await command(order.id, 'release', { holdId: held.holds[0].id, reason: 'go' }),
      200,
    );
    expectStatus(
      await system.api('POST', `/v1/fulfillment-orders/${id}/pack`, {
        packages: [{ weightGrams: 500, lines }],
      }),
      200,
    );
  });

  it.each([
    ['prepaid', { method: 'prepaid', reference: 'bank-1' }, 'paid'],
    ['cod', { method: 'cod' }, 'paid'],
    ['invoice', { method: 'invoice' }, 'unpaid'],
  ])('terms: %s completes and ends as it should', async (name, payment, paymentStatus) => {
    const order = await post(system, { payment });
    await shipAll(system, order.id);
    if (name === 'cod') expect((await readOrder(system, order.id)).paymentStatus).toBe('unpaid');
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done.paymentStatus).toBe(paymentStatus);
    expect(await gatewayEntries(system, order.id)).toEqual([]);
    await recordHistory(system, order.id, `terms-${name}`);
  });

  it('prepaid and canceled: ends canceled and overpaid, with the refund due', async () => {
    const order = await post(system, { payment: { method: 'prepaid', reference: 'bank-2' } });
    await untilStage(system, order.id, 'warehouse');
    const done = expectStatus(await command(order.id, 'cancel', { reason: 'no' }), 200).order;
    expect(done).toMatchObject({ status: 'canceled', paymentStatus: 'overpaid' });
    const { body } = await system.api('GET', `/v1/orders/${order.id}/events`);
    expect(body.items.map((event: { type: string }) => event.type)).toContain('refund_due');
  });

  it('action required: the customer confirms at the gateway and the order goes on', async () => {
    const order = await post(system, { payment: { method: 'card', token: 'tok_action_required' } });
    await untilStage(system, order.id, 'payment');
    const [entry] = await gatewayEntries(system, order.id);
    await system.sandbox('POST', `/gateway/intents/${entry.intentId}/complete`, {});
    await untilStage(system, order.id, 'warehouse');
    await recordHistory(system, order.id, 'action-required');
  });

  it('action required and canceled: nothing stays open at the gateway, even when the customer confirms later', async () => {
    const order = await post(system, { payment: { method: 'card', token: 'tok_action_required' } });
    await untilStage(system, order.id, 'payment');
    const [entry] = await gatewayEntries(system, order.id);
    const canceled = await command(order.id, 'cancel', { reason: 'too slow' });
    expect(expectStatus(canceled, 200).order.status).toBe('canceled');
    await system.sandbox('POST', `/gateway/intents/${entry.intentId}/complete`, {});
    const succeeded = (await gatewayEntries(system, order.id)).filter(
      (item: { kind: string; status: string }) =>
        item.kind === 'authorization' && item.status === 'succeeded',
    );
    expect(succeeded).toEqual([]);
  });

  it('a customer who is blocked is rejected at once', async () => {
    const email = `blocked-${Date.now()}@example.com`;
    const first = await post(system, { customer: { email, name: 'Eve' } });
    await system.db.admin.query('update crm.customers set blocked_at = now() where id = $1', [
      first.customerId,
    ]);
    const second = await post(system, { customer: { email, name: 'Eve' } });
    expect(second).toMatchObject({ status: 'canceled', stage: 'canceled' });
    expect(second.findings).toMatchObject([{ code: 'customer_blocked', verdict: 'reject' }]);
    await recordHistory(system, second.id, 'blocked');
  });

  it('an order in the shape of the contract is what the contract says', async () => {
    const body = anOrder({ discounts: [{ code: 'WELCOME', type: 'fixed', valueMinor: 500 }] });
    const { order } = expectStatus(await system.api('POST', '/v1/orders', body), 201);
    const lines = order.lines.reduce(
      (sum: number, line: { totalMinor: number }) => sum + line.totalMinor,
      0,
    );
    expect(order.totalMinor).toBe(lines + order.shippingMinor + (order.shippingTaxMinor ?? 0));
    expect(order.discountMinor).toBe(500);
    const same = await system.api('POST', '/v1/orders', body);
    expect(expectStatus(same, 200).order.id).toBe(order.id);
    const other = await system.api('POST', '/v1/orders', { ...body, note: 'other' });
    expect(other).toMatchObject({ status: 409, body: { code: 'external_id_reused' } });
  });

  it('leaves nothing that the audit objects to', async () => {
    const { broken, lines } = await audit(system);
    expect(broken.length === 0 ? [] : lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  });
});
