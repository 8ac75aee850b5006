import { post, untilStage } from '../helpers/orders';
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
});
