import { audit } from '../helpers/audit';
import {
  deliverAll,
  expectStatus,
  pick,
  packAndHandOver,
  post,
  readOrder,
  ship,
  shipAll,
  untilStage,
} from '../helpers/orders';
import { recordHistory } from '../helpers/record-history';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

let system: System;
let lamps = 0;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
});

/** An order over two locations, of which one half has left the house and is captured. */
async function halfShipped(): Promise<Document> {
  lamps += 1;
  const sku = `LAMP-${String(lamps)}`;
  const body = { title: 'Lamp', prices: [{ currency: 'USD', priceMinor: 2500 }], weightGrams: 300 };
  expectStatus(await system.api('PUT', `/v1/products/${sku}`, body), 200);
  for (const location of ['BOS', 'LON']) {
    const receipt = { sku, location, delta: 1, reason: 'receipt' };
    expectStatus(await system.api('POST', '/v1/inventory/adjustments', receipt), 200);
  }
  const { id } = await post(system, { lines: [{ sku, quantity: 2 }] });
  const { fulfillmentOrders } = await untilStage(system, id, 'warehouse');
  expect(fulfillmentOrders).toHaveLength(2);
  await ship(system, fulfillmentOrders[0].id);
  return waitFor('the first capture', async () => {
    const order = await readOrder(system, id);
    return order.amounts.capturedMinor > 0 ? order : null;
  });
}

async function completed(): Promise<Document> {
  const { id } = await post(system);
  await shipAll(system, id);
  await untilStage(system, id, 'carrier');
  await deliverAll(system, id);
  return untilStage(system, id, 'completed');
}

async function dispute(order: Document, body: object = {}): Promise<string> {
  const intentId = order.payments[0].reference;
  const given = { intentId, reason: 'fraudulent', ...body };
  return expectStatus(await system.sandbox('POST', '/gateway/disputes', given), 201).dispute.id;
}

async function decide(reference: string, end: 'won' | 'lost'): Promise<void> {
  expectStatus(await system.sandbox('POST', `/gateway/disputes/${reference}/${end}`, {}), 200);
}

/** The order once it shows its (only) dispute at this status and has recorded it. */
async function untilDispute(orderId: string, status: string): Promise<Document> {
  await waitFor(`the dispute to be ${status}`, async () => {
    const { rowCount } = await system.db.admin.query(
      `select from oms.disputes where order_id = $1 and status = $2 and recorded_status = $2`,
      [orderId, status],
    );
    return rowCount === 1;
  });
  const order = await readOrder(system, orderId);
  expect(order.disputes).toMatchObject([{ status }]);
  return order;
}

async function eventTypes(orderId: string): Promise<string[]> {
  const { body } = await system.api('GET', `/v1/orders/${orderId}/events?limit=100`);
  return body.items.map(({ type }: Document) => type as string);
}

async function announced(orderId: string): Promise<string[]> {
  const { rows } = await system.db.admin.query<{ type: string }>(
    `select type from oms.outbox where aggregate = 'order' and aggregate_id = $1 and type like 'dispute.%' order by seq`,
    [orderId],
  );
  return rows.map(({ type }) => type);
}

async function incidents(orderId: string): Promise<string[]> {
  const { body } = await system.api('GET', `/v1/incidents?orderId=${orderId}&kind=dispute_opened`);
  return body.items.map(({ status }: Document) => status as string);
}

async function expectCleanAudit(): Promise<void> {
  const { broken, lines } = await audit(system);
  if (broken.length > 0) throw new Error(lines.join('\n'));
}

