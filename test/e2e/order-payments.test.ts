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

      expectStatus(await command(id, 'retry-payment', { token: 'tok_ok' }), 200);

      const { payments } = await untilStage(system, id, 'warehouse');
      expect(payments).toHaveLength(1);
      expect((await completeOrder(system, {}, id)).paymentStatus).toBe('paid');
    });
  });

  it('leaves nothing that the audit objects to', async () => {
    const { broken, lines } = await audit(system);
    expect(broken.length === 0 ? [] : lines.filter((line) => !line.startsWith('ok'))).toEqual([]);
  });
});
