import { createRefund, type RefundRequest } from '../../src/db/oms/refund-create';
import { findRefundable } from '../../src/db/oms/refund-facts';
import { SYSTEM } from '../../src/db/oms/record-change';
import { type Queryable, withTransaction } from '../../src/db/pool';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { insertPaidOrder, type PaidOrder } from '../helpers/paid-order';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

function anAsk(orderId: string, overrides: Partial<RefundRequest> = {}): RefundRequest {
  return {
    orderId,
    causeKey: null,
    reason: 'wanted back',
    destination: 'original',
    lines: [],
    shippingMinor: 0,
    shippingTaxMinor: 0,
    adjustmentMinor: 0,
    needsApproval: false,
    requestedBy: SYSTEM,
    requestId: null,
    ...overrides,
  };
}

async function ask(orderId: string, overrides: Partial<RefundRequest> = {}) {
  return withTransaction(db.oms, async (tx) => {
    await tx.query('select 1 from oms.orders where id = $1::uuid for update', [orderId]);
    return createRefund(tx, anAsk(orderId, overrides));
  });
}

async function read(db_: Queryable, statement: string, orderId: string): Promise<unknown[]> {
  const { rows } = await db_.query<Record<string, unknown>>(statement, [orderId]);
  return rows;
}

const PENDING = `select refund_pending_minor as pending from oms.payments where order_id = $1 order by seq`;
const EVENTS = `select type, data - 'refundId' as data from oms.order_events where order_id = $1 order by seq`;

describe('createRefund', () => {
  let order: PaidOrder;
  beforeEach(async () => {
    order = await insertPaidOrder(db, [
      { method: 'card', capturedMinor: 1000 },
      { method: 'prepaid', capturedMinor: 1189 },
    ]);
  });

  it('takes the oldest payments first and names what starts its workflow', async () => {
    const [lineId = ''] = order.lineIds;
    const lines = [{ lineId, quantity: 3, itemMinor: 1000, taxMinor: 100 }];

    const created = await ask(order.orderId, { lines, shippingMinor: 490, shippingTaxMinor: 49 });

    expect(created?.amountMinor).toBe(1639);
    const refundId = created?.refundId ?? '';
    const { rows } = await db.admin.query(
      `select way, amount_minor as amount, idempotency_key as key from oms.refund_payments where refund_id = $1 order by key`,
      [refundId],
    );
    expect(rows).toEqual([
      { way: 'gateway', amount: 1000, key: `refund:${refundId}:1` },
      { way: 'outside', amount: 639, key: `refund:${refundId}:2` },
    ]);
    expect(await read(db.admin, PENDING, order.orderId)).toEqual([
      { pending: 1000 },
      { pending: 639 },
    ]);
    expect(await read(db.admin, EVENTS, order.orderId)).toEqual([
      { type: 'refund_created', data: { amountMinor: 1639, destination: 'original' } },
    ]);
    const told = await db.admin.query(
      `select aggregate, seq, type, payload ->> 'orderId' as "orderId" from oms.outbox where aggregate_id = $1`,
      [refundId],
    );
    expect(told.rows).toEqual([
      { aggregate: 'refund', seq: 1, type: 'refund.created', orderId: order.orderId },
    ]);
    const wakes = await db.admin.query(`select kind from oms.wakes where workflow_id = $1`, [
      `refund/${refundId}`,
    ]);
    expect(wakes.rows).toEqual([{ kind: 'refund_created' }]);
  });

  it('answers the same cause with the first refund', async () => {
    const causeKey = `cancel:${order.orderId}`;

    const first = await ask(order.orderId, { causeKey, adjustmentMinor: 100 });
    const second = await ask(order.orderId, { causeKey, adjustmentMinor: 100 });

    expect(second).toEqual(first);
    expect(await read(db.admin, PENDING, order.orderId)).toEqual([
      { pending: 100 },
      { pending: 0 },
    ]);
  });

  it('cuts what is not there any more, and makes no refund of nothing', async () => {
    await ask(order.orderId, { adjustmentMinor: 2000 });

    const rest = await ask(order.orderId, { adjustmentMinor: 500, shippingMinor: 100 });
    const nothing = await ask(order.orderId, { adjustmentMinor: 1 });

    expect(rest?.amountMinor).toBe(189);
    expect(nothing).toBeNull();
    expect(await read(db.admin, EVENTS, order.orderId)).toEqual([
      { type: 'refund_created', data: { amountMinor: 2000, destination: 'original' } },
      { type: 'refund_capped', data: { askedMinor: 600, amountMinor: 189 } },
      { type: 'refund_created', data: { amountMinor: 189, destination: 'original' } },
      { type: 'refund_capped', data: { askedMinor: 1, amountMinor: 0 } },
    ]);
  });

  it('counts units and money of refunds that have not ended, and not those of canceled units', async () => {
    const [lineId = ''] = order.lineIds;
    const line = { lineId, quantity: 1, itemMinor: 333, taxMinor: 33 };

    await ask(order.orderId, { lines: [line] });
    await ask(order.orderId, { lines: [line], isOfCanceled: true });

    const refundable = await findRefundable(db.oms, order.orderId);
    expect(refundable).toMatchObject({ refundableMinor: 2189 - 732, isTaxIncluded: false });
    expect(refundable?.lines[0]).toMatchObject({
      ...{ refundedUnits: 2, refundedShipped: 1, refundedItemMinor: 666, refundedTaxMinor: 66 },
      ...{ itemValueMinor: 1000, quantity: 3 },
    });
  });
});
