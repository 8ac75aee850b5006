import { post, untilStage } from '../helpers/orders';
import { startSystem, type System, waitFor } from '../helpers/system';

describe('"request cancellation" of the Web UI', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  it('cancels an order in the warehouse and takes its money back', async () => {
    const { id } = await post(system);
    await untilStage(system, id, 'warehouse');

    await system.client.workflow.getHandle(`order/${id}`).cancel();

    const order = await untilStage(system, id, 'canceled');
    expect(order.paymentStatus).toBe('voided');
    const { body } = await system.api('GET', `/v1/orders/${id}/events`);
    expect(body.items.map((event: { type: string }) => event.type)).toContain('cancel_requested');
  });

  it('cancels an order that waits for a decision', async () => {
    const { id } = await post(system, { lines: [{ sku: 'MUG-RED', quantity: 101 }] });

    await system.client.workflow.getHandle(`order/${id}`).cancel();

    await untilStage(system, id, 'canceled');
    await waitFor('the close', async () => {
      const { status } = await system.client.workflow.getHandle(`order/${id}`).describe();
      return status.name === 'COMPLETED';
    });
  });
});
