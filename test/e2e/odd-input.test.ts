import { anOrder, expectStatus, post, readOrder, untilStage } from '../helpers/orders';
import { type Answer, startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

type Body = Record<string, unknown>;

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.stop();
});

let counter = 0;
function anEmail(): string {
  counter += 1;
  return `odd-${String(Date.now())}-${String(counter)}@example.com`;
}

async function firstMailTo(
  email: string,
): Promise<{ subject: string; text: string; html: string }> {
  return waitFor('a mail', async () => {
    const { body } = await system.sandbox('GET', `/mail?to=${encodeURIComponent(email)}`);
    return body.items[0];
  });
}

async function countOrders(externalId: unknown): Promise<unknown> {
  const { rows } = await system.db.admin.query(
    `select (select count(*)::int from oms.intakes where external_id = $1) as intakes,
       (select count(*)::int from oms.orders where external_id = $1) as orders`,
    [externalId],
  );
  return rows[0];
}

describe('text of any script', () => {
  const address = {
    name: '王芳 👩‍👩‍👧',
    company: '北京茶叶有限公司 🍵',
    line1: '朝阳区建国路 88 号 “SOHO 现代城”',
    line2: 'ß ñ é — Ω',
    city: '北京',
    region: null,
    postalCode: '100022',
    country: 'CN',
    phone: null,
  };

  it('comes back as it was sent, and a Chinese customer is written to in Chinese', async () => {
    const email = anEmail();
    const customer = { email, phone: null, name: '王芳 👩‍👩‍👧 𠮷', locale: 'zh-CN' };
    const { id } = await post(system, {
      customer,
      shippingAddress: address,
      billingAddress: { ...address, city: '上海' },
      note: '请小心轻放 🥚\n谢谢',
    });

    const order = await readOrder(system, id);
    expect(order).toMatchObject({
      customer,
      shippingAddress: address,
      note: '请小心轻放 🥚\n谢谢',
    });
    expect(order.billingAddress.city).toBe('上海');
    const mail = await firstMailTo(email);
    expect(mail.subject).toMatch(/订单/);
    expect(mail.text).toContain('王芳 👩‍👩‍👧 𠮷');
    expect(mail.html).toContain(order.orderNo);
  });

  it('that looks like code is text', async () => {
    const email = anEmail();
    const name = '<script>alert(1)</script>\'; drop table "oms".orders; -- {{ order.id }}';
    const { id } = await post(system, { customer: { email, name, locale: 'en' } });

    expect((await readOrder(system, id)).customer.name).toBe(name);
    const mail = await firstMailTo(email);
    expect(mail.html).not.toContain('<script>');
    expect(mail.text).toContain('{{ order.id }}');
  });
});

describe('the language of an order', () => {
  async function localeOf(email: string, locale: string | null): Promise<string> {
    const customer = { email, name: '李雷', ...(locale === null ? {} : { locale }) };
    return (await post(system, { customer })).customer.locale;
  }

  it('is the one it names, else the customer’s own, else English', async () => {
    const [chinese, nobody] = [anEmail(), anEmail()];

    expect(await localeOf(chinese, 'zh')).toBe('zh');
    expect(await localeOf(chinese, null)).toBe('zh');
    expect(await localeOf(chinese, 'en')).toBe('en');
    expect(await localeOf(nobody, null)).toBe('en');
    const subjects = await waitFor('three mails', async () => {
      const { body } = await system.sandbox('GET', `/mail?to=${encodeURIComponent(chinese)}`);
      return body.items.length === 3 && body.items.map((mail: Body) => String(mail['subject']));
    });
    expect(subjects.filter((subject: string) => subject.includes('订单'))).toHaveLength(2);
  });
});

