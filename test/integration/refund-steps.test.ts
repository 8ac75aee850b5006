import { randomUUID } from 'node:crypto';

import { asyncLocalStorage } from '@temporalio/activity';

import { createRefundActivities } from '../../src/activities/refund-activities';
import { createRefundPaymentActivities } from '../../src/activities/refund-payments';
import { lockForRefund } from '../../src/db/oms/refund-facts';
import { createRefund } from '../../src/db/oms/refund-create';
import { SYSTEM } from '../../src/db/oms/record-change';
import { withTransaction } from '../../src/db/pool';
import type { PaymentGateway, SettleRequest } from '../../src/integrations/payment-gateway';
import { createGateways } from '../../src/integrations/payment-gateways';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { insertPaidOrder, type PaidOrder } from '../helpers/paid-order';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

/** Runs what heartbeats as a worker would. */
function inActivity<T>(run: () => Promise<T>): Promise<T> {
  const context: any = { heartbeat: () => undefined };
  return asyncLocalStorage.run(context, run);
}

/** A gateway that refuses what it is told to, loses answers, and remembers its calls. */
function aGateway(refusing: ReadonlySet<string>, lost: Set<string>) {
  const calls: SettleRequest[] = [];
  const notUsed = () => Promise.reject(new Error('not used'));
  const gateway: PaymentGateway = {
    provider: 'sandbox',
    ...{ authorize: notUsed, capture: notUsed, void: notUsed },
    find: (idempotencyKey) => {
      const made = calls.find((call) => call.idempotencyKey === idempotencyKey);
      if (made === undefined) return Promise.resolve({ kind: 'not_found' });
      const { intentId, amountMinor } = made;
      const found = { operation: 'refund', status: 'succeeded', entryId: 'ent_found' } as const;
      return Promise.resolve({ kind: 'found', ...found, intentId, amountMinor, code: null });
    },
    refund: (request) => {
      calls.push(request);
      if (lost.delete(request.idempotencyKey))
        return Promise.reject(new Error('the answer was lost'));
      return Promise.resolve(
        refusing.has(request.intentId)
          ? { kind: 'refused', code: 'card_closed' }
          : { kind: 'done', entryId: `ent_${randomUUID()}` },
      );
    },
  };
  return { gateway, calls };
}

async function rows(statement: string, id: string): Promise<Record<string, unknown>[]> {
  return (await db.admin.query<Record<string, unknown>>(statement, [id])).rows;
}

const SHARES = `select s.status, s.way, s.amount_minor as amount from oms.refund_payments s
  join oms.payments p on p.id = s.payment_id where s.refund_id = $1 order by p.seq`;
const PAYMENTS = `select refunded_minor as refunded, refund_pending_minor as pending from oms.payments
  where order_id = $1 order by seq`;
const INCIDENTS = `select kind, status from oms.incidents where doc_id = $1::uuid::text`;

