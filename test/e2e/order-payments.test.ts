import { audit } from '../helpers/audit';
import { completeOrder, expectStatus, post, untilStage } from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';

describe('the payments of an order', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(() => system.stop());

  function command(orderId: string, name: string, body: object) {
    return system.api('POST', `/v1/orders/${orderId}/${name}`, body);
  }

  const card = (token: string) => ({ payment: { method: 'card', token } });

  describe('authorised in part', () => {
    it('waits for the rest by another card, and both are captured', async () => {
      const { id, totalMinor } = await post(system, card('tok_partial'));
      const halfMinor = Math.floor(totalMinor / 2);

      const waiting = await untilStage(system, id, 'payment');

      expect(waiting).toMatchObject({
        ...{ paymentStatus: 'partially_authorized', status: 'confirmed' },
        amounts: { authorizedMinor: halfMinor },
        payments: [{ status: 'authorized', authorizedMinor: halfMinor }],
      });
      const declined = await command(id, 'retry-payment', { token: 'tok_declined' });
      expect(expectStatus(declined, 200).order.payments).toMatchObject([
        { status: 'authorized', authorizedMinor: halfMinor },
        { status: 'declined' },
      ]);
      const paid = await command(id, 'retry-payment', { token: 'tok_ok' });
      expect(expectStatus(paid, 200).order).toMatchObject({
        paymentStatus: 'authorized',
        payments: [{}, {}, { authorizedMinor: totalMinor - halfMinor }],
      });
      const done = await completeOrder(system, {}, id);
      expect(done.paymentStatus).toBe('paid');
      expect(done.payments).toMatchObject([
        { status: 'captured', capturedMinor: halfMinor },
        { status: 'declined', capturedMinor: 0 },
        { status: 'captured', capturedMinor: totalMinor - halfMinor },
      ]);
    });

    it('is voided as a whole when the order is canceled', async () => {
      const { id } = await post(system, card('tok_partial'));
      const { waitingFor } = await untilStage(system, id, 'payment');
      expect(Date.parse(waitingFor.until)).toBeGreaterThan(Date.now());
      const again = await command(id, 'retry-payment', { token: 'tok_partial' });
      expect(expectStatus(again, 200).order.stage).toBe('payment');

      await command(id, 'cancel', { reason: 'too dear' });

      const { payments, paymentStatus } = await untilStage(system, id, 'canceled');
      expect(paymentStatus).toBe('voided');
      expect(payments).toMatchObject([{ status: 'voided' }, { status: 'voided' }]);
      for (const { authorizedMinor, voidedMinor } of payments)
        expect(voidedMinor).toBe(authorizedMinor);
    });

    it('is enough once the order was made cheaper than it', async () => {
      const { id, lines } = await post(system, {
        ...card('tok_partial'),
        lines: [{ sku: 'MUG-RED', quantity: 6 }],
      });
      await untilStage(system, id, 'payment');
      const units = [{ lineId: lines[0].id, quantity: 5 }];
      expectStatus(await command(id, 'cancel', { reason: 'less', lines: units }), 200);

      const { payments } = await untilStage(system, id, 'warehouse');
      expect(payments).toHaveLength(1);
      expect((await completeOrder(system, {}, id)).paymentStatus).toBe('paid');
    });
  });

  describe('from outside', () => {
    const by = (method: string, reference?: string) => ({ payment: { method, reference } });
    const record = (id: string, amountMinor: number, reference: string) =>
      command(id, 'record-payment', { amountMinor, reference });

    it('an invoice is paid in parts, also when the order is over; one reference counts once', async () => {
      const { id, totalMinor } = await post(system, by('invoice'));
      await untilStage(system, id, 'warehouse');

      const part = expectStatus(await record(id, 1000, 'bank 1'), 200).order;
      const again = expectStatus(await record(id, 1000, 'bank 1'), 200).order;

      expect(part).toMatchObject({
        ...{ paymentStatus: 'partially_paid', stage: 'warehouse' },
        amounts: { capturedMinor: 1000, balanceDueMinor: totalMinor - 1000 },
      });
      expect(again.payments).toEqual(part.payments);
      await completeOrder(system, {}, id);
      const rest = await record(id, totalMinor - 1000, 'bank 2');
      expect(expectStatus(rest, 200).order).toMatchObject({
        paymentStatus: 'paid',
        amounts: { balanceDueMinor: 0 },
      });
      const over = await record(id, 5, 'bank 3');
      expect(expectStatus(over, 200).order.paymentStatus).toBe('overpaid');
    });

    it('money in advance that is too little waits for the rest', async () => {
      const large = { lines: [{ sku: 'MUG-RED', quantity: 2, unitPriceMinor: 60_000 }] };
      const { id, totalMinor } = await post(system, { ...by('prepaid', 'bank 4'), ...large });
      await untilStage(system, id, 'review');
      expectStatus(await record(id, 1000, 'bank 4'), 200);
      expectStatus(await command(id, 'approve', { reason: 'known' }), 200);

      const waiting = await untilStage(system, id, 'payment');

      expect(waiting).toMatchObject({
        paymentStatus: 'partially_paid',
        waitingFor: { until: null },
      });
      expectStatus(await record(id, 1000, 'bank 5'), 200);
      expect((await untilStage(system, id, 'payment')).amounts.capturedMinor).toBe(2000);
      const paid = await record(id, totalMinor - 2000, 'bank 6');
      expect(expectStatus(paid, 200).order.paymentStatus).toBe('paid');
      await untilStage(system, id, 'warehouse');
    });

    it('an order that waits for money in advance may become dearer, or so cheap that it goes on', async () => {
      const large = { lines: [{ sku: 'MUG-RED', quantity: 2, unitPriceMinor: 60_000 }] };
      const { id } = await post(system, { ...by('prepaid', 'bank 9'), ...large });
      await untilStage(system, id, 'review');
      expectStatus(await record(id, 70_000, 'bank 9'), 200);
      expectStatus(await command(id, 'approve', { reason: 'known' }), 200);
      const waiting = await untilStage(system, id, 'payment');
      const [line] = waiting.lines;
      const wanted = (quantity: number) => ({
        changes: [{ type: 'setQuantity', lineId: line.id, quantity }],
        confirm: true,
      });

      const more = await command(id, 'amend', { ...wanted(3), baseVersion: waiting.version });
      const { order, change } = expectStatus(more, 200);
      expect(change.payment).toEqual({ action: 'none', amountMinor: 0 });
      expect(order).toMatchObject({
        stage: 'payment',
        amounts: { balanceDueMinor: order.totalMinor - 70_000 },
      });

      const less = await command(id, 'amend', { ...wanted(1), baseVersion: order.version });
      const { totalMinor } = expectStatus(less, 200).order;
      expect(totalMinor).toBeLessThan(70_000);
      const { refunds } = await untilStage(system, id, 'warehouse');
      expect(refunds).toMatchObject([{ amountMinor: 70_000 - totalMinor }]);
    });

    it('is refused for a card, and names what is wrong', async () => {
      const { id } = await post(system);
      const body = (await record(id, 100, 'bank 7')).body;
      expect(body).toMatchObject({ status: 409, code: 'illegal_transition' });
      const nothing = await record(id, 0, 'bank 8');
      expect(nothing.body).toMatchObject({ status: 422, errors: [{ path: 'amountMinor' }] });
    });
  });

  it('leaves nothing that the audit objects to', async () => {
    const { broken, lines } = await audit(system);
    expect(broken.length === 0 ? [] : lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  });
});
