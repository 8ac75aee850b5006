import { deliverAll, post, shipAll, untilStage } from '../helpers/orders';
import { startSystem, type System, waitFor } from '../helpers/system';

describe('an order whose workflow was terminated by hand', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  async function lose(orderId: string): Promise<void> {
    await system.client.workflow.getHandle(`order/${orderId}`).terminate('by hand');
  }

  it('is resumed at once by the next command, which succeeds with the same key', async () => {
    const order = await post(system);
    await untilStage(system, order.id, 'warehouse');
    await lose(order.id);
    const call = { idempotencyKey: `cancel-${order.id}` };
    const body = { reason: 'changed my mind' };
    const canceled = await waitFor('the cancel', async () => {
      const answer = await system.api('POST', `/v1/orders/${order.id}/cancel`, body, call);
      return answer.status === 200 ? answer : null;
    });
    expect(canceled.body.order.status).toBe('canceled');
  });

  it('is resumed by the next fact and completes without a double effect', async () => {
    const order = await post(system);
    await shipAll(system, order.id);
    await untilStage(system, order.id, 'carrier');
    await lose(order.id);
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');
    expect(done.amounts.capturedMinor).toBe(done.totalMinor);
    const { body } = await system.sandbox('GET', '/gateway/books');
    const own = body.entries.filter((entry: { reference: string }) => entry.reference === order.id);
    expect(own.map((entry: { kind: string }) => entry.kind)).toEqual(['authorization', 'capture']);
  });

  it('is found by the sweep when nothing else happens to it', async () => {
    const order = await post(system, { payment: { method: 'card', token: 'tok_declined' } });
    await untilStage(system, order.id, 'payment');
    await lose(order.id);
    await waitFor('the new run', async () => {
      const { status } = await system.client.workflow.getHandle(`order/${order.id}`).describe();
      return status.name === 'RUNNING';
    });
  });
});
