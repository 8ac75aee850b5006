import { randomUUID } from 'node:crypto';

import { issueDueDocuments } from '../../src/activities/document-activities';
import { issueInvoice } from '../../src/db/oms/document-issue';
import { openForDocuments } from '../../src/db/oms/document-facts';
import { findCreditNote, listCreditNotes, listInvoices } from '../../src/db/oms/documents';
import { withTransaction } from '../../src/db/pool';
import { headingOf } from '../../src/domain/document-heading';
import { nextInvoice } from '../../src/domain/invoice';
import { announce, type PlacedOrder, placeOrderRow, silent } from '../helpers/crm-fixtures';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { SELLER } from '../helpers/documents';

let db: TestDatabase;
const ALL = { limit: 100, after: null, orderId: null, series: null };

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(async () => {
  await db.close();
});

/** An order that has completed: two mugs and a free card. */
async function aCompletedOrder(): Promise<PlacedOrder> {
  const order = await placeOrderRow(db);
  const { orderId } = order;
  await db.admin.query(`insert into oms.order_streams (order_id) values ($1::uuid)`, [orderId]);
  for (const status of ['processing', 'completed'])
    await db.admin.query(`update oms.orders set status = $2 where id = $1::uuid`, [
      orderId,
      status,
    ]);
  await announceOf(order, 'order.completed');
  return order;
}

/** Keeps the outbox numbers of the order's stream, which the announcements of documents go on with. */
async function announceOf(order: PlacedOrder, type: string, payload = {}): Promise<void> {
  await announce(db.oms, order, type, payload);
  await db.admin.query(
    `update oms.order_streams set outbox_seq = outbox_seq + 1 where order_id = $1::uuid`,
    [order.orderId],
  );
}

/** Money that came; the order has one payment. */
async function capture({ orderId }: PlacedOrder, amountMinor: number): Promise<void> {
  await db.admin.query(
    `insert into oms.payments (order_id, seq, method, provider, status, idempotency_key, currency, amount_minor,
       authorized_minor, captured_minor)
     values ($1::uuid, 1, 'external', 'source:paid', 'captured', 'pay:' || $1, 'USD', $2::bigint, $2::bigint, $2::bigint)`,
    [orderId, amountMinor],
  );
}

interface GivenBack {
  readonly amountMinor: number;
  readonly causeKey?: string | null;
  readonly units?: number;
}

/** A refund that has succeeded, announced. */
async function aRefund(
  { orderId, customerId }: PlacedOrder,
  { amountMinor, causeKey = null, units = 0 }: GivenBack,
): Promise<string> {
  const id = randomUUID();
  await db.admin.query(
    `insert into oms.refunds (id, order_id, cause_key, status, currency, amount_minor, adjustment_minor, reason,
       requested_by_type, requested_by, succeeded_at)
     values ($1::uuid, $2::uuid, $3::text, 'succeeded', 'USD', $4::bigint, case when $5::int > 0 then 0 else $4::bigint end, 'test',
       'system', 'test', now())`,
    [id, orderId, causeKey, amountMinor, units],
  );
  if (units > 0)
    await db.admin.query(
      `insert into oms.refund_lines (refund_id, order_line_id, quantity, item_minor, tax_minor)
       select $1::uuid, id, $3::int, $4::bigint, 0 from oms.order_lines where order_id = $2::uuid and line_no = 1`,
      [id, orderId, units, amountMinor],
    );
  await db.oms.query(`select oms.announce('refund', $1::uuid, 'refund.succeeded', $2::jsonb)`, [
    id,
    JSON.stringify({ orderId, refundId: id, customerId, amountMinor, currency: 'USD' }),
  ]);
  return id;
}

/** Several workers drain at once, until nothing is due. */
async function drain(workers = 1): Promise<void> {
  const lane = { oms: db.oms, seller: SELLER, logger: silent };
  for (;;) {
    const done = await Promise.all(Array.from({ length: workers }, () => issueDueDocuments(lane)));
    if (done.every((count) => count === 0)) return;
  }
}

async function openDeliveries(): Promise<unknown[]> {
  const { rows } = await db.admin.query(
    `select outbox_id, last_error from oms.outbox_deliveries where lane = 'documents' and done_at is null`,
  );
  return rows;
}

