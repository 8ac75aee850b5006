import type { PoolClient } from 'pg';

import type { Outside } from '../../scripts/audit/types';
import { audit, auditCorrupted, readOutside, superuserPool } from '../helpers/audit';
import { AUDITED_ORDERS, type AuditedOrder } from '../helpers/corruption';
import { CORRUPTIONS } from '../helpers/corruptions';
import {
  anOrder,
  deliverAll,
  expectStatus,
  pick,
  post,
  readOrder,
  shipAll,
  untilStage,
  completeOrder,
} from '../helpers/orders';
import { askRefund, untilRefund } from '../helpers/refunds';
import { askReturn, commandReturn, untilReturn } from '../helpers/returns';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { stock, work } from '../helpers/warehouse';
import { startReceiver } from '../helpers/webhook-receiver';

/** Ids or numbers of the audited orders. */
type Seen = Readonly<Record<AuditedOrder, string>>;

describe('the audit', () => {
  let system: System;
  let client: PoolClient;
  let numbers: Seen;
  let seen: Seen;
  let outside: Outside;
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    system = await startSystem();
    const receiver = await startReceiver();
    closers.push(() => receiver.close());
    const endpoint = { url: receiver.url, events: ['*'] };
    expectStatus(await system.api('POST', '/v1/webhook-endpoints', endpoint), 201);
    const orders = await walkOrders(system);
    seen = orders.ids;
    numbers = orders.numbers;
    // Nothing moves any more: what the audit finds is what a test did.
    await settle(system);
    await system.stopWorkers();
    outside = readOutside(system);
    const pool = superuserPool(system);
    client = await pool.connect();
    closers.push(async () => {
      client.release();
      await pool.end();
    });
  });
  afterAll(async () => {
    for (const close of closers) await close();
    await system.stop();
  });

  it('finds nothing where all is well', async () => {
    const { broken, lines } = await audit(system);
    expect({ broken, lines: lines.filter((line) => line.startsWith('FAIL')) }).toEqual({
      broken: [],
      lines: [],
    });
    expect(lines.filter((line) => line.startsWith('ok '))).toHaveLength(11);
  });

  it.each(CORRUPTIONS)('%s: names %s', async (id, _what, order, statement, names) => {
    const corrupt = async (tx: PoolClient): Promise<void> => {
      for (const part of statement.split(';'))
        await tx.query(part, part.includes('$1') && order !== null ? [seen[order]] : []);
    };
    const { broken, lines } = await auditCorrupted(system, client, corrupt, outside);
    const failures = lines.filter((line) => line.startsWith('FAIL'));
    const named = AUDITED_ORDERS.find((known) => known === names);
    expect({ broken, failures }).toEqual({ broken: [id], failures: expect.any(Array) });
    expect(failures.join('\n')).toContain(named === undefined ? names : numbers[named]);
  });

  it('I3: names an authorisation that we know nothing of', async () => {
    const response = await fetch(`${system.sandboxUrl}/gateway/authorizations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'pay:again' },
      body: JSON.stringify({
        amountMinor: 100,
        currency: 'USD',
        token: 'tok_ok',
        reference: seen.completed,
      }),
    });
    expect(response.status).toBe(200);
    const { broken, lines } = await audit(system, { drainMs: 0, recheckMs: 0 });
    expect(broken).toEqual(['I3']);
    expect(lines.join('\n')).toContain(seen.completed);
  });

  it('I6: names an open order whose workflow was terminated', async () => {
    await system.client.workflow.getHandle(`order/${seen.unpaid}`).terminate('test');
    const { broken, lines } = await audit(system, { drainMs: 0, recheckMs: 0 });
    expect(broken).toEqual(['I3', 'I6']);
    expect(lines.join('\n')).toContain(
      `${numbers.unpaid} (confirmed, payment) is open, its workflow is TERMINATED`,
    );
  });

  it('I10: names a history with something personal in it, and a workflow task that failed', async () => {
    const workflowId = `order/${seen.short}`;
    const { customer } = await readOrder(system, seen.short);
    const fact = { id: 'x', kind: 'x', ref: customer.email };
    await failWorkflowTask(system, workflowId, () =>
      system.client.workflow.getHandle(workflowId).signal('factRecorded', fact),
    );
    const { broken, lines } = await audit(system, { drainMs: 0, recheckMs: 0 });
    expect(broken).toEqual(['I3', 'I6', 'I10']);
    expect(lines.join('\n')).toContain(
      `${workflowId}: its history holds personal data (e-mail address)`,
    );
    expect(lines.join('\n')).toContain(`${workflowId}: a workflow task failed`);
    expect(lines.join('\n')).not.toContain(customer.email);
  });
});

/** The API's number of WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR. */
const NON_DETERMINISTIC = 24;

/** Fails the workflow task that follows from `provoke`, as a worker would. */
async function failWorkflowTask(
  system: System,
  workflowId: string,
  provoke: () => Promise<void>,
): Promise<void> {
  const { workflowService, options } = system.client;
  const { namespace } = options;
  // The worker that had the workflow in its memory is gone; else its task would wait for that one first.
  await workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId } });
  await provoke();
  const taskQueue = { name: `${system.prefix}orders`, kind: 1 };
  const { taskToken } = await waitFor('its task', async () => {
    const task = await system.client.withDeadline(Date.now() + 10_000, () =>
      workflowService.pollWorkflowTaskQueue({ namespace, taskQueue, identity: 'test' }),
    );
    return task.workflowExecution?.workflowId === workflowId && task;
  });
  await workflowService.respondWorkflowTaskFailed({
    ...{ namespace, taskToken, identity: 'test' },
    cause: NON_DETERMINISTIC,
  });
}

/** A handful of orders, one for each way that a corruption is tried on. */
async function walkOrders(system: System): Promise<{ ids: Seen; numbers: Seen }> {
  const completed = await post(system);
  const cash = await post(system, { payment: { method: 'cod' } });
  const prepaid = await post(system, { payment: { method: 'prepaid', reference: 'bank 1' } });
  for (const { id } of [completed, cash, prepaid]) {
    await shipAll(system, id);
    await untilStage(system, id, 'carrier');
    await deliverAll(system, id);
    await untilStage(system, id, 'completed');
  }
  const { payments } = await readOrder(system, completed.id);
  const intentId = payments[0].reference as string;
  expectStatus(await system.sandbox('POST', '/gateway/disputes', { intentId }), 201);

  const keyed = anOrder({ externalId: null });
  expectStatus(await system.api('POST', '/v1/orders', keyed, { idempotencyKey: 'audit-1' }), 201);

  const refunded = await walkRefunds(system);

  const voided = await post(system);
  await untilStage(system, voided.id, 'warehouse');
  await cancel(system, voided.id);
  await cancelPacked(system);
  await cancelInReview(system);

  const unpaid = await post(system, { payment: { method: 'card', token: 'tok_declined' } });
  await untilStage(system, unpaid.id, 'payment');
  const short = await post(system, { lines: [{ sku: 'TEAPOT-IRON', quantity: 90 }] });
  await untilStage(system, short.id, 'review');
  expectStatus(await system.api('POST', `/v1/orders/${short.id}/approve`, { reason: 'ok' }), 200);
  await untilStage(system, short.id, 'shortage');
  const atWork = await post(system);
  await untilStage(system, atWork.id, 'warehouse');
  const changes = [{ type: 'setPriority', priority: 'high' }];
  const amend = { baseVersion: 1, confirm: true, changes };
  expectStatus(await system.api('POST', `/v1/orders/${atWork.id}/amend`, amend), 200);
  const kit = await placeKit(system);
  await placeFromShop(system);
  await returnSome(system);

  const each = (read: (order: { id: string; orderNo: string }) => string): Seen => ({
    completed: read(completed),
    voided: read(voided),
    unpaid: read(unpaid),
    short: read(short),
    atWork: read(atWork),
    kit: read(kit),
    refunded: read(refunded),
  });
  return { ids: each(({ id }) => id), numbers: each(({ orderNo }) => orderNo) };
}

/** Two kits at work, one more reported short and sent from elsewhere. */
async function placeKit(system: System): Promise<{ id: string; orderNo: string }> {
  await stock(system, 'AUDIT-CUP', { BOS: 6, LON: 2 });
  await stock(system, 'AUDIT-POT', { BOS: 3, LON: 1 });
  const parts = [
    { sku: 'AUDIT-CUP', quantity: 2 },
    { sku: 'AUDIT-POT', quantity: 1 },
  ];
  await stock(system, 'AUDIT-SET', {}, parts);
  const order = await post(system, { lines: [{ sku: 'AUDIT-SET', quantity: 3 }] });
  const { fulfillmentOrders } = await untilStage(system, order.id, 'warehouse');
  const [{ id, lines }] = fulfillmentOrders;
  const body = { lines: [{ lineId: lines[0].lineId, quantity: 1 }], reason: 'broken' };
  expectStatus(await work(system, id, 'report-short', body), 200);
  return order;
}

/** One order with a unit refunded by card and a part as store credit that pays another; one whose money came outside and is awaited. */
async function walkRefunds(system: System): Promise<{ id: string; orderNo: string }> {
  const order = await completeOrder(system);
  const lines = [{ lineId: order.lines[0].id, quantity: 1 }];
  const byCard = await askRefund(system, order.id, { lines });
  const asCredit = await askRefund(system, order.id, { amountMinor: 300, to: 'store_credit' });
  await untilRefund(system, byCard.id, 'succeeded');
  await untilRefund(system, asCredit.id, 'succeeded');
  await post(system, {
    customer: { email: order.customer.email },
    payment: { method: 'card', token: 'tok_ok', storeCreditMinor: 100 },
  });
  const prepaid = await post(system, { payment: { method: 'prepaid', reference: 'bank 2' } });
  await untilStage(system, prepaid.id, 'warehouse');
  await cancel(system, prepaid.id);
  const [{ id }] = (await readOrder(system, prepaid.id)).refunds;
  await untilRefund(system, id, 'submitted', 'outside_payment');
  return order;
}

async function cancel(system: System, orderId: string): Promise<void> {
  const body = { reason: 'changed mind' };
  const answer = await system.api('POST', `/v1/orders/${orderId}/cancel`, body);
  expect([200, 202]).toContain(answer.status);
  await untilStage(system, orderId, 'canceled');
}

async function cancelPacked(system: System): Promise<void> {
  const { id } = await post(system);
  const { fulfillmentOrders } = await untilStage(system, id, 'warehouse');
  const [{ id: fulfillmentOrderId }] = fulfillmentOrders;
  const lines = await pick(system, fulfillmentOrderId);
  const packages = [{ weightGrams: 700, lines }];
  expectStatus(
    await system.api('POST', `/v1/fulfillment-orders/${fulfillmentOrderId}/pack`, { packages }),
    200,
  );
  await cancel(system, id);
}

async function cancelInReview(system: System): Promise<void> {
  const { id } = await post(system, { lines: [{ sku: 'KETTLE-STEEL', quantity: 30 }] });
  await untilStage(system, id, 'review');
  expectStatus(await system.api('POST', `/v1/orders/${id}/reject`, { reason: 'no' }), 200);
  await untilStage(system, id, 'canceled');
}

/** One unit back on the shelf by a label that was scanned, another asked for. */
async function returnSome(system: System): Promise<void> {
  const order = await completeOrder(system, {
    lines: [{ sku: 'CANDLE-FIG', quantity: 3 }],
    payment: { method: 'invoice' },
  });
  const lineId: string = order.lines[0].id;
  const { id } = await askReturn(system, order, [1]);
  const { shipment } = await commandReturn(system, id, 'approve', {});
  const scans = [{ code: 'picked_up', occurredAt: new Date().toISOString() }];
  await system.sandbox('POST', `/carrier/shipments/${shipment.trackingNo}/scans`, { scans });
  await untilReturn(system, id, 'in_transit');
  const received = { lines: [{ lineId, quantity: 1, condition: 'new' }] };
  await commandReturn(system, id, 'receive', received);
  const accepted = { lines: [{ lineId, accepted: 1, disposition: 'restock' }] };
  await commandReturn(system, id, 'inspect', accepted);
  await untilReturn(system, id, 'closed');
  await askReturn(system, order, [1]);
}

async function placeFromShop(system: System): Promise<void> {
  const line = { sku: 'SOAP-OLIVE', quantity: 2, unitPriceMinor: 799 };
  const sent = await system.sandbox('POST', '/storefront/orders', {
    ...{ lines: [line], discountMinor: 100, copies: 2 },
  });
  const { orderId } = expectStatus(sent, 201);
  await waitFor('the order of the shop', async () => {
    const { body } = await system.api('GET', `/v1/orders?q=${String(orderId)}`);
    return body.items[0]?.stage === 'warehouse';
  });
}

/** Until the lanes have told everything, and every mail is out. */
async function settle(system: System): Promise<void> {
  await waitFor('the lanes', async () => {
    const { rows } = await system.db.admin.query<{ n: number }>(
      `select (select count(*) from oms.outbox_deliveries where done_at is null)
        + (select count(*) from crm.messages where state in ('queued', 'claimed', 'sending'))
        + (select count(*) from oms.webhook_deliveries where status = 'pending')
        + (select count(*) from oms.wakes where signaled_at is null)
        + (select count(*) from oms.inbox where processed_at is null) as n`,
    );
    return Number(rows[0]?.n) === 0;
  });
}
