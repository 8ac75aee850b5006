import { post, readOrder, untilStage, completeOrder } from '../helpers/orders';
import { printFigures, readEndedFigures } from '../helpers/history';
import { recordEnded } from '../helpers/record-history';
import { askReturn, commandReturn, untilReturn } from '../helpers/returns';
import { addProduct, readStock } from '../helpers/stock';
import { setPolicies, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

/** Nothing is captured of an order that is invoiced, so nothing is refunded: a return ends with its inspection. */
const INVOICED = { payment: { method: 'invoice' } };

describe('the waits of a return', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
    await addProduct(system, 'WAIT-1', 40);
  });
  afterEach(async () => {
    await setPolicies(system.db, {
      returnApprovalDeadline: 'P7D',
      returnReceiveDeadline: 'P21D',
      returnAutoApproveBelowMinor: {},
    });
  });
  afterAll(async () => {
    await system.stop();
  });

  const anOrderOf = (quantity: number) =>
    completeOrder(system, { lines: [{ sku: 'WAIT-1', quantity }], ...INVOICED });

  it('ends declined when nobody approves it in time', async () => {
    await setPolicies(system.db, { returnApprovalDeadline: 'PT1S' });
    const order = await anOrderOf(1);
    const { id } = await askReturn(system, order, [1]);
    const declined = await untilReturn(system, id, 'declined');
    expect(declined).toMatchObject({ waitingFor: null, declinedAt: expect.any(String) });
    await recordEnded(system, `return/${id}`, 'return-declined-late');
    expect((await readOrder(system, order.id)).lines[0].returnRequested).toBe(0);
  });

  it('expires when nothing comes in time, and gives the label back', async () => {
    await setPolicies(system.db, { returnReceiveDeadline: 'PT2S' });
    const order = await anOrderOf(1);
    const { id } = await askReturn(system, order, [1]);
    const approved = await commandReturn(system, id, 'approve', {});
    expect(approved.waitingFor).toMatchObject({ code: 'return_goods', until: expect.any(String) });
    const expired = await untilReturn(system, id, 'expired');
    expect(expired.expiredAt).not.toBeNull();
    await recordEnded(system, `return/${id}`, 'return-expired');
    await waitFor('the void', async () => {
      const { body } = await system.sandbox('GET', `/carrier/shipments?reference=${id}`);
      return body.items[0]?.status === 'canceled';
    });
    const again = await askReturn(system, order, [1]);
    await commandReturn(system, again.id, 'cancel', { reason: 'end' });
    await recordEnded(system, `return/${again.id}`, 'return-canceled');
  });

  it('goes on with what came when the rest does not', async () => {
    await setPolicies(system.db, { returnReceiveDeadline: 'PT3S' });
    const order = await anOrderOf(3);
    const lineId = order.lines[0].id;
    const { id } = await askReturn(system, order, [3]);
    await commandReturn(system, id, 'approve', { label: false });
    await commandReturn(system, id, 'receive', {
      lines: [{ lineId, quantity: 2, condition: 'new' }],
    });
    const received = await untilReturn(system, id, 'received');
    expect(received).toMatchObject({
      waitingFor: { code: 'inspection', until: null },
      lines: [{ reception: 'short', received: 2 }],
    });
    expect((await readOrder(system, order.id)).lines[0].returnRequested).toBe(2);
    await commandReturn(system, id, 'inspect', {
      lines: [{ lineId, accepted: 2, disposition: 'scrap' }],
    });
    await untilReturn(system, id, 'closed');
    await recordEnded(system, `return/${id}`, 'return-short');
  });

  it('is approved by itself below the limit of its currency', async () => {
    await setPolicies(system.db, { returnAutoApproveBelowMinor: { USD: 1000 } });
    const order = await anOrderOf(3);
    const small = await askReturn(system, order, [1]);
    expect(await untilReturn(system, small.id, 'approved')).toMatchObject({
      waitingFor: { code: 'return_goods' },
    });
    const large = await askReturn(system, order, [2]);
    await waitFor('the wait', async () => {
      const { body } = await system.api('GET', `/v1/returns/${large.id}`);
      return body.return.waitingFor?.code === 'return_approval';
    });
  });

  it('lets the customer keep the item', async () => {
    const order = await anOrderOf(2);
    const before = await readStock(system, 'WAIT-1');
    const { id } = await askReturn(system, order, [2]);
    await commandReturn(system, id, 'approve', { keepItem: true, note: 'broken anyway' });
    const closed = await untilReturn(system, id, 'closed');
    expect(closed).toMatchObject({
      keepItem: true,
      note: 'broken anyway',
      shipment: null,
      lines: [{ reception: 'kept_by_customer', accepted: 2 }],
    });
    await recordEnded(system, `return/${id}`, 'return-kept');
    expect(await readStock(system, 'WAIT-1')).toEqual(before);
    expect((await readOrder(system, order.id)).lines[0]).toMatchObject({ returned: 2 });
  });

  it('serves an order that waits for what is restocked', async () => {
    await addProduct(system, 'WAIT-2', 2);
    const order = await completeOrder(system, {
      lines: [{ sku: 'WAIT-2', quantity: 2 }],
      ...INVOICED,
    });
    const short = await post(system, { lines: [{ sku: 'WAIT-2', quantity: 2 }] });
    await untilStage(system, short.id, 'shortage');
    const lineId = order.lines[0].id;
    const { id } = await askReturn(system, order, [2]);
    await commandReturn(system, id, 'approve', { label: false });
    await commandReturn(system, id, 'receive', {
      lines: [{ lineId, quantity: 2, condition: 'new' }],
    });
    await commandReturn(system, id, 'inspect', {
      lines: [{ lineId, accepted: 2, disposition: 'restock' }],
    });
    await untilStage(system, short.id, 'warehouse');
    const stock = await readStock(system, 'WAIT-2');
    expect(stock).toMatchObject({ onHand: 2, reserved: 2, ledgerOnHand: 2, ledgerReserved: 2 });
  });

  it('goes on after its workflow was lost, and stays within its budget', async () => {
    const order = await anOrderOf(2);
    const lineId = order.lines[0].id;
    const { id } = await askReturn(system, order, [2]);
    await commandReturn(system, id, 'approve', {});
    await commandReturn(system, id, 'receive', {
      lines: [{ lineId, quantity: 2, condition: 'new' }],
    });
    await commandReturn(system, id, 'inspect', {
      lines: [{ lineId, accepted: 2, disposition: 'restock' }],
    });
    await untilReturn(system, id, 'closed');
    const { events, types } = await readEndedFigures(system, `return/${id}`);
    printFigures('return without refund', { events });
    if (process.env['SHOW_COST'] !== undefined) process.stdout.write(`${types.join('\n')}\n`);
    expect(events).toBeLessThanOrEqual(30);

    const other = await anOrderOf(1);
    const lost = await askReturn(system, other, [1]);
    await waitFor('the wait', async () => {
      const { body } = await system.api('GET', `/v1/returns/${lost.id}`);
      return body.return.waitingFor?.code === 'return_approval';
    });
    await system.client.workflow.getHandle(`return/${lost.id}`).terminate('test');
    const approved = await commandReturn(system, lost.id, 'approve', { label: false });
    expect(approved.status).toBe('approved');
  });
});
