import { deliverAll, post, shipAll, untilStage } from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';

describe('an order', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  it('goes from its post to its completion', async () => {
    const order = await post(system);
    expect(order.status).toBe('confirmed');

    await shipAll(system, order.id);
    await untilStage(system, order.id, 'carrier');
    await deliverAll(system, order.id);
    const done = await untilStage(system, order.id, 'completed');

    expect(done).toMatchObject({
      status: 'completed',
      paymentStatus: 'paid',
      fulfillmentStatus: 'delivered',
      allocationStatus: 'full',
    });
  });
});
