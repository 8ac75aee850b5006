import { readOrder, completeOrder } from '../helpers/orders';
import { askReturn, commandReturn, untilReturn } from '../helpers/returns';
import { recordEnded } from '../helpers/record-history';
import { addProduct, readStock } from '../helpers/stock';
import { startSystem, type System } from '../helpers/system';

describe('returns', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  it('goes from the request over label, scan, parts and a rejected unit to its end', async () => {
    await addProduct(system, 'RET-1', 5);
    const order = await completeOrder(system, { lines: [{ sku: 'RET-1', quantity: 3 }] });
    const [line] = order.lines;

    const asked = await askReturn(system, order, [3]);
    expect(asked).toMatchObject({ status: 'requested', kind: 'return', requestedBy: 'staff' });
    const approved = await commandReturn(system, asked.id, 'approve', {});
    expect(approved).toMatchObject({ status: 'approved', waitingFor: { code: 'return_goods' } });
    expect(approved.shipment).toMatchObject({ carrier: 'sandbox', status: 'pending' });

    const { trackingNo } = approved.shipment;
    const booked = await system.sandbox('GET', `/carrier/shipments?reference=${asked.id}`);
    expect(booked.body.items).toMatchObject([{ trackingNo, kind: 'return', reference: asked.id }]);
    const scans = [{ code: 'picked_up', occurredAt: new Date().toISOString() }];
    await system.sandbox('POST', `/carrier/shipments/${trackingNo}/scans`, { scans });
    const moving = await untilReturn(system, asked.id, 'in_transit');
    expect(moving.lines[0].reception).toBe('in_transit');

    const part = await commandReturn(system, asked.id, 'receive', {
      lines: [{ lineId: line.id, quantity: 1, condition: 'new' }],
    });
    expect(part).toMatchObject({ status: 'partially_received', lines: [{ received: 1 }] });
    const inspected = await commandReturn(system, asked.id, 'inspect', {
      lines: [{ lineId: line.id, accepted: 1, rejected: 0, disposition: 'restock' }],
    });
    expect(inspected).toMatchObject({ status: 'partially_received', lines: [{ accepted: 1 }] });
    const rest = await commandReturn(system, asked.id, 'receive', {
      lines: [{ lineId: line.id, quantity: 1, condition: 'opened' }],
      complete: true,
    });
    expect(rest).toMatchObject({
      status: 'received',
      lines: [{ received: 2, reception: 'short' }],
    });
    await commandReturn(system, asked.id, 'inspect', {
      lines: [{ lineId: line.id, accepted: 0, rejected: 1 }],
    });
    const closed = await untilReturn(system, asked.id, 'closed');
    expect(closed).toMatchObject({
      waitingFor: null,
      allowedActions: [],
      lines: [{ accepted: 1, rejected: 1, acceptance: 'accepted', disposition: 'restock' }],
    });

    await recordEnded(system, `return/${asked.id}`, 'return-refunded');
    const after = await readOrder(system, order.id);
    expect(after.lines[0]).toMatchObject({ returnRequested: 0, returned: 1, returnRejected: 1 });
    expect(after.returns).toEqual([{ id: asked.id, status: 'closed', kind: 'return' }]);
    expect(await readStock(system, 'RET-1')).toMatchObject({ onHand: 3, ledgerOnHand: 3 });
  });
});
