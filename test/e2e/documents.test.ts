import { audit } from '../helpers/audit';
import { checkEn16931 } from '../helpers/en16931';
import { textOfPdf } from '../helpers/pdf-text';
import {
  deliverAll,
  expectStatus,
  post,
  readOrder,
  ship,
  shipAll,
  untilStage,
} from '../helpers/orders';
import { askRefund, readRefund, untilRefund } from '../helpers/refunds';
import { ADMIN_KEY, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import { formatMoney, minorToDecimal } from '../../src/domain/money';

const SHANGHAI = { line1: '南京西路 100 号', city: '上海', postalCode: '200041', country: 'CN' };

/** Every currency and tax area, means of payment and kind of discount; one to three lines. */
function mixedOrders(count: number): Record<string, unknown>[] {
  const places = [
    ['USD', { line1: '1 Main St', city: 'Boston', region: 'MA', country: 'US' }],
    ['USD', { line1: '1 Pike St', city: 'Seattle', region: 'WA', country: 'US' }],
    ['EUR', { line1: 'Hauptstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' }],
    ['GBP', { line1: '1 High St', city: 'London', postalCode: 'N1 9GU', country: 'GB' }],
    ['CNY', SHANGHAI],
  ] as const;
  const payments = [
    { method: 'card', token: 'tok_ok' },
    { method: 'prepaid', reference: 'bank' },
    { method: 'cod' },
    { method: 'invoice', terms: 'net 30' },
  ];
  const discounts = [
    [],
    [{ code: 'TEN', type: 'percent', valuePercent: 12.5 }],
    [{ code: 'FIXED', type: 'fixed', valueMinor: 333 }],
  ];
  const skus = ['MUG-RED', 'SOAP-OLIVE', 'PEN-BRASS'];
  return Array.from({ length: count }, (_, n) => {
    const [currency, address] = places[n % places.length] ?? places[0];
    const own = skus.slice(0, 1 + (n % 3)).map((sku, k) => ({ sku, quantity: 1 + ((n + k) % 2) }));
    return {
      currency,
      shippingAddress: { name: 'Ada Park', ...address },
      lines: own,
      payment: payments[n % payments.length],
      discounts: discounts[n % discounts.length],
      shippingMethod: n % 2 === 0 ? 'standard' : 'express',
    };
  });
}

/** Four at a time. */
async function inTurns<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await each(one);
    }),
  );
}

