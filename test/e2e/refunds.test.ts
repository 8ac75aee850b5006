import { audit } from '../helpers/audit';
import { printFigures, readEndedFigures } from '../helpers/history';
import {
  anOrder,
  completeOrder,
  expectStatus,
  post,
  readOrder,
  untilStage,
} from '../helpers/orders';
import {
  aCreditor,
  askRefund,
  openIncident,
  readCredit,
  readRefund,
  untilRefund,
} from '../helpers/refunds';
import { expectHistoriesReplay } from '../helpers/replayed';
import { setPolicies, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { recordHistory } from '../helpers/record-history';

describe('refunds', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: { refundApprovalLimitMinor: { USD: 20_000 } } });
  });
  afterAll(() => system.stop());

  async function fault(mode: string, times = 1): Promise<void> {
    const body = { mode, times, only: ['refund'] };
    expectStatus(await system.sandbox('PUT', '/faults/gateway', body), 200);
  }

  async function refundsInBooks(orderId: string) {
    const { body } = await system.sandbox('GET', '/gateway/books');
    return body.entries.filter(
      (entry: { kind: string; reference: string }) =>
        entry.kind === 'refund' && entry.reference === orderId,
    );
  }

  async function eventsOf(orderId: string): Promise<string[]> {
    const { body } = await system.api('GET', `/v1/orders/${orderId}/events?limit=100`);
    return body.items.map((event: { type: string }) => event.type);
  }

  async function keyOfAnother(scopes: string[]): Promise<string> {
    const answer = await system.api('POST', '/v1/api-keys', { name: 'another', scopes });
    return expectStatus(answer, 201).key;
  }

  it('of units: item and tax by the rounding rule, through the gateway, in at most 15 events', async () => {
    const order = await completeOrder(system);
    const [line] = order.lines;

    const asked = await askRefund(system, order.id, { lines: [{ lineId: line.id, quantity: 1 }] });

    expect(asked).toMatchObject({
      ...{ status: 'pending', currency: 'USD', to: 'original', adjustmentMinor: 0 },
      ...{ orderId: order.id, workflowId: `refund/${asked.id}`, waitingFor: null },
      lines: [{ lineId: line.id, quantity: 1 }],
    });
    const done = await untilRefund(system, asked.id, 'succeeded');
    const [part] = done.lines;
    expect(part.itemMinor + part.taxMinor).toBe(done.amountMinor);
    const [payment] = done.payments;
    const [entry, ...others] = await refundsInBooks(order.id);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      ...{ status: 'succeeded', amountMinor: done.amountMinor },
      ...{ id: payment.reference, idempotencyKey: payment.idempotencyKey },
    });
    const after = await readOrder(system, order.id);
    expect(after).toMatchObject({ paymentStatus: 'partially_refunded', status: 'completed' });
    expect(after.refunds).toEqual([
      { id: asked.id, status: 'succeeded', amountMinor: done.amountMinor, kind: 'original' },
    ]);
    expect(after.amounts).toMatchObject({
      ...{ refundedMinor: done.amountMinor, pendingRefundMinor: 0, balanceDueMinor: 0 },
      refundableMinor: order.totalMinor - done.amountMinor,
    });
    expect(after.lines[0]).toMatchObject({ refunded: 1, quantity: 2 });
    const { events, workflowTasks, actions, bytes } = await readEndedFigures(
      system,
      `refund/${asked.id}`,
    );
    printFigures('refund', { events, workflowTasks, actions, bytes });
    expect(events).toBeLessThanOrEqual(15);
    await recordHistory(system, `refund/${asked.id}`, 'refund-units');
    expect(
      expectStatus(await system.api('GET', `/v1/refunds?orderId=${order.id}`), 200).items,
    ).toMatchObject([{ id: done.id, lines: done.lines, payments: done.payments }]);
  });

  it('refuses more than what is there, and what is asked wrongly', async () => {
    const order = await completeOrder(system);
    const [line] = order.lines;
    const ask = (body: object) =>
      system.api('POST', `/v1/orders/${order.id}/refunds`, { reason: 'x', ...body });

    const tooMuch = await ask({ amountMinor: order.totalMinor + 1 });
    const tooMany = await ask({ lines: [{ lineId: line.id, quantity: 3 }] });
    const both = await ask({ amountMinor: 1, shippingMinor: 1 });
    const neither = await ask({});
    const shipping = await ask({ shippingMinor: order.shippingMinor + 1 });
    const unknown = await ask({ lines: [{ lineId: order.id, quantity: 1 }] });

    expect(tooMuch.body).toMatchObject({ status: 422, code: 'refund_exceeds_captured' });
    expect(tooMany.body).toMatchObject({
      ...{ status: 422, code: 'refund_exceeds_quantity' },
      errors: [{ path: 'lines.0.quantity' }],
    });
    expect(both.body).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'amountMinor' }],
    });
    expect(neither.body).toMatchObject({ status: 422, errors: [{ path: 'amountMinor' }] });
    expect(shipping.body.errors[0].path).toBe('shippingMinor');
    expect(unknown.body).toMatchObject({ errors: [{ path: 'lines.0.lineId' }] });
    const none = await system.api('POST', `/v1/orders/${line.id}/refunds`, {
      reason: 'x',
      amountMinor: 1,
    });
    expect(none.status).toBe(404);
    expect((await readOrder(system, order.id)).refunds).toEqual([]);
  });

  it('refuses units that were not handed over', async () => {
    const { id, lines } = await post(system, { payment: { method: 'prepaid', reference: 'bank' } });
    await untilStage(system, id, 'warehouse');

    const answer = await system.api('POST', `/v1/orders/${id}/refunds`, {
      ...{ reason: 'x', lines: [{ lineId: lines[0].id, quantity: 1 }] },
    });

    expect(answer.body).toMatchObject({ status: 422, code: 'refund_exceeds_quantity' });
  });

  it('the same key asks once', async () => {
    const order = await completeOrder(system);
    const body = { amountMinor: 100, reason: 'goodwill' };
    const options = { idempotencyKey: `refund-${order.id}` };

    const [first, second] = await Promise.all([
      system.api('POST', `/v1/orders/${order.id}/refunds`, body, options),
      system.api('POST', `/v1/orders/${order.id}/refunds`, body, options),
    ]);

    const taken = [first, second].filter(({ status }) => status === 201);
    expect(new Set(taken.map((answer) => answer.body.refund.id)).size).toBe(1);
    await untilRefund(system, taken[0]?.body.refund.id, 'succeeded');
    expect((await readOrder(system, order.id)).refunds).toHaveLength(1);
  });

  it('ten at once never give back more than was captured', async () => {
    const order = await completeOrder(system);
    const amountMinor = Math.floor(order.totalMinor * 0.4);
    const ask = () =>
      system.api('POST', `/v1/orders/${order.id}/refunds`, { amountMinor, reason: 'race' });

    const answers = await Promise.all(Array.from({ length: 10 }, ask));

    const taken = answers.filter(({ status }) => status === 201);
    expect(taken).toHaveLength(2);
    const refused = answers.filter(({ status }) => status === 422);
    expect(refused.map(({ body }) => body.code)).toEqual(
      Array.from({ length: 8 }, () => 'refund_exceeds_captured'),
    );
    for (const { body } of taken) await untilRefund(system, body.refund.id, 'succeeded');
    expect((await readOrder(system, order.id)).amounts.refundedMinor).toBe(2 * amountMinor);
  });

  it('above the limit it waits for another person: never the same key, never the same staff', async () => {
    const order = await completeOrder(system, { lines: [{ sku: 'MUG-RED', quantity: 20 }] });
    const { id, waitingFor, allowedActions } = await askRefund(system, order.id, {
      ...{ amountMinor: 20_001, staffId: 'mary' },
    });
    expect(waitingFor).toMatchObject({ code: 'refund_approval' });
    expect(allowedActions).toEqual(['approve', 'decline']);
    const key = await keyOfAnother(['refunds:approve', 'refunds:read']);

    const same = await system.api('POST', `/v1/refunds/${id}/approve`, {});
    const staff = await system.api(
      'POST',
      `/v1/refunds/${id}/approve`,
      { staffId: 'mary' },
      { key },
    );
    const other = await system.api(
      'POST',
      `/v1/refunds/${id}/approve`,
      { staffId: 'paul' },
      { key },
    );

    expect(same.body).toMatchObject({ status: 403, code: 'four_eyes_required' });
    expect(staff.body).toMatchObject({ status: 403, code: 'four_eyes_required' });
    expect(expectStatus(other, 200).refund).toMatchObject({
      approvedBy: 'paul',
      requestedBy: 'mary',
    });
    await untilRefund(system, id, 'succeeded');
    await recordHistory(system, `refund/${id}`, 'refund-approved');
    const again = await system.api('POST', `/v1/refunds/${id}/approve`, {}, { key });
    expect(again.body).toMatchObject({
      status: 409,
      currentStatus: 'succeeded',
      allowedActions: [],
    });
  });

  it('declined: canceled, and the amount is free again', async () => {
    const order = await completeOrder(system, { lines: [{ sku: 'MUG-RED', quantity: 20 }] });
    const { id } = await askRefund(system, order.id, { amountMinor: 20_001 });
    expect((await readOrder(system, order.id)).amounts).toMatchObject({
      ...{ pendingRefundMinor: 20_001, refundableMinor: order.totalMinor - 20_001 },
    });

    const declined = await system.api('POST', `/v1/refunds/${id}/decline`, { reason: 'no' });

    expect(expectStatus(declined, 200).refund).toMatchObject({ status: 'canceled' });
    const after = await readOrder(system, order.id);
    expect(after.amounts).toMatchObject({
      pendingRefundMinor: 0,
      refundableMinor: order.totalMinor,
    });
    expect(await refundsInBooks(order.id)).toEqual([]);
    await recordHistory(system, `refund/${id}`, 'refund-declined');
  });

  it("a gateway's final no: failed, the cap is given back, a person retries with a new key", async () => {
    const order = await completeOrder(system);
    await fault('decline');
    const { id } = await askRefund(system, order.id, { amountMinor: 500 });

    const failed = await untilRefund(system, id, 'failed');

    expect(failed.failureCode).toBe('injected_decline');
    expect((await readOrder(system, order.id)).amounts.refundableMinor).toBe(order.totalMinor);
    const incident = await openIncident(system, id);
    expect(incident).toMatchObject({ kind: 'refund_failed', orderId: order.id, docType: 'refund' });
    const retry = await system.api('POST', `/v1/incidents/${incident.id}/retry`, { note: 'again' });
    expectStatus(retry, 200);
    const done = await untilRefund(system, id, 'succeeded');
    expect(done.payments[0].idempotencyKey).not.toBe(failed.payments[0].idempotencyKey);
    const { body } = await system.api('GET', `/v1/incidents?orderId=${order.id}`);
    expect(body.items).toMatchObject([{ id: incident.id, status: 'resolved' }]);
    const over = await system.api('POST', `/v1/incidents/${incident.id}/retry`, { note: 'again' });
    expect(over.body).toMatchObject({ status: 409, code: 'illegal_transition' });
    await recordHistory(system, `refund/${id}`, 'refund-retried');
  });

  it('a final no may end as store credit', async () => {
    const order = await completeOrder(system);
    await fault('decline');
    const { id } = await askRefund(system, order.id, { amountMinor: 500 });
    await untilRefund(system, id, 'failed');
    const incident = await openIncident(system, id);

    const body = { note: 'she agrees', to: 'store_credit' };
    expectStatus(await system.api('POST', `/v1/incidents/${incident.id}/resolve`, body), 200);

    const done = await untilRefund(system, id, 'succeeded');
    expect(done.payments).toMatchObject([{ to: 'store_credit', status: 'succeeded' }]);
    const credit = await system.api('GET', `/v1/customers/${order.customerId}/store-credit`);
    expect(expectStatus(credit, 200).balances).toEqual([{ currency: 'USD', balanceMinor: 500 }]);
  });

  it('an answer that never comes is looked up, and paid once', async () => {
    const order = await completeOrder(system);
    await fault('timeout_after_effect');
    const { id } = await askRefund(system, order.id, { amountMinor: 500 });

    await untilRefund(system, id, 'submitted', 'gateway');
    await untilRefund(system, id, 'succeeded');

    expect(await refundsInBooks(order.id)).toHaveLength(1);
    await recordHistory(system, `refund/${id}`, 'refund-unanswered');
  });

  it('to store credit: no call, one ledger row, the balance', async () => {
    const order = await completeOrder(system);
    const { id } = await askRefund(system, order.id, { amountMinor: 700, to: 'store_credit' });

    const done = await untilRefund(system, id, 'succeeded');

    expect(await refundsInBooks(order.id)).toEqual([]);
    const credit = await system.api('GET', `/v1/customers/${order.customerId}/store-credit`);
    expect(expectStatus(credit, 200)).toMatchObject({
      balances: [{ currency: 'USD', balanceMinor: 700 }],
      items: [{ deltaMinor: 700, reason: 'refund', docType: 'refund_payment' }],
      nextCursor: null,
    });
    expect(done.payments).toMatchObject([{ to: 'store_credit', amountMinor: 700 }]);
    expect((await readOrder(system, order.id)).amounts.refundedMinor).toBe(700);
    await recordHistory(system, `refund/${id}`, 'refund-store-credit');
    const unknown = await system.api('GET', `/v1/customers/${order.id}/store-credit`);
    expect(unknown.status).toBe(404);
  });

  it('money that came outside waits until somebody has given it back there', async () => {
    const { id: orderId } = await post(system, {
      payment: { method: 'prepaid', reference: 'bank 7' },
    });
    const order = await untilStage(system, orderId, 'warehouse');

    const canceled = await system.api('POST', `/v1/orders/${orderId}/cancel`, {
      reason: 'no need',
    });

    expect(expectStatus(canceled, 200).order).toMatchObject({
      ...{ status: 'canceled', paymentStatus: 'overpaid' },
      refunds: [{ amountMinor: order.totalMinor, kind: 'original' }],
    });
    const [{ id }] = canceled.body.order.refunds;
    const waiting = await untilRefund(system, id, 'submitted', 'outside_payment');
    expect(waiting).toMatchObject({
      reason: 'no need',
      adjustmentMinor: 0,
      allowedActions: ['record'],
    });
    expect(waiting.lines).toMatchObject([{ quantity: 2 }]);
    const recorded = await system.api('POST', `/v1/refunds/${id}/record`, { reference: 'bank 8' });
    expect(expectStatus(recorded, 200).refund).toMatchObject({
      ...{ status: 'succeeded', payments: [{ reference: 'bank 8', to: 'outside' }] },
    });
    expect((await readOrder(system, orderId)).paymentStatus).toBe('refunded');
    expect(await eventsOf(orderId)).toEqual(
      expect.arrayContaining(['refund_due', 'refund_created', 'refund_succeeded']),
    );
    await recordHistory(system, `refund/${id}`, 'refund-outside');
  });

  it('reversed later: the amount is open again, an incident, and a retry pays once more', async () => {
    const order = await completeOrder(system);
    const { id } = await askRefund(system, order.id, { amountMinor: 500 });
    const { payments } = await untilRefund(system, id, 'succeeded');

    const [{ reference }] = payments;
    const reverse = () => system.sandbox('POST', `/gateway/refunds/${reference}/reverse`, {});
    expectStatus(await reverse(), 200);
    expectStatus(await reverse(), 200);

    await untilRefund(system, id, 'reversed');
    expect((await readOrder(system, order.id)).amounts).toMatchObject({
      ...{ refundedMinor: 0, refundableMinor: order.totalMinor },
    });
    const incident = await openIncident(system, id);
    expect(incident.kind).toBe('refund_reversed');
    await recordHistory(system, `refund/${id}`, 'refund-reversed');
    const retry = await system.api('POST', `/v1/incidents/${incident.id}/retry`, { note: 'again' });
    expectStatus(retry, 200);
    await untilRefund(system, id, 'succeeded');
    const statuses = (await refundsInBooks(order.id)).map(
      (entry: { status: string }) => entry.status,
    );
    expect(statuses).toEqual(['reversed', 'succeeded']);
  });

  it('a workflow that was lost is started by the next command', async () => {
    const order = await completeOrder(system, { lines: [{ sku: 'MUG-RED', quantity: 20 }] });
    const { id } = await askRefund(system, order.id, { amountMinor: 20_001 });
    const handle = system.client.workflow.getHandle(`refund/${id}`);
    await waitFor('its workflow', async () =>
      handle.describe().then(
        () => true,
        () => false,
      ),
    );
    await handle.terminate('test');
    const key = await keyOfAnother(['refunds:approve']);

    const approved = await system.api('POST', `/v1/refunds/${id}/approve`, {}, { key });

    expectStatus(approved, 200);
    await untilRefund(system, id, 'succeeded');
    expect(await readRefund(system, id)).toMatchObject({ amountMinor: 20_001 });
  });

  describe('store credit that pays an order', () => {
    const payBy = (storeCreditMinor: number, means: object = { token: 'tok_ok' }) => ({
      payment: { method: 'card', ...means, storeCreditMinor },
    });

    it('first; the card pays the rest, and a refund goes back to both, oldest first', async () => {
      const { customerId, customer } = await aCreditor(system, 1000);

      const { id } = await completeOrder(system, { customer, ...payBy(600) });

      const { payments, totalMinor, paymentStatus, amounts } = await readOrder(system, id);
      expect(payments).toMatchObject([
        { method: 'store_credit', status: 'captured', capturedMinor: 600 },
        { method: 'card', status: 'captured', capturedMinor: totalMinor - 600 },
      ]);
      expect({ paymentStatus, ...amounts }).toMatchObject({
        ...{ paymentStatus: 'paid', capturedMinor: totalMinor, balanceDueMinor: 0 },
      });
      expect(await readCredit(system, customerId)).toEqual({
        ...{ balanceMinor: 400, deltas: [-600, 1000] },
      });
      const refund = await askRefund(system, id, { amountMinor: 700 });
      expect((await untilRefund(system, refund.id, 'succeeded')).payments).toMatchObject([
        { to: 'store_credit', amountMinor: 600 },
        { to: 'gateway', amountMinor: 100 },
      ]);
      expect((await readCredit(system, customerId)).balanceMinor).toBe(1000);
    });

    it('is given back once when the order is canceled', async () => {
      const { customerId, customer } = await aCreditor(system, 1000);
      const { id } = await post(system, { customer, ...payBy(1000) });
      await untilStage(system, id, 'warehouse');
      expect((await readCredit(system, customerId)).balanceMinor).toBe(0);

      for (const reason of ['no need', 'again'])
        await system.api('POST', `/v1/orders/${id}/cancel`, { reason });

      const { refunds, payments } = await untilStage(system, id, 'canceled');
      await untilRefund(system, refunds[0].id, 'succeeded');
      expect(payments[1]).toMatchObject({ method: 'card', status: 'voided' });
      expect(await readCredit(system, customerId)).toEqual({
        ...{ balanceMinor: 1000, deltas: [1000, -1000, 1000] },
      });
    });

    it('is given back when the rest is not paid in time', async () => {
      const { customerId, customer } = await aCreditor(system, 1000);
      await setPolicies(system.db, { paymentDeadline: 'PT1S' });
      const { id } = await post(system, { customer, ...payBy(700, { token: 'tok_declined' }) });
      const { refunds } = await untilStage(system, id, 'canceled');
      await setPolicies(system.db, { paymentDeadline: 'PT30M' });
      await untilRefund(system, refunds[0].id, 'succeeded');
      expect((await readCredit(system, customerId)).balanceMinor).toBe(1000);
    });

    it('pays a whole order without a card', async () => {
      const { customerId, customer } = await aCreditor(system, 2000);
      const cheap = { lines: [{ sku: 'MUG-RED', quantity: 1, unitPriceMinor: 100 }] };

      const { id } = await completeOrder(system, { customer, ...cheap, ...payBy(2000, {}) });

      const { payments, totalMinor, paymentStatus } = await readOrder(system, id);
      expect(payments).toMatchObject([{ method: 'store_credit', capturedMinor: totalMinor }]);
      expect(paymentStatus).toBe('paid');
      expect((await readCredit(system, customerId)).balanceMinor).toBe(2000 - totalMinor);
    });

    it('is never less than nothing: too much is refused, of two at once the later waits for a person', async () => {
      const { customerId, customer } = await aCreditor(system, 1000);
      const refused = await system.api('POST', '/v1/orders', anOrder({ customer, ...payBy(1001) }));
      expect(refused.body).toMatchObject({
        ...{ status: 422, code: 'insufficient_store_credit' },
        errors: [{ path: 'payment.storeCreditMinor' }],
      });
      const bodies = [anOrder({ customer, ...payBy(800) }), anOrder({ customer, ...payBy(800) })];

      const both = await Promise.all(bodies.map((body) => system.api('POST', '/v1/orders', body)));

      const orders = both.map((answer) => expectStatus(answer, 201).order);
      const short = orders.find(({ status }) => status === 'in_review');
      expect(short).toMatchObject({ findings: [{ code: 'store_credit_short' }] });
      expect((await readCredit(system, customerId)).balanceMinor).toBe(0);
      const again = await system.api('POST', '/v1/orders', bodies[0]);
      expect(expectStatus(again, 200).order.id).toBe(orders[0].id);
      const rejected = await system.api('POST', `/v1/orders/${short.id}/reject`, { reason: 'no' });
      const [refund] = expectStatus(rejected, 200).order.refunds;
      await untilRefund(system, refund.id, 'succeeded');
      expect((await readCredit(system, customerId)).balanceMinor).toBe(200);
    });
  });

  it('leaves nothing that the audit objects to', async () => {
    await expectHistoriesReplay(system);
    const { broken, lines } = await audit(system);
    expect(broken.length === 0 ? [] : lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  });
});