describe('a dispute', () => {
  it('reserves the amount, holds what is not shipped, and frees both when it is won', async () => {
    const order = await halfShipped();
    const reference = await dispute(order);
    const disputed = await untilDispute(order.id, 'needs_response');

    const captured = order.amounts.capturedMinor;
    expect(disputed.amounts).toMatchObject({ disputedMinor: captured, refundableMinor: 0 });
    expect(disputed.holds).toMatchObject([{ type: 'dispute', status: 'active', source: 'system' }]);
    expect(disputed.disputes).toMatchObject([{ status: 'needs_response', amountMinor: captured }]);
    expect(await incidents(order.id)).toEqual(['open']);
    const rest = disputed.fulfillmentOrders.find(({ status }: Document) => status !== 'closed');
    const lines = await pick(system, rest.id);
    const pack = await system.api('POST', `/v1/fulfillment-orders/${String(rest.id)}/pack`, {
      packages: [{ weightGrams: 700, lines }],
    });
    expect(pack.status).toBe(409);

    await decide(reference, 'won');
    const won = await untilDispute(order.id, 'won');
    expect(won.amounts).toMatchObject({ disputedMinor: 0, refundableMinor: captured });
    expect(won.holds).toMatchObject([{ type: 'dispute', status: 'released' }]);
    expect(await incidents(order.id)).toEqual(['resolved']);
    expect(await announced(order.id)).toEqual(['dispute.opened', 'dispute.closed']);
    await packAndHandOver(system, rest.id, lines);
    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');
    await recordHistory(system, order.id, 'disputed-won');
    await expectCleanAudit();
  });

  it('that is answered and lost keeps the amount, and the rest stays on hold', async () => {
    const order = await halfShipped();
    const reference = await dispute(order, { amountMinor: 1000, reason: 'product_not_received' });
    const { disputes } = await untilDispute(order.id, 'needs_response');
    const route = `/v1/disputes/${String(disputes[0].id)}`;
    const text = 'Delivered, see the tracking number.';
    const answered = await system.api('POST', `${route}/respond`, { text });
    expect(expectStatus(answered, 200).dispute).toMatchObject({
      ...{ status: 'under_review', response: text, allowedActions: ['accept'] },
    });
    const again = await system.api('POST', `${route}/respond`, { text });
    expect([again.status, again.body.code, again.body.currentStatus]).toEqual([
      ...[409, 'illegal_transition', 'under_review'],
    ]);
    await untilDispute(order.id, 'under_review');

    await decide(reference, 'lost');
    const lost = await untilDispute(order.id, 'lost');
    expect(lost.amounts).toMatchObject({
      disputedMinor: 1000,
      refundableMinor: order.amounts.capturedMinor - 1000,
    });
    expect(lost.holds).toMatchObject([{ type: 'dispute', status: 'active' }]);
    expect(await eventTypes(order.id)).toEqual(
      expect.arrayContaining(['dispute_opened', 'held', 'dispute_answered', 'charge_back']),
    );
    const { holds, fulfillmentOrders } = lost;
    const release = { holdId: holds[0].id, reason: 'we ship all the same' };
    expectStatus(await system.api('POST', `/v1/orders/${String(order.id)}/release`, release), 200);
    const rest = fulfillmentOrders.find(({ status }: Document) => status !== 'closed');
    await ship(system, rest.id);
    await deliverAll(system, order.id);
    await untilStage(system, order.id, 'completed');
    await recordHistory(system, order.id, 'disputed-lost');
    await expectCleanAudit();
  });

  it('of a completed order is applied without a workflow, and can be given up', async () => {
    const order = await completed();
    const reference = await dispute(order);
    const disputed = await untilDispute(order.id, 'needs_response');
    expect(disputed.holds).toEqual([]);
    expect(disputed.amounts.refundableMinor).toBe(0);

    const { id } = disputed.disputes[0];
    const body = { text: 'not worth the work' };
    const accepted = await system.api('POST', `/v1/disputes/${String(id)}/accept`, body);
    expect(expectStatus(accepted, 200).dispute).toMatchObject({ status: 'lost' });
    const lost = await untilDispute(order.id, 'lost');
    expect(lost.amounts.disputedMinor).toBe(order.amounts.capturedMinor);
    expect(await eventTypes(order.id)).toContain('charge_back');
    expect(await incidents(order.id)).toEqual(['resolved']);
    // The bank says the same later: nothing changes.
    await decide(reference, 'lost');
    const listed = await system.api('GET', `/v1/disputes?orderId=${String(order.id)}`);
    expect(listed.body.items).toMatchObject([
      { id, orderId: order.id, reference, status: 'lost', reason: 'fraudulent', feeMinor: 0 },
    ]);
    await expectCleanAudit();
    expect((await eventTypes(order.id)).filter((type) => type === 'charge_back')).toHaveLength(1);
  });

  it('that is a warning calls a person and reserves nothing', async () => {
    const order = await completed();
    const reference = await dispute(order, { status: 'warning_needs_response' });
    const warned = await untilDispute(order.id, 'warning_needs_response');
    expect(warned.amounts.disputedMinor).toBe(0);
    expect(await incidents(order.id)).toEqual(['open']);
    const { id } = warned.disputes[0];
    const accepted = await system.api('POST', `/v1/disputes/${String(id)}/accept`, { text: 'no' });
    expect([accepted.status, accepted.body.allowedActions]).toEqual([409, ['respond']]);
    await decide(reference, 'won');
    await untilDispute(order.id, 'warning_closed');
    expect(await incidents(order.id)).toEqual(['resolved']);
    await expectCleanAudit();
  });

  it('holds nothing where the policy is off', async () => {
    const put = (value: boolean): Promise<unknown> =>
      system.api('PUT', '/v1/policies/disputeHold', { value });
    await put(false);
    const order = await halfShipped();
    await dispute(order);
    const { holds, amounts } = await untilDispute(order.id, 'needs_response');
    expect([holds, amounts.refundableMinor]).toEqual([[], 0]);
    await put(true);
  });
});