describe('money that is odd', () => {
  it('of currencies with no and with three decimals is exact', async () => {
    await system.api('PUT', '/v1/products/DATES', {
      title: 'Dates',
      prices: [{ currency: 'KWD', priceMinor: 1255 }],
    });
    await system.db.admin.query(
      `insert into oms.shipping_methods (code, currency, price_minor, title, carrier, service)
       select code, 'KWD', 1500, title, carrier, service from oms.shipping_methods where currency = 'USD'`,
    );
    const japan = {
      name: 'Aki',
      line1: '1-1',
      city: 'Tokyo',
      country: 'JP',
      postalCode: '100-0001',
    };
    const percent = { code: 'TEN', type: 'percent', valuePercent: 10 };
    const quote = (body: Body): Promise<Answer> => {
      const { payment, ...rest } = anOrder(body);
      return system.api('POST', '/v1/quotes', rest);
    };

    const yen = await quote({ currency: 'JPY', shippingAddress: japan, discounts: [percent] });
    const dinar = await quote({
      currency: 'KWD',
      lines: [{ sku: 'DATES', quantity: 3 }],
      discounts: [percent],
    });

    // 2 × ¥1949 less 10 %, with ¥600 shipping; prices include 10 % tax.
    expect(expectStatus(yen, 200).quote).toMatchObject({
      ...{ subtotalMinor: 3898, discountMinor: 390, shippingMinor: 600, totalMinor: 4108 },
      ...{ taxIncluded: true, taxMinor: 319 + 55 },
    });
    // 3 × 1.255 less 0.377, 6.25 % tax on 3.388 apart, 1.500 shipping.
    expect(expectStatus(dinar, 200).quote).toMatchObject({
      ...{ subtotalMinor: 3765, discountMinor: 377, shippingMinor: 1500 },
      ...{ taxIncluded: false, taxMinor: 212, totalMinor: 3388 + 212 + 1500 },
    });
    const email = anEmail();
    const order = await post(system, {
      ...{ currency: 'JPY', shippingAddress: japan, discounts: [percent] },
      customer: { email, name: 'Aki', locale: 'en' },
    });
    expect(order).toMatchObject({ currency: 'JPY', totalMinor: 4108 });
    expect((await firstMailTo(email)).text).toMatch(/JPY 4108\b/);
  });

  it('of a discount that is larger than the goods leaves nothing of them', async () => {
    const discounts = [{ code: 'ALL', type: 'fixed', valueMinor: 1_000_000 }];
    const order = await post(system, { discounts });
    expect(order).toMatchObject({ subtotalMinor: 2598, discountMinor: 2598, totalMinor: 599 });
    await untilStage(system, order.id, 'warehouse');

    const nothing = { lines: [{ sku: 'MUG-RED', quantity: 1, unitPriceMinor: 0 }] };
    expect(await post(system, nothing)).toMatchObject({ subtotalMinor: 0, totalMinor: 599 });
  });

  it('of 500 lines, the most there may be, adds up', async () => {
    const lines = Array.from({ length: 500 }, () => ({ sku: 'TEE-BLACK-M', quantity: 1 }));
    const order = await post(system, { lines });
    expect(order.lines).toHaveLength(500);
    expect(order.subtotalMinor).toBe(500 * 2499);
  });
});

describe('an order that comes again', () => {
  it('is the same with the same body, and refused with another', async () => {
    const body = anOrder();
    const first = await system.api('POST', '/v1/orders', body);
    const again = await system.api('POST', '/v1/orders', body);
    const other = await system.api('POST', '/v1/orders', { ...body, note: 'other' });

    expect([first.status, again.status, other.status]).toEqual([201, 200, 409]);
    expect(again.body.order.id).toBe(first.body.order.id);
    expect(other.body.code).toBe('external_id_reused');
    expect(await countOrders(body['externalId'])).toEqual({ intakes: 1, orders: 1 });
  });

  it('at the same time is one order', async () => {
    const body = anOrder();
    const both = await Promise.all([1, 2].map(() => system.api('POST', '/v1/orders', body)));

    expect(both.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(both[0]?.body.order.id).toBe(both[1]?.body.order.id);
    expect(await countOrders(body['externalId'])).toEqual({ intakes: 1, orders: 1 });
  });

  it('at the same time under one key is one order, or hears that it runs', async () => {
    const body = anOrder();
    const idempotencyKey = `key-${String(body['externalId'])}`;
    const call = (): Promise<Answer> => system.api('POST', '/v1/orders', body, { idempotencyKey });
    const both = await Promise.all([call(), call()]);

    const first = both.find(
      ({ headers, status }) => status === 201 && !headers.has('idempotency-replayed'),
    );
    const second = both.find((answer) => answer !== first);
    expect(first).toBeDefined();
    if (second?.status === 409) {
      expect(second.body.code).toBe('idempotency_in_progress');
      expect(second.headers.get('retry-after')).toBe('1');
    } else expect(second?.headers.get('idempotency-replayed')).toBe('true');
    const third = await call();
    expect(third.headers.get('idempotency-replayed')).toBe('true');
    expect(third.body).toEqual(first?.body);
    expect(await countOrders(body['externalId'])).toEqual({ intakes: 1, orders: 1 });
  });

  it('with its key but another body is refused and keeps nothing', async () => {
    const idempotencyKey = `key-${anEmail()}`;
    expectStatus(await system.api('POST', '/v1/orders', anOrder(), { idempotencyKey }), 201);
    const other = anOrder();
    const answer = await system.api('POST', '/v1/orders', other, { idempotencyKey });

    expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_key_reused']);
    expect(await countOrders(other['externalId'])).toEqual({ intakes: 0, orders: 0 });
  });

  it('is still refused with the same key after it was refused', async () => {
    const idempotencyKey = `key-${anEmail()}`;
    const bad = anOrder({ lines: [{ sku: 'NO-SUCH', quantity: 1 }] });
    const first = await system.api('POST', '/v1/orders', bad, { idempotencyKey });
    const again = await system.api('POST', '/v1/orders', bad, { idempotencyKey });

    expect([first.status, again.status]).toEqual([422, 422]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });
});
