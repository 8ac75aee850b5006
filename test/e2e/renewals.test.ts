import { assertCleanAudit } from '../helpers/audit';
import { gatewayEntries } from '../helpers/gateway';
import {
  completeOrder,
  deliverAll,
  expectStatus,
  pick,
  packAndHandOver,
  post,
  readOrder,
  ship,
  untilStage,
} from '../helpers/orders';
import { recordEnded } from '../helpers/record-history';
import { startSystem, type System } from '../helpers/system';
import { stock } from '../helpers/warehouse';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

const TTL_MS = 8_000;

describe('an authorisation that ends while its order is at work', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: { authorizationRenewBefore: 'PT5S' } });
  });
  afterAll(async () => {
    await assertCleanAudit(system);
    await system.stop();
  });
  afterEach(async () => {
    await system.sandbox('PUT', '/gateway/settings', { authorizationTtlMs: null });
    await system.sandbox('PUT', '/faults/gateway', { mode: 'none' });
  });

  /** An order whose first authorisation lasts for seconds; what comes after it lasts. */
  async function shortLived(overrides: Record<string, unknown> = {}): Promise<Document> {
    await system.sandbox('PUT', '/gateway/settings', { authorizationTtlMs: TTL_MS });
    const { id } = await post(system, overrides);
    const order = await untilStage(system, id, 'warehouse');
    await system.sandbox('PUT', '/gateway/settings', { authorizationTtlMs: null });
    return order;
  }

  function untilRenewed(orderId: string): Promise<Document> {
    return waitFor('the renewal', async () => {
      const order = await readOrder(system, orderId);
      const [old, renewed] = order.payments;
      const isOver = old.status === 'voided' || old.status === 'captured';
      return isOver && renewed?.status === 'authorized' ? order : null;
    });
  }

  async function untilOver({ payments }: Document): Promise<void> {
    const endsAt = Date.parse(payments[0].expiresAt);
    await waitFor('the end of the first one', async () => (Date.now() > endsAt ? true : null));
  }

  it('is renewed before its end, and its hand-over is captured after it', async () => {
    const order = await shortLived();

    const renewed = await untilRenewed(order.id);

    const [old, fresh] = renewed.payments;
    expect(Date.now()).toBeLessThan(Date.parse(old.expiresAt));
    expect(old).toMatchObject({ status: 'voided', voidedMinor: order.totalMinor });
    expect(fresh).toMatchObject({ status: 'authorized', authorizedMinor: order.totalMinor });
    expect(Date.parse(fresh.expiresAt) - Date.parse(old.expiresAt)).toBeGreaterThan(86_400_000);
    expect(renewed).toMatchObject({ paymentStatus: 'authorized', stage: 'warehouse' });
    await untilOver(order);
    const done = await completeOrder(system, {}, order.id);
    expect(done.payments).toMatchObject([{ status: 'voided' }, { status: 'captured' }]);
    await recordEnded(system, `order/${order.id}`, 'renewed');
    const kinds = (await gatewayEntries(system, order.id)).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['authorization', 'authorization', 'capture', 'void']);
  });

  it('is renewed for what is left of it when a part was captured', async () => {
    await stock(system, 'RENEW-A', { BOS: 1 });
    await stock(system, 'RENEW-B', { LON: 1 });
    const order = await shortLived({
      lines: [
        { sku: 'RENEW-A', quantity: 1 },
        { sku: 'RENEW-B', quantity: 1 },
      ],
    });
    const [first, second] = order.fulfillmentOrders;
    await ship(system, first.id);

    const { payments } = await untilRenewed(order.id);

    const [old, fresh] = payments;
    expect(old.status).toBe('captured');
    expect(old.capturedMinor).toBeGreaterThan(0);
    expect(fresh.authorizedMinor).toBe(order.totalMinor - old.capturedMinor);
    await untilOver(order);
    await ship(system, second.id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done).toMatchObject({ paymentStatus: 'paid' });
    expect(done.amounts.capturedMinor).toBe(order.totalMinor);
  });

  it('waits for another card when it is declined, and nothing else waits for that', async () => {
    await system.sandbox('PUT', '/faults/gateway', { mode: 'none' });
    const order = await shortLived();
    await system.sandbox('PUT', '/faults/gateway', { mode: 'decline', only: ['authorization'] });
    const waiting = await untilStage(system, order.id, 'payment');
    expect(waiting).toMatchObject({ status: 'processing', paymentStatus: 'authorized' });
    expect(waiting.allowedActions).toContain('retry-payment');
    expect(waiting.payments).toMatchObject([{ status: 'authorized' }, { status: 'declined' }]);
    const [{ id }] = order.fulfillmentOrders;
    const lines = await pick(system, id);

    await system.sandbox('PUT', '/faults/gateway', { mode: 'none' });
    const retried = await system.api('POST', `/v1/orders/${order.id}/retry-payment`, {
      token: 'tok_ok',
    });

    expectStatus(retried, 200);
    const paid = await waitFor('the other card', async () => {
      const { payments, stage } = await readOrder(system, order.id);
      return payments[0].status === 'voided' && stage === 'warehouse' ? payments : null;
    });
    expect(paid).toMatchObject([{}, { status: 'declined' }, { status: 'authorized' }]);
    await untilOver(order);
    await packAndHandOver(system, id, lines);
    await deliverAll(system, order.id);
    expect((await untilStage(system, order.id, 'completed')).paymentStatus).toBe('paid');
    await recordEnded(system, `order/${order.id}`, 'renewal-declined');
  });

  it('is not held twice when the order is canceled while the gateway is away', async () => {
    const order = await shortLived();
    await system.sandbox('PUT', '/faults/gateway', {
      mode: 'timeout_after_effect',
      only: ['authorization'],
    });
    await waitFor('the renewal to be asked for', async () => {
      const { payments } = await readOrder(system, order.id);
      return payments.length === 2 ? true : null;
    });

    const canceled = system.api('POST', `/v1/orders/${order.id}/cancel`, { reason: 'customer' });
    await system.sandbox('PUT', '/faults/gateway', { mode: 'none' });

    expect([200, 202]).toContain((await canceled).status);
    const { payments } = await untilStage(system, order.id, 'canceled', 45_000);
    expect(payments.map(({ status }: Document) => status)).toEqual(['voided', 'voided']);
  });
});
