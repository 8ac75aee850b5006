import { audit } from '../helpers/audit';
import { gatewayEntries } from '../helpers/gateway';
import { printFigures, readEndedFigures } from '../helpers/history';
import { recordEnded } from '../helpers/record-history';
import {
  deliverAll,
  expectStatus,
  readOrder,
  shipAll,
  untilStage,
  completeOrder,
} from '../helpers/orders';
import { askReturn, commandReturn, untilReturn } from '../helpers/returns';
import { addProduct } from '../helpers/stock';
import { setPolicies, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

describe('what a return gives back', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
    await addProduct(system, 'MONEY-1', 60);
  });
  afterAll(async () => {
    await system.stop();
  });

  const anOrderOf = (quantity: number, overrides: object = {}) =>
    completeOrder(system, { lines: [{ sku: 'MONEY-1', quantity }], ...overrides });

  /** Goods come back as new and are accepted. */
  async function giveBack(
    order: Document,
    units: number,
    overrides: Record<string, unknown> = {},
  ): Promise<Document> {
    const asked = await askReturn(system, order, [units], overrides);
    const lineId = order.lines[0].id;
    await commandReturn(system, asked.id, 'approve', { label: false });
    await commandReturn(system, asked.id, 'receive', {
      lines: [{ lineId, quantity: units, condition: 'new' }],
    });
    await commandReturn(system, asked.id, 'inspect', {
      lines: [{ lineId, accepted: units, disposition: 'restock' }],
    });
    return untilReturn(system, asked.id, 'closed');
  }

  async function refundsOf(orderId: string): Promise<Document[]> {
    const { body } = await system.api('GET', `/v1/refunds?orderId=${orderId}`);
    return body.items.toReversed();
  }

  it('adds up to what was captured, shipping with the last unit, however it is split', async () => {
    const order = await anOrderOf(3, {
      discounts: [{ code: 'TEN', type: 'fixed', valueMinor: 100 }],
    });
    const { amounts, lines, shippingMinor } = order;
    const first = await giveBack(order, 1);
    const partly = await readOrder(system, order.id);
    expect(partly.paymentStatus).toBe('partially_refunded');
    expect(partly.lines[0]).toMatchObject({ returned: 1, refunded: 1 });
    expect(partly.amounts.refundedMinor).toBe(first.lines[0].refundMinor);
    expect(first.lines[0].refundMinor).toBe(Math.round(lines[0].totalMinor / 3));
    await giveBack(order, 2);
    const after = await readOrder(system, order.id);
    expect(after.amounts).toMatchObject({
      refundedMinor: amounts.capturedMinor,
      refundableMinor: 0,
      pendingRefundMinor: 0,
    });
    const refunds = await refundsOf(order.id);
    expect(refunds.map((refund) => [refund.returnId === null, refund.shippingMinor])).toEqual([
      [false, 0],
      [false, shippingMinor],
    ]);
    expect((await system.sandbox('GET', '/gateway/books')).body.entries).toEqual(
      expect.arrayContaining(
        refunds.map(({ amountMinor }) =>
          expect.objectContaining({ kind: 'refund', status: 'succeeded', amountMinor }),
        ),
      ),
    );
  });

  it('is nothing that was refunded before, and closes all the same', async () => {
    const order = await anOrderOf(1);
    const lines = [{ lineId: order.lines[0].id, quantity: 1 }];
    const body = { lines, reason: 'goodwill' };
    expectStatus(await system.api('POST', `/v1/orders/${order.id}/refunds`, body), 201);
    const closed = await giveBack(order, 1);
    expect(closed).toMatchObject({ refundIds: [], lines: [{ accepted: 1, refundMinor: 0 }] });
  });

  it('waits for its refund, and costs at most 45 events with it', async () => {
    const order = await anOrderOf(1);
    const lineId = order.lines[0].id;
    await system.sandbox('PUT', '/faults/gateway', { mode: 'down' });
    const { id } = await askReturn(system, order, [1]);
    await waitFor('the wait', async () => {
      const { body } = await system.api('GET', `/v1/returns/${id}`);
      return body.return.waitingFor?.code === 'return_approval';
    });
    await commandReturn(system, id, 'approve', {});
    await commandReturn(system, id, 'receive', {
      lines: [{ lineId, quantity: 1, condition: 'new' }],
    });
    const waiting = await commandReturn(system, id, 'inspect', {
      lines: [{ lineId, accepted: 1, disposition: 'return_to_vendor' }],
    });
    expect(waiting).toMatchObject({
      status: 'inspected',
      waitingFor: { code: 'refund' },
      allowedActions: [],
    });
    const refused = await system.api('POST', `/v1/returns/${id}/cancel`, { reason: 'no' });
    expect(refused).toMatchObject({ status: 409, body: { currentStatus: 'inspected' } });
    await system.sandbox('PUT', '/faults/gateway', { mode: 'none' });
    const { refundIds } = await untilReturn(system, id, 'closed');
    const figures = await Promise.all(
      [`return/${id}`, `refund/${refundIds[0]}`].map((workflowId) =>
        readEndedFigures(system, workflowId),
      ),
    );
    const [ofReturn = 0, ofRefund = 0] = figures.map(({ events }) => events);
    const events = ofReturn + ofRefund;
    printFigures('return with its refund', { events, ofReturn, ofRefund });
    if (process.env['SHOW_COST'] !== undefined)
      process.stdout.write(`${figures.map(({ types }) => types.join('\n')).join('\n--\n')}\n`);
    expect(events).toBeLessThanOrEqual(45);
  });

  it('is possible four months after the order is over, within its window', async () => {
    const order = await anOrderOf(2);
    await system.db.admin.query(
      `update oms.order_lines set delivered_at = delivered_at - interval '120 days' where order_id = $1`,
      [order.id],
    );
    const lines = [{ lineId: order.lines[0].id, quantity: 1, reason: 'late' }];
    const late = await system.api('POST', `/v1/orders/${order.id}/returns`, { lines });
    expect(late).toMatchObject({ status: 422, body: { code: 'return_window_closed' } });
    await setPolicies(system.db, { returnWindow: 'P180D' });
    const closed = await giveBack(order, 1);
    expect(closed.lines[0].refundMinor).toBeGreaterThan(0);
    await setPolicies(system.db, { returnWindow: 'P30D' });
    const kinds = await waitFor('the timeline', async () => {
      const { body } = await system.api('GET', `/v1/customers/${order.customerId}/timeline`);
      const seen = body.items.map(({ kind }: Document) => kind);
      return seen.includes('return_closed') ? seen : null;
    });
    expect(kinds).toEqual(expect.arrayContaining(['return_requested', 'return_received']));
  });

  describe('in exchange', () => {
    beforeAll(async () => {
      for (const [sku, priceMinor] of [
        ['MONEY-LESS', 500] as const,
        ['MONEY-SMALL', 300] as const,
        ['MONEY-MORE', 2000] as const,
      ]) {
        await addProduct(system, sku, 10);
        const prices = [{ currency: 'USD', priceMinor }];
        const product = { title: sku, prices, weightGrams: 100 };
        expectStatus(await system.api('PUT', `/v1/products/${sku}`, product), 200);
      }
    });

    async function exchange(
      sku: string | null,
      quantity = 1,
    ): Promise<{ first: Document; next: Document; value: number }> {
      const order = await anOrderOf(1);
      const lines = sku === null ? {} : { exchangeLines: [{ sku, quantity }] };
      const closed = await giveBack(order, 1, { kind: 'exchange', ...lines });
      if (sku === null) await recordEnded(system, `return/${closed.id}`, 'return-exchanged');
      const next = await untilStage(system, closed.exchangeOrderId, 'warehouse');
      const first = await readOrder(system, order.id);
      return { first, next, value: order.lines[0].totalMinor };
    }

    it('sends the same item for what was paid for it', async () => {
      const { first, next, value } = await exchange(null);
      expect(next).toMatchObject({
        origin: 'exchange',
        channel: 'exchange',
        exchangeOf: first.id,
        customerId: first.customerId,
        totalMinor: value,
        paymentStatus: 'paid',
        payments: [{ method: 'exchange_credit', status: 'captured', capturedMinor: value }],
      });
      expect(first.amounts.refundedMinor).toBe(value);
      const [refund] = await refundsOf(first.id);
      expect(refund).toMatchObject({ to: 'exchange', status: 'succeeded', amountMinor: value });
      await shipAll(system, next.id);
      await deliverAll(system, next.id);
      expect((await untilStage(system, next.id, 'completed')).paymentStatus).toBe('paid');
    });

    it('takes what came four months later: one unit missing, one rejected, one for something dearer', async () => {
      const order = await anOrderOf(4);
      await system.db.admin.query(
        `update oms.order_lines set delivered_at = delivered_at - interval '120 days' where order_id = $1`,
        [order.id],
      );
      await setPolicies(system.db, { returnWindow: 'P180D' });
      const exchangeLines = [{ sku: 'MONEY-MORE', quantity: 1 }];
      const { id } = await askReturn(system, order, [3], { kind: 'exchange', exchangeLines });
      await setPolicies(system.db, { returnWindow: 'P30D' });
      const [{ id: lineId }] = order.lines;
      await commandReturn(system, id, 'approve', { label: false });
      await commandReturn(system, id, 'receive', {
        lines: [{ lineId, quantity: 2, condition: 'opened' }],
        complete: true,
      });
      await commandReturn(system, id, 'inspect', {
        lines: [{ lineId, accepted: 1, rejected: 1, disposition: 'restock' }],
      });

      const closed = await untilReturn(system, id, 'closed');
      const value = 900 + Math.round(order.lines[0].taxMinor / 4);
      expect(closed.lines).toMatchObject([
        { quantity: 3, received: 2, accepted: 1, rejected: 1, refundMinor: value },
      ]);
      const next = await untilStage(system, closed.exchangeOrderId, 'warehouse');
      expect(next.payments).toMatchObject([
        { method: 'exchange_credit', capturedMinor: value },
        { method: 'card', status: 'authorized', authorizedMinor: next.totalMinor - value },
      ]);
      const first = await readOrder(system, order.id);
      expect(first.lines[0]).toMatchObject({ returned: 1, returnRejected: 1, returnRequested: 0 });
      expect(first.amounts.refundedMinor).toBe(value);
      const [refund] = await refundsOf(order.id);
      expect(refund).toMatchObject({ to: 'exchange', status: 'succeeded', returnId: id });
      const { rows: ledger } = await system.db.admin.query(
        `select sku, delta_on_hand, reason from oms.stock_ledger where doc_type = 'return' and doc_id like $1 || '%'`,
        [id],
      );
      const credited = await waitFor('the credit note', async () => {
        const { body } = await system.api('GET', `/v1/credit-notes?orderId=${order.id}`);
        return body.items?.length === 1 ? body.items[0] : null;
      });
      expect(credited.totalMinor).toBe(value);
      expect(ledger).toMatchObject([{ delta_on_hand: 1 }]);
      const { events } = await readEndedFigures(system, `return/${id}`);
      printFigures('return after four months', { events });
      expect(events).toBeLessThanOrEqual(45);
    });

    it('goes back to where the money came from when its order is canceled', async () => {
      const { first, next, value } = await exchange('MONEY-MORE');
      const cancel = await system.api('POST', `/v1/orders/${next.id}/cancel`, { reason: 'late' });
      expectStatus(cancel, 200);

      const refunds = await waitFor('the money to go back', async () => {
        const all = await refundsOf(first.id);
        return all.length === 2 && all[1].status === 'succeeded' ? all : null;
      });

      expect(refunds).toMatchObject([
        { to: 'exchange', status: 'reversed', amountMinor: value },
        { to: 'original', status: 'succeeded', amountMinor: value, payments: [{ to: 'gateway' }] },
      ]);
      expect(refunds[1].creditNoteId).toBe(refunds[0].creditNoteId);
      expect((await readOrder(system, first.id)).amounts.refundedMinor).toBe(value);
      await recordEnded(system, `refund/${refunds[0].id}`, 'exchange-taken-back');
      const canceled = await untilStage(system, next.id, 'canceled');
      expect(canceled.payments).toMatchObject([{ refundedMinor: value }, { status: 'voided' }]);
      const kinds = (await gatewayEntries(system, first.id)).map(({ kind, amountMinor }) => [
        kind,
        amountMinor,
      ]);
      expect(kinds).toContainEqual(['refund', value]);
    });

    it('goes back in part when units of its order are canceled', async () => {
      const { first, next, value } = await exchange('MONEY-SMALL', 2);
      const [{ id: lineId }] = next.lines;
      const lines = [{ lineId, quantity: 1 }];
      const cancel = await system.api('POST', `/v1/orders/${next.id}/cancel`, {
        ...{ reason: 'one is enough', lines },
      });
      expectStatus(cancel, 200);

      const refunds = await waitFor('a part to go back', async () => {
        const all = await refundsOf(first.id);
        const isOver = all.every(
          ({ status }: Document) => status === 'succeeded' || status === 'reversed',
        );
        return all.length === 4 && isOver ? all : null;
      });

      const back = next.totalMinor - (await readOrder(system, next.id)).currentTotalMinor;
      expect(refunds).toMatchObject([
        { to: 'exchange', status: 'reversed', amountMinor: next.totalMinor },
        { to: 'original', status: 'succeeded', amountMinor: value - next.totalMinor },
        { to: 'exchange', status: 'succeeded', amountMinor: next.totalMinor - back },
        { to: 'original', status: 'succeeded', amountMinor: back },
      ]);
      expect((await readOrder(system, first.id)).amounts.refundedMinor).toBe(value);
    });

    it('refunds what the other item costs less', async () => {
      const { first, next, value } = await exchange('MONEY-LESS');
      const refunds = await refundsOf(first.id);
      expect(refunds).toMatchObject([
        { to: 'exchange', amountMinor: next.totalMinor },
        { to: 'original', amountMinor: value - next.totalMinor },
      ]);
      expect(first.amounts.refundedMinor).toBe(value);
    });

    it('authorises what the other item costs more with the card that paid', async () => {
      const { next, value } = await exchange('MONEY-MORE');
      expect(next.payments).toMatchObject([
        { method: 'exchange_credit', capturedMinor: value },
        { method: 'card', status: 'authorized', authorizedMinor: next.totalMinor - value },
      ]);
      await shipAll(system, next.id);
      await deliverAll(system, next.id);
      const { payments, paymentStatus } = await untilStage(system, next.id, 'completed');
      expect(paymentStatus).toBe('paid');
      expect(payments[1]).toMatchObject({
        status: 'captured',
        capturedMinor: next.totalMinor - value,
      });
    });
  });

  it('leaves a clean audit', async () => {
    const { lines } = await audit(system);
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
  });
});
