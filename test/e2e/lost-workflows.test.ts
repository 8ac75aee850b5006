import { audit } from '../helpers/audit';
import { expectCleanBooks } from '../helpers/books';
import { drive } from '../helpers/driver';
import { expectStatus, pick, post, shipAll, untilStage } from '../helpers/orders';
import { addProduct, receive } from '../helpers/stock';
import { type Answer, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

describe('a workflow that an operator ends by hand', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ policies: { reviewDeadline: 'P1D' } });
  });
  afterAll(async () => {
    await system.stop();
  });

  async function lose(orderId: string): Promise<void> {
    await system.client.workflow.getHandle(`order/${orderId}`).terminate('by hand');
  }

  async function untilResumed(orderId: string): Promise<void> {
    await waitFor('the order to be resumed', async () => {
      const { status } = await system.client.workflow.getHandle(`order/${orderId}`).describe();
      return status.name === 'RUNNING';
    });
  }

  async function toWarehouse(): Promise<{ orderId: string; taskId: string }> {
    const { id: orderId } = await post(system);
    const order = await untilStage(system, orderId, 'warehouse');
    return { orderId, taskId: order.fulfillmentOrders[0].id };
  }

  interface Lost {
    readonly orderId: string;
    /** What ends its wait, once it is resumed. */
    readonly goOn?: () => Promise<void>;
  }

  const stages: Readonly<Record<string, () => Promise<Lost>>> = {
    'in the warehouse': toWarehouse,
    'with the carrier': async () => {
      const { id } = await post(system);
      await shipAll(system, id);
      await untilStage(system, id, 'carrier');
      return { orderId: id };
    },
    'waiting for stock': async () => {
      await addProduct(system, 'LOST', 0);
      const { id } = await post(system, { lines: [{ sku: 'LOST', quantity: 1 }] });
      await untilStage(system, id, 'shortage');
      return { orderId: id, goOn: () => receive(system, 'LOST', 1) };
    },
    'waiting for a payment': async () => {
      const { id } = await post(system, { payment: { method: 'card', token: 'tok_declined' } });
      await untilStage(system, id, 'payment');
      const route = `/v1/orders/${String(id)}/retry-payment`;
      const retry = (): Promise<Answer> => system.api('POST', route, { token: 'tok_ok' });
      return { orderId: id, goOn: async () => void expectStatus(await retry(), 200) };
    },
    'while it captures': async () => {
      await system.sandbox('PUT', '/faults/gateway', { mode: 'error', only: ['capture'] });
      const { id } = await post(system);
      await shipAll(system, id);
      return { orderId: id };
    },
    'while it books the carrier': async () => {
      const { orderId, taskId } = await toWarehouse();
      const lines = await pick(system, taskId);
      await system.sandbox('PUT', '/faults/carrier', { mode: 'error', only: ['book'] });
      const body = { packages: [{ weightGrams: 500, lines }] };
      // Nobody waits for the answer: it comes when the workflow is gone.
      void system.api('POST', `/v1/fulfillment-orders/${taskId}/pack`, body);
      await waitFor('the booking to be tried', async () => {
        const { rowCount } = await system.db.admin.query(
          `select from oms.shipments where order_id = $1`,
          [orderId],
        );
        return rowCount === 1;
      });
      return { orderId };
    },
  };

  it(`is resumed when terminated ${Object.keys(stages).join(', ')}, and nothing is done twice`, async () => {
    const lost: Lost[] = [];
    for (const prepare of Object.values(stages)) {
      const order = await prepare();
      await lose(order.orderId);
      lost.push(order);
    }
    await Promise.all(lost.map(({ orderId }) => untilResumed(orderId)));
    for (const service of ['gateway', 'carrier'])
      await system.sandbox('PUT', `/faults/${service}`, { mode: 'none' });

    const ends = await Promise.all(
      lost.map(async ({ orderId, goOn }) => {
        await goOn?.();
        return (await drive(system, orderId)).status;
      }),
    );
    expect(ends).toEqual(lost.map(() => 'completed'));
    await expectCleanBooks(system);
    const { broken, lines } = await audit(system);
    if (broken.length > 0) throw new Error(lines.join('\n'));
  });

  it('is resumed when terminated at once by the next command, which succeeds with the same key', async () => {
    const { orderId } = await toWarehouse();
    await lose(orderId);
    const call = { idempotencyKey: `cancel-${orderId}` };
    const body = { reason: 'changed my mind' };
    const canceled = await waitFor('the cancel', async () => {
      const answer = await system.api('POST', `/v1/orders/${orderId}/cancel`, body, call);
      return answer.status === 200 ? answer : null;
    });
    expect(canceled.body.order.status).toBe('canceled');
  });

  it('cancels its order by "request cancellation" in the Web UI, and takes the money back', async () => {
    const { orderId } = await toWarehouse();

    await system.client.workflow.getHandle(`order/${orderId}`).cancel();

    const order = await untilStage(system, orderId, 'canceled');
    expect(order.paymentStatus).toBe('voided');
    const { body } = await system.api('GET', `/v1/orders/${orderId}/events`);
    expect(body.items.map((event: { type: string }) => event.type)).toContain('cancel_requested');
  });

  it('cancels an order that waits for a decision in the same way', async () => {
    const { id } = await post(system, { lines: [{ sku: 'MUG-RED', quantity: 101 }] });

    await system.client.workflow.getHandle(`order/${String(id)}`).cancel();

    await untilStage(system, id, 'canceled');
    await waitFor('the close', async () => {
      const { status } = await system.client.workflow.getHandle(`order/${String(id)}`).describe();
      return status.name === 'COMPLETED';
    });
  });
});