describe('the lane documents', () => {
  it('issues each invoice once, in numbers without gaps, with several workers at once', async () => {
    const orders = await Promise.all(Array.from({ length: 12 }, aCompletedOrder));
    await drain(4);
    const invoices = await listInvoices(db.oms, ALL);
    const numbers = invoices.map(({ sequence }) => sequence).toSorted((a, b) => a - b);

    expect(await openDeliveries()).toEqual([]);
    expect(invoices.map(({ orderId }) => orderId).toSorted()).toEqual(
      orders.map(({ orderId }) => orderId).toSorted(),
    );
    expect(numbers).toEqual(numbers.map((_, n) => n + 1));
    expect(invoices[0]).toMatchObject({ totalMinor: 2598, prepaidMinor: 0, payableMinor: 2598 });
  });

  it('changes nothing when it is told again', async () => {
    const order = await aCompletedOrder();
    await drain();
    await announceOf(order, 'order.completed');
    await drain();

    const filter = { ...ALL, orderId: order.orderId };
    expect(await listInvoices(db.oms, filter)).toHaveLength(1);
  });

  it('gives a number back that was taken and not issued', async () => {
    const before = await db.admin.query(`select series, last from oms.document_series`);
    const { orderId } = await placeOrderRow(db);
    const failing = withTransaction(db.oms, async (tx) => {
      const order = await openForDocuments(tx, orderId);
      const figures =
        order && nextInvoice(order, { earlier: [], amended: [], correctedMinor: 0, units: null });
      if (order === null || figures === null) throw new Error('no order');
      await issueInvoice(tx, { heading: headingOf(order, SELLER, order.today), figures }, null);
      throw new Error('the worker dies here');
    });

    await expect(failing).rejects.toThrow('dies here');
    const after = await db.admin.query(`select series, last from oms.document_series`);
    expect(after.rows).toEqual(before.rows);
  });

  it('calls an invoice paid once the money is there', async () => {
    const order = await aCompletedOrder();
    await drain();
    const filter = { ...ALL, orderId: order.orderId };
    const [issued] = await listInvoices(db.oms, filter);
    await capture(order, 2598);
    await announceOf(order, 'payment.captured');
    await drain();
    const [paid] = await listInvoices(db.oms, filter);

    expect([issued?.status, paid?.status]).toEqual(['issued', 'paid']);
    expect(paid).toEqual({ ...issued, status: 'paid' });
  });

  it('issues no invoice for an order that came in as a finished document of a shop', async () => {
    const order = await aCompletedOrder();
    await db.admin.query(
      `insert into oms.order_events (order_id, seq, type, actor_type, actor_id, data)
       values ($1, 1, 'completed', 'system', 'x', '{"isHistory": true}')`,
      [order.orderId],
    );
    await drain();

    expect(await listInvoices(db.oms, { ...ALL, orderId: order.orderId })).toEqual([]);
  });

  it('credits a refund once, over its amount, naming the invoice, and logs it', async () => {
    const order = await aCompletedOrder();
    await capture(order, 2598);
    await drain();
    const refundId = await aRefund(order, { amountMinor: 1299, units: 1 });
    await drain();
    await db.oms.query(`select oms.announce('refund', $1::uuid, 'refund.succeeded', $2::jsonb)`, [
      refundId,
      JSON.stringify({ orderId: order.orderId, refundId }),
    ]);
    await drain();
    const filter = { ...ALL, orderId: order.orderId };
    const [invoice] = await listInvoices(db.oms, filter);
    const notes = await listCreditNotes(db.oms, filter);
    const note = await findCreditNote(db.oms, notes[0]?.id ?? '');
    const { rows } = await db.admin.query(
      `select e.type, e.data ->> 'refundId' as "refundId", x.type as announced
       from oms.order_events e join oms.outbox x on x.aggregate_id = e.order_id and x.type = 'credit_note.issued'
       where e.order_id = $1 and e.type = 'credit_note_issued'`,
      [order.orderId],
    );

    expect(notes).toHaveLength(1);
    expect(note).toMatchObject({
      invoiceId: invoice?.id,
      invoiceNo: invoice?.invoiceNo,
      refundId,
      totalMinor: 1299,
      payableMinor: 0,
      lines: [{ sku: 'MUG-RED', quantity: 1, netMinor: 1299 }],
    });
    expect(note?.creditNoteNo).toMatch(/^CN-\d{4}-\d{6}$/);
    expect(rows).toEqual([
      { type: 'credit_note_issued', refundId, announced: 'credit_note.issued' },
    ]);
  });

  it('invoices what an amend gave back, so that its credit note can take it off', async () => {
    const order = await placeOrderRow(db);
    const { orderId } = order;
    await db.admin.query(`insert into oms.order_streams (order_id) values ($1::uuid)`, [orderId]);
    await capture(order, 3298);
    const { rows } = await db.admin.query<{ id: string }>(
      `insert into oms.commands (order_id, kind, actor_type, actor_id) values ($1, 'amend', 'api_key', 'x')
       returning id`,
      [orderId],
    );
    await aRefund(order, { amountMinor: 700, causeKey: `change:${rows[0]?.id ?? ''}` });
    await drain();
    for (const status of ['processing', 'completed'])
      await db.admin.query(`update oms.orders set status = $2 where id = $1`, [orderId, status]);
    await announceOf(order, 'order.completed');
    await drain();
    const [invoice] = await listInvoices(db.oms, { ...ALL, orderId });
    const [note] = await listCreditNotes(db.oms, { ...ALL, orderId });

    expect([invoice?.totalMinor, note?.totalMinor, note?.invoiceId]).toEqual([3298, 700, null]);
  });
});