describe('a refund over two cards, one of them closed', () => {
  let order: PaidOrder;
  let refundId: string;
  let refusing: Set<string>;
  let lost: Set<string>;
  let pay: () => Promise<unknown>;
  let calls: readonly SettleRequest[];
  const steps = () => createRefundActivities({ oms: db.oms });

  beforeEach(async () => {
    order = await insertPaidOrder(db, [
      { method: 'card', capturedMinor: 1000 },
      { method: 'card', capturedMinor: 1189 },
    ]);
    const created = await withTransaction(db.oms, async (tx) => {
      await lockForRefund(tx, order.orderId);
      return createRefund(tx, {
        ...{ orderId: order.orderId, causeKey: null, reason: 'x', destination: 'original' },
        ...{ lines: [], shippingMinor: 0, shippingTaxMinor: 0, adjustmentMinor: 1500 },
        ...{ needsApproval: false, requestedBy: SYSTEM, requestId: null },
      });
    });
    refundId = created?.refundId ?? '';
    const [first] = await rows(
      'select reference from oms.payments where order_id = $1 order by seq',
      order.orderId,
    );
    refusing = new Set([String(first?.['reference'])]);
    lost = new Set();
    const fake = aGateway(refusing, lost);
    calls = fake.calls;
    const gateways = createGateways(fake.gateway);
    const deps = { oms: db.oms, crm: db.crm, cardProvider: 'sandbox', gateways };
    const { payRefund } = createRefundPaymentActivities(deps);
    pay = () => inActivity(() => payRefund({ refundId }));
    await steps().advanceRefund({ refundId });
    await pay();
  });

  async function command(body: object): Promise<string> {
    const [row] = await rows(
      `insert into oms.commands (order_id, kind, body, actor_type, actor_id, request_id)
       values ($1, 'refund-retry', '${JSON.stringify(body)}', 'api_key', 'key', 'req') returning id`,
      order.orderId,
    );
    return String(row?.['id']);
  }

  it('ends apart: submitted, its whole cap kept, an incident', async () => {
    const state = await steps().advanceRefund({ refundId });

    expect(state).toMatchObject({ status: 'submitted', waitCode: 'gateway', isOwed: false });
    expect(await rows(SHARES, refundId)).toEqual([
      { status: 'failed', way: 'gateway', amount: 1000 },
      { status: 'succeeded', way: 'gateway', amount: 500 },
    ]);
    expect(await rows(PAYMENTS, order.orderId)).toEqual([
      { refunded: 0, pending: 1000 },
      { refunded: 500, pending: 0 },
    ]);
    expect(await rows(INCIDENTS, refundId)).toEqual([{ kind: 'refund_failed', status: 'open' }]);
  });

  it('retry: only the refused part, with another key; the incident is resolved with its success', async () => {
    refusing.clear();
    const commandId = await command({ reason: 'the bank opened it' });

    await steps().retryRefund({ refundId, commandId });
    await steps().retryRefund({ refundId, commandId });
    await pay();

    expect(calls.map(({ amountMinor, idempotencyKey }) => [amountMinor, idempotencyKey])).toEqual([
      [1000, `refund:${refundId}:1`],
      [500, `refund:${refundId}:2`],
      [1000, `refund:${refundId}:1:2`],
    ]);
    expect(await rows(PAYMENTS, order.orderId)).toEqual([
      { refunded: 1000, pending: 0 },
      { refunded: 500, pending: 0 },
    ]);
    expect(await rows(INCIDENTS, refundId)).toEqual([
      { kind: 'refund_failed', status: 'resolved' },
    ]);
  });

  it('as store credit: the refused part alone', async () => {
    const commandId = await command({ to: 'store_credit' });

    const state = await steps().retryRefund({ refundId, commandId });

    expect(state).toMatchObject({ status: 'succeeded', waitCode: null });
    expect(await rows(SHARES, refundId)).toEqual([
      { status: 'succeeded', way: 'store_credit', amount: 1000 },
      { status: 'succeeded', way: 'gateway', amount: 500 },
    ]);
    const credit = await rows(
      `select balance_minor as minor from oms.store_credit_balances b
       join oms.orders o on o.customer_id = b.customer_id where o.id = $1`,
      order.orderId,
    );
    expect(credit).toEqual([{ minor: 1000 }]);
  });

  it('a call whose answer was lost is looked up by its key, not made again', async () => {
    refusing.clear();
    const commandId = await command({ reason: 'again' });
    await steps().retryRefund({ refundId, commandId });
    lost.add(`refund:${refundId}:1:2`);

    await expect(pay()).rejects.toThrow('the answer was lost');
    const before = await rows(PAYMENTS, order.orderId);
    await pay();

    expect(before).toContainEqual({ refunded: 0, pending: 1000 });
    expect(await rows(PAYMENTS, order.orderId)).toContainEqual({ refunded: 1000, pending: 0 });
    expect(calls).toHaveLength(3);
  });

  it('a refund that ended apart is told as money that moved, and not as a success', async () => {
    const told = await rows(
      `select type, (payload ->> 'amountMinor')::int as amount from oms.outbox where aggregate_id = $1 order by seq`,
      refundId,
    );

    expect(told).toEqual([
      { type: 'refund.created', amount: 1500 },
      { type: 'payment.refunded', amount: 500 },
    ]);
  });
});
