import type { Location, Product } from '../../src/contracts/catalogue';
import type { Incident } from '../../src/contracts/incidents';
import type { InventoryLevel } from '../../src/contracts/inventory';
import type { Policy } from '../../src/contracts/policies';
import { seedStores } from '../../src/db/seed';
import { ADMIN_KEY, createTestApi, type TestApi } from '../helpers/api';
import { createTestDatabase, type TestDatabase } from '../helpers/database';

let db: TestDatabase;
let api: TestApi;

beforeAll(async () => {
  db = await createTestDatabase();
  api = createTestApi(db);
});
afterAll(async () => {
  await db.close();
});

async function collect<T>(path: string): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const url: string = `${path}${path.includes('?') ? '&' : '?'}limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const res = await api.call('get', url).expect(200);
    items.push(...res.body.items);
    cursor = res.body.nextCursor;
  }
  return items;
}

async function levelOf(sku: string, location = 'BOS'): Promise<InventoryLevel> {
  const res = await api.call('get', `/v1/inventory?sku=${sku}&location=${location}`).expect(200);
  return res.body.items[0];
}

function adjust(body: object) {
  return api.call('post', '/v1/inventory/adjustments').send(body);
}

describe('the seed', () => {
  it('has at least 30 products with 10 units or more, and four plain ones with 50', async () => {
    const products = await collect<Product>('/v1/products?active=true');
    const levels = await collect<InventoryLevel>('/v1/inventory');
    const unitsOf = (sku: string) =>
      Math.max(...levels.filter((level) => level.sku === sku).map((level) => level.available));

    expect(new Set(products.map((product) => product.sku)).size).toBe(products.length);
    expect(products.filter(({ sku }) => unitsOf(sku) >= 10).length).toBeGreaterThanOrEqual(30);
    const plain = products.filter((p) => p.kitParts.length === 0 && p.backorder === 'deny');
    expect(plain.filter(({ sku }) => unitsOf(sku) >= 50).length).toBeGreaterThanOrEqual(4);
  });

  it('sells the red mug in five currencies', async () => {
    const res = await api.call('get', '/v1/products/MUG-RED').expect(200);

    expect(res.body.product.prices).toEqual([
      { currency: 'CNY', priceMinor: 9223 },
      { currency: 'EUR', priceMinor: 1195 },
      { currency: 'GBP', priceMinor: 1026 },
      { currency: 'JPY', priceMinor: 1949 },
      { currency: 'USD', priceMinor: 1299 },
    ]);
  });

  it('keeps the ledger equal to the levels', async () => {
    const { rows } = await db.admin.query(
      `select v.sku from oms.inventory_levels v
       left join (select sku, location, sum(delta_on_hand) as units from oms.stock_ledger group by 1, 2) l
         using (sku, location)
       where v.on_hand is distinct from l.units`,
    );

    expect(rows).toEqual([]);
  });
});

describe('the seed, run again', () => {
  it('changes nothing of what was changed since, and brings no stock twice', async () => {
    await api.call('put', '/v1/policies/deliverySla').send({ value: 'P5D' }).expect(200);
    await api.call('put', '/v1/products/CAP-CORD').send({ title: 'Cap' }).expect(200);
    const before = await db.admin.query(`select * from oms.inventory_levels order by 1, 2`);

    await seedStores({ oms: db.admin, crm: db.admin, adminKey: ADMIN_KEY });

    const policy = await api.call('get', '/v1/policies/deliverySla').expect(200);
    expect(policy.body.policy.value).toBe('P5D');
    const product = await api.call('get', '/v1/products/CAP-CORD').expect(200);
    expect(product.body.product).toMatchObject({ title: 'Cap', prices: [] });
    const after = await db.admin.query(`select * from oms.inventory_levels order by 1, 2`);
    expect(after.rows).toEqual(before.rows);
  });
});

describe('products', () => {
  const plain = { title: '茶 mug 🎁', prices: [{ currency: 'USD', priceMinor: 100 }] };

  it('are created, replaced as a whole, and listed newest first', async () => {
    await api.call('put', '/v1/products/NEW-1').send(plain).expect(200);
    const replaced = await api
      .call('put', '/v1/products/NEW-1')
      .send({ ...plain, prices: [{ currency: 'EUR', priceMinor: 90 }], weightGrams: 5 })
      .expect(200);
    const listed = await api.call('get', '/v1/products?limit=1').expect(200);

    expect(replaced.body.product).toMatchObject({
      title: '茶 mug 🎁',
      prices: [{ currency: 'EUR', priceMinor: 90 }],
      weightGrams: 5,
      backorder: 'deny',
      active: true,
      version: 2,
    });
    expect(listed.body.items[0].sku).toBe('NEW-1');
  });

  it('are stable under inserts while a list is walked', async () => {
    const first = await api.call('get', '/v1/products?limit=5').expect(200);
    await api.call('put', '/v1/products/NEW-2').send(plain).expect(200);
    const second = await api
      .call('get', `/v1/products?limit=5&cursor=${first.body.nextCursor}`)
      .expect(200);

    const skus = [...first.body.items, ...second.body.items].map((item: Product) => item.sku);
    expect(new Set(skus).size).toBe(10);
    expect(skus).not.toContain('NEW-2');
  });

  it.each([
    [{ prices: [] }, 'title'],
    [{ ...plain, colour: 'red' }, 'colour'],
    [{ ...plain, prices: [{ currency: 'XXX', priceMinor: 1 }] }, 'prices.0.currency'],
    [{ ...plain, prices: [{ currency: 'USD', priceMinor: -1 }] }, 'prices.0.priceMinor'],
    [{ ...plain, prices: [...plain.prices, ...plain.prices] }, 'prices'],
    [{ ...plain, kitParts: [{ sku: 'NO-SUCH', quantity: 1 }] }, 'kitParts.0.sku'],
    [{ ...plain, title: 'a\u0000b' }, 'title'],
  ])('refuse %j', async (body, path) => {
    const res = await api.call('put', '/v1/products/BAD').send(body);

    expect(res.status).toBe(422);
    expect(res.body.code).toBe('validation_failed');
    expect(res.body.errors[0].path).toBe(path);
  });

  it('take their backorder rule to the stock levels', async () => {
    await api.call('put', '/v1/products/NEW-3').send(plain).expect(200);
    await adjust({ sku: 'NEW-3', location: 'BOS', delta: 1, reason: 'receipt' }).expect(200);
    await api
      .call('put', '/v1/products/NEW-3')
      .send({ ...plain, backorder: 'allow' })
      .expect(200);

    const { rows } = await db.oms.query(
      `select backorder from oms.inventory_levels where sku = 'NEW-3'`,
    );
    expect(rows).toEqual([{ backorder: true }]);
    await db.admin.query(`update oms.inventory_levels set reserved = 5 where sku = 'NEW-3'`);
    const res = await api.call('put', '/v1/products/NEW-3').send(plain);
    expect(res.status).toBe(422);
    expect(res.body.code).toBe('insufficient_stock');
  });

  it('answer 404 when there is none, and 422 for a cursor of another list', async () => {
    const { body } = await api.call('get', '/v1/inventory?limit=1').expect(200);

    await api.call('get', '/v1/products/NO-SUCH').expect(404);
    for (const cursor of ['abc', body.nextCursor]) {
      const res = await api.call('get', `/v1/products?cursor=${cursor}`);
      expect(res.status).toBe(422);
      expect(res.body.errors[0].path).toBe('cursor');
    }
  });
});

describe('locations', () => {
  it('are created, replaced and listed', async () => {
    const body = {
      priority: 5,
      timeZone: 'Europe/Berlin',
      cutOff: '16:30',
      capacityPerDay: 10,
      address: { line1: 'Hafenstr. 1', city: 'Hamburg', country: 'DE' },
    };

    const put = await api.call('put', '/v1/locations/HAM').send(body).expect(200);
    const list = await api.call('get', '/v1/locations').expect(200);

    expect(put.body.location).toMatchObject({ code: 'HAM', name: 'HAM', ...body, active: true });
    expect(list.body.items.map((item: Location) => item.code)).toEqual([
      'HAM',
      'SHA',
      'LON',
      'BOS',
    ]);
  });

  it('refuse a time zone that is none', async () => {
    const res = await api.call('put', '/v1/locations/BAD').send({ timeZone: 'Mars/Base' });

    expect(res.status).toBe(422);
    expect(res.body.errors[0].path).toBe('timeZone');
  });
});

describe('inventory adjustments', () => {
  it('change the level, write the ledger and wake what waits', async () => {
    const before = await levelOf('MUG-BLUE');

    const res = await adjust({ sku: 'MUG-BLUE', location: 'BOS', delta: 3, reason: 'receipt' });

    expect(res.status).toBe(200);
    expect(res.body.inventory.onHand).toBe(before.onHand + 3);
    expect(await levelOf('MUG-BLUE')).toEqual(res.body.inventory);
    const ledger = await api.call('get', '/v1/inventory/ledger?sku=MUG-BLUE&limit=1').expect(200);
    expect(ledger.body.items[0]).toMatchObject({
      sku: 'MUG-BLUE',
      location: 'BOS',
      deltaOnHand: 3,
      deltaReserved: 0,
      reason: 'receipt',
      docType: 'adjustment',
      actor: { type: 'api_key' },
    });
    const wakes = await db.oms.query(`select from oms.stock_wakes where sku = 'MUG-BLUE'`);
    expect(wakes.rowCount).toBe(1);
  });

  it('happen once for a reference, however often and at once', async () => {
    const before = await levelOf('MUG-WHITE');
    const body = { sku: 'MUG-WHITE', location: 'BOS', delta: 7, reason: 'found', reference: 'R1' };

    const all = await Promise.all(Array.from({ length: 8 }, () => adjust(body)));
    const other = await adjust({ ...body, delta: 8 });

    expect(all.map((res) => res.status)).toEqual(Array(8).fill(200));
    expect(new Set(all.map((res) => res.body.adjustment.id)).size).toBe(1);
    expect((await levelOf('MUG-WHITE')).onHand).toBe(before.onHand + 7);
    expect(other.status).toBe(409);
    expect(other.body.code).toBe('external_id_reused');
  });

  it('never make a level negative or less than what is reserved', async () => {
    await db.admin.query(
      `update oms.inventory_levels set reserved = 5 where sku = 'SOAP-OLIVE' and location = 'BOS'`,
    );
    const { onHand } = await levelOf('SOAP-OLIVE');
    const take = (delta: number) =>
      adjust({ sku: 'SOAP-OLIVE', location: 'BOS', delta, reason: 'loss' });

    const tooMany = await take(-onHand - 1);
    const reserved = await take(-onHand + 4);
    const all = await take(-onHand + 5);

    for (const res of [tooMany, reserved]) {
      expect(res.status).toBe(422);
      expect(res.body.code).toBe('insufficient_stock');
      expect(res.body.errors[0].path).toBe('delta');
    }
    expect(all.status).toBe(200);
    expect(all.body.inventory.available).toBe(0);
  });

  it('never take more than there is when many take at once', async () => {
    const sku = 'TEAPOT-IRON';
    const { onHand } = await levelOf(sku);

    const all = await Promise.all(
      Array.from({ length: onHand + 8 }, () =>
        adjust({ sku, location: 'BOS', delta: -1, reason: 'damage' }),
      ),
    );

    expect(all.filter((res) => res.status === 200)).toHaveLength(onHand);
    expect(all.filter((res) => res.status === 422)).toHaveLength(8);
    expect((await levelOf(sku)).onHand).toBe(0);
  });

  it.each([
    [{ sku: 'NO-SUCH' }, 'sku'],
    [{ location: 'NO-SUCH' }, 'location'],
    [{ delta: 0 }, 'delta'],
    [{ delta: 1.5 }, 'delta'],
    [{ delta: 1e20 }, 'delta'],
    [{ reason: 'because' }, 'reason'],
  ])('refuse %j', async (wrong, path) => {
    const body = { sku: 'MUG-RED', location: 'BOS', delta: 1, reason: 'receipt', ...wrong };

    const res = await adjust(body);

    expect(res.status).toBe(422);
    expect(res.body.errors[0].path).toBe(path);
  });
});

describe('policies', () => {
  it('begin with their defaults, and take new values of their kind', async () => {
    const list = await collect<Policy>('/v1/policies');
    const put = await api
      .call('put', '/v1/policies/paymentDeadline')
      .send({ value: 'PT2S' })
      .expect(200);

    expect(list).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ key: 'paymentDeadline', value: 'PT30M', updatedBy: 'seed' }),
        expect.objectContaining({ key: 'reviewVelocity', value: { orders: 20, per: 'PT1H' } }),
        expect.objectContaining({
          key: 'trustedChannels',
          value: ['web', 'shopify', 'pos', 'phone'],
        }),
      ]),
    );
    expect(put.body.policy).toMatchObject({ key: 'paymentDeadline', value: 'PT2S' });
    const got = await api.call('get', '/v1/policies/paymentDeadline').expect(200);
    expect(got.body).toEqual(put.body);
  });

  it('are switched off by null', async () => {
    const res = await api.call('put', '/v1/policies/reviewQuantityAbove').send({ value: null });

    expect(res.status).toBe(200);
    expect(res.body.policy.value).toBeNull();
  });

  it.each([
    ['paymentDeadline', '30 minutes'],
    ['paymentDeadline', 'P1M'],
    ['paymentDeadline', 'PT'],
    ['paymentDeadline', 30],
    ['reviewAmountAboveMinor', { USD: -1 }],
    ['reviewAmountAboveMinor', { DOLLAR: 1 }],
    ['reviewVelocity', { orders: 1 }],
    ['reviewQuantityAbove', 1.5],
  ])('refuse %s = %j', async (key, value) => {
    const res = await api.call('put', `/v1/policies/${key}`).send({ value });

    expect(res.status).toBe(422);
    expect(res.body.errors[0].path).toMatch(/^value/);
  });

  it('answer 404 for a key that is none, also for names every object has', async () => {
    for (const key of ['nothing', 'constructor', 'toString'])
      await api.call('put', `/v1/policies/${key}`).send({ value: 1 }).expect(404);
  });
});

describe('incidents', () => {
  it('are listed newest first and filtered', async () => {
    await db.admin.query(
      `insert into oms.incidents (kind, doc_type, doc_id, detail) values
         ('void_failed', 'payment', 'p1', 'd'), ('void_failed', 'payment', 'p2', 'd')`,
    );

    const res = await api.call('get', '/v1/incidents?status=open&kind=void_failed').expect(200);

    expect(res.body.items.map((item: Incident) => item.docId)).toEqual(['p2', 'p1']);
    const none = await api.call('get', '/v1/incidents?status=resolved').expect(200);
    expect(none.body).toEqual({ items: [], nextCursor: null });
  });
});
