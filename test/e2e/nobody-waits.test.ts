import { randomUUID } from 'node:crypto';

import { failCommand } from '../../src/db/oms/command-end';
import { insertCommand } from '../../src/db/oms/commands';
import { assertCleanAudit } from '../helpers/audit';
import { expectStatus, pick, post, readOrder, shipAll, untilStage } from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { stock } from '../helpers/warehouse';

// Documents are read by the contract, without our types.
type Document = any;

interface Command {
  readonly orderId: string;
  readonly kind: string;
  readonly update: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly fulfillmentOrderId?: string;
}

/** A caller that waited too long was told 202 and looks at the operation: its end must stand there whoever else has gone. */
describe('commands that are refused when nobody waits any more', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
    await stock(system, 'ALONE-1', { BOS: 10 });
  });
  afterAll(async () => {
    await system.stop();
  });
  afterEach(async () => {
    await assertCleanAudit(system);
  });

  async function inWarehouse(): Promise<Document> {
    const order = await post(system, { lines: [{ sku: 'ALONE-1', quantity: 1 }] });
    return untilStage(system, order.id, 'warehouse');
  }

  /** Stores a command and hands it to the order's workflow, as the API does, and looks away. */
  async function send({ orderId, kind, update, body, fulfillmentOrderId }: Command) {
    const commandId = randomUUID();
    await insertCommand(system.db.oms, {
      ...{ id: commandId, orderId, kind, body },
      ...{ actorType: 'api_key', actorId: 'test', requestId: 'req_test' },
    });
    await system.client.workflow.getHandle(`order/${orderId}`).startUpdate(update, {
      args: [{ commandId, fulfillmentOrderId }],
      updateId: commandId,
      waitForStage: 'ACCEPTED',
    });
    return commandId;
  }

  async function ended(commandId: string): Promise<Document> {
    return waitFor('the operation to end', async () => {
      const { body } = await system.api('GET', `/v1/operations/${commandId}`);
      return body.operation.status === 'running' ? null : body.operation;
    });
  }

  async function aPacking({
    id: orderId,
    fulfillmentOrders: [{ id: fulfillmentOrderId }],
  }: Document) {
    const packages = [{ weightGrams: 500, lines: await pick(system, fulfillmentOrderId) }];
    const command = { kind: 'pack', update: 'pack', fulfillmentOrderId };
    return { orderId, body: { packages }, ...command };
  }

  it('a packing under a hold', async () => {
    const order = await inWarehouse();
    const packing = await aPacking(order);
    const hold = await system.api('POST', `/v1/orders/${String(order.id)}/hold`, {
      reason: 'look first',
    });
    expectStatus(hold, 200);

    expect(await ended(await send(packing))).toMatchObject({
      status: 'failed',
      result: { code: 'illegal_transition' },
    });
  });

  it('a packing that a cancel cuts short', async () => {
    const order = await inWarehouse();
    const packing = await aPacking(order);
    expectStatus(await system.sandbox('PUT', '/faults/carrier', { mode: 'down' }), 200);
    const commandId = await send(packing);
    await waitFor('the booking to be asked for', async () => {
      const { rowCount } = await system.db.admin.query(
        'select from oms.shipments where order_id = $1',
        [order.id],
      );
      return rowCount === 1 ? true : null;
    });
    const cancel = system.api('POST', `/v1/orders/${String(order.id)}/cancel`, {
      reason: 'changed my mind',
    });
    await waitFor('the cancel to be taken', async () => {
      const { waitingFor } = await readOrder(system, order.id);
      return waitingFor?.code === 'void' ? true : null;
    });
    expectStatus(await system.sandbox('PUT', '/faults/carrier', { mode: 'none' }), 200);

    expectStatus(await cancel, 200);
    expect(await ended(commandId)).toMatchObject({
      status: 'failed',
      result: { code: 'illegal_transition' },
    });
  });

  it('a parcel that cannot be called back', async () => {
    const order = await inWarehouse();
    await shipAll(system, order.id);
    const command = { kind: 'intercept', update: 'interceptShipment', orderId: order.id };
    const commandId = await send({ ...command, body: { shipmentId: order.id } });

    expect(await ended(commandId)).toMatchObject({ status: 'failed' });
  });

  it.each(['pack', 'interceptShipment', 'addNote'])(
    '%s: refused before its answer was lost, it is refused again by the run that follows',
    async (update) => {
      const order = await inWarehouse();
      const [{ id: fulfillmentOrderId }] = order.fulfillmentOrders;
      const commandId = randomUUID();
      await insertCommand(system.db.oms, {
        ...{ id: commandId, orderId: order.id, kind: update, body: { text: 'x', packages: [] } },
        ...{ actorType: 'api_key', actorId: 'test', requestId: 'req_test' },
      });
      await failCommand(system.db.oms, commandId, 'illegal_transition');

      const handle = system.client.workflow.getHandle(`order/${String(order.id)}`);
      const again = handle.executeUpdate<unknown, [object]>(update, {
        args: [{ commandId, fulfillmentOrderId }],
      });
      await expect(again).rejects.toMatchObject({
        cause: { type: 'illegal_transition' },
      });
    },
  );
});