describe('invoices', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  async function complete(overrides: Record<string, unknown> = {}) {
    const { id } = await post(system, overrides);
    await shipAll(system, id);
    await untilStage(system, id, 'carrier');
    await deliverAll(system, id);
    return untilStage(system, id, 'completed');
  }

  /** Waits until the order shows so many documents. */
  async function untilInvoiced(orderId: string, count = 1) {
    return waitFor('the invoice', async () => {
      const order = await readOrder(system, orderId);
      return order.invoices.length === count ? order : null;
    });
  }

  async function stockUp(sku: string, onHand: Record<string, number>): Promise<void> {
    const prices = [{ currency: 'USD', priceMinor: 1033 }];
    const product = { title: sku, prices, weightGrams: 100, taxCategory: 'standard' };
    const rest = { backorder: 'deny', kitParts: [], category: 'test', costs: [], active: true };
    await system.api('PUT', `/v1/products/${sku}`, { ...product, ...rest });
    for (const [location, delta] of Object.entries(onHand)) {
      const receipt = { sku, location, delta, reason: 'receipt', reference: null };
      expectStatus(await system.api('POST', '/v1/inventory/adjustments', receipt), 200);
    }
  }

  async function readInvoice(id: string) {
    return expectStatus(await system.api('GET', `/v1/invoices/${id}`), 200).invoice;
  }

  async function readForm(id: string, accept: string) {
    const answer = await system.api('GET', `/v1/invoices/${id}`, undefined, {
      headers: { accept },
    });
    expectStatus(answer, 200);
    return answer;
  }

  it('are issued when an order completes, once, over its total, and say so', async () => {
    const { id, orderNo, totalMinor, taxMinor } = await complete({
      discounts: [{ code: 'WELCOME', type: 'fixed', valueMinor: 500 }],
    });
    const order = await untilInvoiced(id);
    const [{ id: invoiceId, number }] = order.invoices;
    const invoice = await readInvoice(invoiceId);
    const { items } = expectStatus(await system.api('GET', `/v1/invoices?orderId=${id}`), 200);
    const events = expectStatus(await system.api('GET', `/v1/orders/${id}/events`), 200).items;

    expect(order.invoices).toEqual([
      { id: invoiceId, kind: 'invoice', status: 'paid', number, totalMinor },
    ]);
    expect(invoice).toMatchObject({ orderId: id, orderNo, totalMinor, taxMinor, payableMinor: 0 });
    expect(invoice.invoiceNo).toMatch(/^INV-\d{4}-\d{6}$/);
    expect(invoice.buyer).toMatchObject({ name: 'Ada Park', address: { city: 'Boston' } });
    expect(items).toMatchObject([{ id: invoiceId, invoiceNo: number, totalMinor }]);
    expect(items[0]).not.toHaveProperty('lines');
    expect(events.at(-1)).toMatchObject({
      type: 'invoice_issued',
      data: { invoiceId, invoiceNo: number, amountMinor: totalMinor },
    });
  });

  it('count up without gaps while orders complete at once', async () => {
    const orders = await Promise.all(Array.from({ length: 4 }, () => complete()));
    await Promise.all(orders.map(({ id }) => untilInvoiced(id)));
    const { items } = expectStatus(await system.api('GET', '/v1/invoices?limit=100'), 200);
    const numbers = items.map(({ sequence }: { sequence: number }) => sequence);

    expect(numbers.sort((a: number, b: number) => a - b)).toEqual(
      numbers.map((_: number, n: number) => n + 1),
    );
  });

  it('of an order on account are due in its days, and not paid', async () => {
    const { id } = await complete({ payment: { method: 'invoice', terms: 'net 14' } });
    const [{ id: invoiceId }] = (await untilInvoiced(id)).invoices;
    const { status, issueDate, dueDate, payableMinor, totalMinor } = await readInvoice(invoiceId);

    expect({ status, payableMinor }).toEqual({ status: 'issued', payableMinor: totalMinor });
    expect(Date.parse(dueDate) - Date.parse(issueDate)).toBe(14 * 86_400_000);
  });

  it('are one per hand-over where the policy says so, together the total', async () => {
    expectStatus(await system.api('PUT', '/v1/policies/invoiceOn', { value: 'hand_over' }), 200);
    await stockUp('SPLIT-1', { BOS: 2, LON: 2 });
    const { id } = await post(system, { lines: [{ sku: 'SPLIT-1', quantity: 4 }] });
    const { fulfillmentOrders, totalMinor } = await untilStage(system, id, 'warehouse');
    for (const fulfillment of fulfillmentOrders) await ship(system, fulfillment.id);
    const { invoices } = await untilInvoiced(id, fulfillmentOrders.length);
    await deliverAll(system, id);
    await untilStage(system, id, 'completed');
    const { items } = expectStatus(await system.api('GET', `/v1/invoices?orderId=${id}`), 200);
    await system.api('PUT', '/v1/policies/invoiceOn', { value: 'completion' });
    const sum = (all: { totalMinor: number }[]) => all.reduce((s, i) => s + i.totalMinor, 0);

    expect(fulfillmentOrders).toHaveLength(2);
    expect(sum(invoices)).toBe(totalMinor);
    expect(sum(items)).toBe(totalMinor);
  });

  it('of 30 mixed orders are worth what the orders are, and their UBL obeys EN 16931', async () => {
    const seen = new Set<string>();
    await inTurns(mixedOrders(30), async (overrides) => {
      const { id, totalMinor, taxMinor, orderNo, currency } = await complete(overrides);
      const [{ id: invoiceId }] = (await untilInvoiced(id)).invoices;
      const invoice = await readInvoice(invoiceId);
      const { headers, body } = await readForm(invoiceId, 'application/xml');
      const paid = expectStatus(await system.api('GET', `/v1/orders/${id}`), 200).order.amounts;

      expect(invoice).toMatchObject({ totalMinor, taxMinor, prepaidMinor: paid.capturedMinor });
      expect(headers.get('content-type')).toBe('application/xml');
      expect(checkEn16931(body)).toEqual([]);
      expect(body).toContain(`<cbc:BuyerReference>${String(orderNo)}<`);
      expect(body).toContain(`>${minorToDecimal(totalMinor, currency)}</cbc:TaxInclusiveAmount>`);
      seen.add(`${currency} ${String(invoice.taxIncluded)}`);
    });

    expect([...seen].sort()).toEqual(['CNY true', 'EUR true', 'GBP true', 'USD false']);
  });

  it('print: a Chinese order in Chinese', async () => {
    const { id, orderNo, totalMinor } = await complete({
      currency: 'CNY',
      customer: { email: 'wang@example.com', name: '王秀英', locale: 'zh' },
      lines: [{ sku: 'MUG-RED', quantity: 2 }],
      shippingAddress: { ...SHANGHAI, name: '王秀英' },
    });
    const { number } = (await untilInvoiced(id)).invoices[0];
    const [{ id: invoiceId }] = (await untilInvoiced(id)).invoices;
    const response = await fetch(`${system.apiUrl}/v1/invoices/${String(invoiceId)}`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}`, accept: 'application/pdf' },
    });
    const text = textOfPdf(Buffer.from(await response.arrayBuffer()));

    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('content-disposition')).toContain(`${String(number)}.pdf`);
    for (const part of [number, orderNo, formatMoney(totalMinor, 'CNY'), '王秀英', '南京西路'])
      expect(text).toContain(part);
  });

  it('are taken back by credit notes: refund by refund, to the last cent, in UBL that obeys EN 16931', async () => {
    const order = await complete({
      currency: 'EUR',
      lines: [{ sku: 'MUG-RED', quantity: 3 }],
      discounts: [{ code: 'FIXED', type: 'fixed', valueMinor: 100 }],
      shippingAddress: { name: 'Ada Park', line1: 'Hauptstr. 1', city: 'Berlin', country: 'DE' },
    });
    const [{ id: invoiceId }] = (await untilInvoiced(order.id)).invoices;
    const invoice = await readInvoice(invoiceId);
    const [{ id: lineId }] = order.lines;
    for (const [n, body] of [
      { lines: [{ lineId, quantity: 1 }] },
      { lines: [{ lineId, quantity: 2 }], shippingMinor: order.shippingMinor },
    ].entries()) {
      const asked = await askRefund(system, order.id, body);
      const { amountMinor } = await untilRefund(system, asked.id, 'succeeded');
      await untilInvoiced(order.id, n + 2);
      const { creditNoteId } = await readRefund(system, asked.id);
      const { creditNote } = expectStatus(
        await system.api('GET', `/v1/credit-notes/${creditNoteId}`),
        200,
      );
      const xml = await system.api('GET', `/v1/credit-notes/${creditNoteId}`, undefined, {
        headers: { accept: 'application/xml' },
      });

      expect(creditNote).toMatchObject({ invoiceId, refundId: asked.id, totalMinor: amountMinor });
      expect(creditNote.creditNoteNo).toBe(`${creditNote.series}-00000${String(n + 1)}`);
      expect(checkEn16931(xml.body)).toEqual([]);
    }
    const path = `/v1/credit-notes?orderId=${order.id}`;
    const { items } = expectStatus(await system.api('GET', path), 200);
    const sum = (key: string) =>
      items.reduce((total: number, note: Record<string, number>) => total + (note[key] ?? 0), 0);

    expect([sum('totalMinor'), sum('taxMinor')]).toEqual([invoice.totalMinor, invoice.taxMinor]);
  });

  it('are refused in any other form', async () => {
    const { items } = expectStatus(await system.api('GET', '/v1/invoices?limit=1'), 200);

    for (const [accept, status] of [
      ['text/html', 406],
      ['text/html, */*;q=0.1', 200],
    ] as const) {
      const options = { headers: { accept } };
      const answer = await system.api('GET', `/v1/invoices/${items[0].id}`, undefined, options);
      expect(answer.status).toBe(status);
      if (status === 406) expect(answer.body.code).toBe('not_acceptable');
    }
  });

  it('keep the books: the audit finds nothing', async () => {
    const { broken, lines } = await audit(system);

    expect({ broken, lines: lines.filter((line) => line.startsWith('FAIL')) }).toEqual({
      broken: [],
      lines: [],
    });
  });

  it('answers 404 for what is not there', async () => {
    const id = '01900000-0000-7000-8000-000000000000';
    for (const path of [`/v1/invoices/${id}`, `/v1/credit-notes/${id}`, '/v1/invoices/x'])
      expect((await system.api('GET', path)).status).toBe(404);
    expectStatus(await system.api('GET', '/v1/credit-notes?series=CN-2026'), 200);
    expect((await system.api('GET', '/v1/invoices?unknown=1')).status).toBe(422);
  });
});
