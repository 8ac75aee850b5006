import { randomUUID } from 'node:crypto';

import { type ResolveCustomer, resolveCustomer } from '../../src/db/crm/customers';
import { createTestDatabase, type TestDatabase } from '../helpers/database';

let db: TestDatabase;
let statements: string[] = [];

beforeAll(async () => {
  db = await createTestDatabase({ poolMax: 60, onStatement: (text) => statements.push(text) });
});
beforeEach(() => {
  statements = [];
});
afterAll(async () => {
  await db.close();
});

function anOrder(overrides: Partial<ResolveCustomer> = {}): ResolveCustomer {
  return {
    orderId: randomUUID(),
    channel: 'web',
    trusted: true,
    email: `${randomUUID()}@example.com`,
    phone: null,
    name: 'Ada Park',
    locale: 'en',
    externalIds: [],
    addresses: [],
    ...overrides,
  };
}

async function countCustomers(email: string): Promise<number> {
  const { rows } = await db.crm.query<{ n: number }>(
    `select count(*)::integer as n from crm.customer_pii where email = $1`,
    [email],
  );
  return rows[0]?.n ?? 0;
}

describe('resolveCustomer', () => {
  it('makes exactly one customer of sixty first orders of one e-mail at the same time', async () => {
    const email = 'rush@example.com';
    const orders = Array.from({ length: 60 }, () => anOrder({ email, phone: '+14155552671' }));

    const resolved = await Promise.all(orders.map((order) => resolveCustomer(db.crm, order)));

    expect(new Set(resolved.map((one) => one.customerId)).size).toBe(1);
    expect(await countCustomers(email)).toBe(1);
  });

  it('makes exactly one customer of sixty unverified first orders of one e-mail', async () => {
    const email = 'rush-unverified@example.com';
    const orders = Array.from({ length: 60 }, () => anOrder({ email, trusted: false }));

    const resolved = await Promise.all(orders.map((order) => resolveCustomer(db.crm, order)));

    expect(new Set(resolved.map((one) => one.customerId)).size).toBe(1);
    expect(await countCustomers(email)).toBe(1);
  });

  it('answers the same for the same order, however often and at once', async () => {
    const order = anOrder({ email: null });

    const resolved = await Promise.all(
      Array.from({ length: 20 }, () => resolveCustomer(db.crm, order)),
    );

    expect(new Set(resolved.map((one) => one.customerId)).size).toBe(1);
  });

  it('does not deadlock when orders share several identities in different order', async () => {
    const ids = ['1', '2', '3'].map((value) => ({ channel: 'shopify', value: `dl-${value}` }));
    const orders = Array.from({ length: 40 }, (_, n) =>
      anOrder({
        email: `dl-${String(n % 3)}@example.com`,
        externalIds: n % 2 === 0 ? ids : [...ids].reverse(),
      }),
    );

    const resolved = await Promise.all(orders.map((order) => resolveCustomer(db.crm, order)));

    expect(new Set(resolved.map((one) => one.customerId)).size).toBeLessThanOrEqual(3);
  });

  it('asks the store once for an order', async () => {
    const order = anOrder({
      phone: '+14155552671',
      externalIds: [{ channel: 'shopify', value: '1' }],
    });

    await resolveCustomer(db.crm, order);

    expect(statements).toHaveLength(1);
  });

  it('finds the person by the same verified e-mail, whatever the channel and spelling', async () => {
    const first = await resolveCustomer(db.crm, anOrder({ email: 'ada@example.com' }));

    const second = await resolveCustomer(
      db.crm,
      anOrder({ email: '  ADA@Example.com ', channel: 'pos', name: null }),
    );

    expect(second.customerId).toBe(first.customerId);
  });

  it('keeps an unverified e-mail apart from the person who has it verified', async () => {
    const email = 'owner@example.com';
    const owner = await resolveCustomer(db.crm, anOrder({ email }));

    const stranger = await resolveCustomer(db.crm, anOrder({ email, trusted: false }));
    const again = await resolveCustomer(db.crm, anOrder({ email, trusted: false }));
    const ownerAgain = await resolveCustomer(db.crm, anOrder({ email }));

    expect(stranger.customerId).not.toBe(owner.customerId);
    expect(again.customerId).toBe(stranger.customerId);
    expect(ownerAgain.customerId).toBe(owner.customerId);
  });

  it('never decides by a phone alone', async () => {
    const phone = '+8613800138000';

    const one = await resolveCustomer(db.crm, anOrder({ email: null, phone }));
    const other = await resolveCustomer(db.crm, anOrder({ email: null, phone }));

    expect(other.customerId).not.toBe(one.customerId);
  });

  it('finds the person by the id of the shop when there is no verified e-mail', async () => {
    const externalIds = [{ channel: 'shopify', value: '7073' }];
    const first = await resolveCustomer(db.crm, anOrder({ externalIds }));

    const second = await resolveCustomer(db.crm, anOrder({ email: null, externalIds }));

    expect(second.customerId).toBe(first.customerId);
  });

  it('does not take a malformed e-mail as an identity', async () => {
    const one = await resolveCustomer(db.crm, anOrder({ email: 'nobody' }));
    const other = await resolveCustomer(db.crm, anOrder({ email: 'nobody' }));

    expect(other.customerId).not.toBe(one.customerId);
  });

  it('normalises phones by the country of the address and keeps invalid ones as claims', async () => {
    const order = anOrder({ phone: '138 0013 8001', addresses: [{ country: 'CN' }] });
    const { customerId } = await resolveCustomer(db.crm, order);
    await resolveCustomer(db.crm, anOrder({ email: order.email, phone: '12' }));

    const { rows } = await db.crm.query(
      `select value, valid from crm.identity_claims where customer_id = $1 and channel = 'phone' order by value`,
      [customerId],
    );

    expect(rows).toEqual([
      { value: '+8613800138001', valid: true },
      { value: '12', valid: false },
    ]);
  });

  it('fills what was empty and adds new addresses, and changes nothing else', async () => {
    const email = 'fill@example.com';
    const home = { line1: '1 Main St', country: 'US' };
    const elsewhere = { line1: '2 Side St' };
    const { customerId } = await resolveCustomer(
      db.crm,
      anOrder({ email, name: null, locale: null, addresses: [home] }),
    );
    await resolveCustomer(
      db.crm,
      anOrder({ email, name: '王芳', locale: 'zh', addresses: [home] }),
    );
    await resolveCustomer(
      db.crm,
      anOrder({
        email,
        name: 'Other',
        locale: 'en',
        addresses: [{ ...home, ...elsewhere }],
      }),
    );

    const { rows } = await db.crm.query<{
      name: string;
      n: number;
      locale: string;
      version: number;
    }>(
      `select p.name, jsonb_array_length(p.addresses) as n, c.locale, c.version
       from crm.customers c join crm.customer_pii p on p.customer_id = c.id where c.id = $1`,
      [customerId],
    );
    expect(rows).toEqual([{ name: '王芳', n: 2, locale: 'zh', version: 3 }]);
  });

  it('says when the customer is blocked, and follows a merge', async () => {
    const order = anOrder();
    const { customerId } = await resolveCustomer(db.crm, order);
    const { customerId: survivorId } = await resolveCustomer(db.crm, anOrder());
    await db.admin.query(`update crm.customers set blocked_at = now() where id = $1`, [survivorId]);
    await db.admin.query(
      `update crm.customers set status = 'merged', merged_into = $2 where id = $1`,
      [customerId, survivorId],
    );

    expect(await resolveCustomer(db.crm, order)).toEqual({
      customerId: survivorId,
      blocked: true,
      locale: 'en',
    });
  });
});

describe('runtime role', () => {
  it.each([
    'update crm.interactions set summary = summary',
    'update crm.consent_events set state = state',
    'update crm.totals_postings set currency = currency',
    'update crm.templates set topic = topic',
    'update crm.survey_responses set score = score',
    'delete from crm.messages',
    'delete from crm.customers',
    'update crm.migrations set name = name',
    'select * from oms.orders',
  ])('may not %s', async (statement) => {
    await expect(db.crm.query(statement)).rejects.toMatchObject({ code: '42501' });
  });
});
