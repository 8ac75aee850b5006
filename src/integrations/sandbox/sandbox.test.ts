import { callSandbox, startTestSandbox, type TestSandbox } from '../../../test/helpers/sandbox';

let world: TestSandbox;

function at(path: string): string {
  return `${world.current().url}${path}`;
}

beforeEach(async () => {
  world = await startTestSandbox();
});

afterEach(async () => {
  await world.close();
});

describe('SMS', () => {
  it('arrive, with or without the plus sign escaped', async () => {
    const sms = { to: '+14155550100', text: 'Your parcel is on its way' };

    expect((await callSandbox('POST', at('/sms'), sms)).status).toBe(201);

    const item = { to: '+14155550100', text: 'Your parcel is on its way' };
    const escaped = await callSandbox('GET', at('/sms?to=%2B14155550100'));
    const plain = await callSandbox('GET', at('/sms?to=+14155550100'));
    const other = await callSandbox('GET', at('/sms?to=%2B1'));
    expect(escaped.body).toMatchObject({ items: [item] });
    expect(plain.body).toMatchObject({ items: [item] });
    expect(other.body).toEqual({ items: [] });
  });

  it('are kept when the answer is lost', async () => {
    await callSandbox('PUT', at('/faults/sms'), { mode: 'timeout_after_effect', ms: 1, times: 1 });

    await expect(callSandbox('POST', at('/sms'), { to: '123', text: 'x' })).rejects.toThrow();

    expect((await callSandbox('GET', at('/sms'))).body).toMatchObject({ items: [{ to: '123' }] });
  });
});

describe('faults', () => {
  it('survive a restart, with the number of calls that they still hit', async () => {
    await callSandbox('PUT', at('/faults/sms'), { mode: 'error', times: 2 });
    const sms = { to: '123', text: 'x' };
    const first = await callSandbox('POST', at('/sms'), sms);

    await world.restart();

    const second = await callSandbox('POST', at('/sms'), sms);
    const third = await callSandbox('POST', at('/sms'), sms);
    expect([first.status, second.status, third.status]).toEqual([500, 500, 201]);
    const books = await callSandbox('GET', at('/books'));
    expect(books.body).toMatchObject({
      faults: { current: {}, injected: [{ service: 'sms', mode: 'error' }, { mode: 'error' }] },
    });
  });

  it.each([
    ['/faults/moon', { mode: 'down' }],
    ['/faults/mail', { mode: 'sideways' }],
    ['/faults/mail', { mode: 'down', times: 0 }],
  ])('refuses %s %j', async (path, body) => {
    expect((await callSandbox('PUT', at(path), body)).status).toBe(422);
  });
});

describe('books', () => {
  it('show every part', async () => {
    expect((await callSandbox('GET', at('/books'))).body).toEqual({
      gateway: { entries: [] },
      carrier: { shipments: [] },
      mail: { items: [] },
      sms: { items: [] },
      storefront: { orders: [] },
      webhooks: { items: [] },
      faults: { current: {}, injected: [] },
    });
  });
});

describe('requests that cannot be served', () => {
  it.each([
    ['GET', '/nowhere', undefined, 404],
    ['POST', '/gateway/authorizations', {}, 422],
    ['POST', '/gateway/intents/none/complete', {}, 404],
    ['POST', '/gateway/disputes', { intentId: 'none' }, 404],
    ['POST', '/carrier/shipments/none/scans', { scans: [] }, 422],
    ['POST', '/carrier/shipments/none/deliver', {}, 404],
    ['POST', '/storefront/orders', { topic: 'orders/paid', orderId: 1 }, 404],
    ['POST', '/sms', { to: 'nobody', text: 'x' }, 422],
  ] as const)('%s %s answers with its problem', async (method, path, body, status) => {
    const answer = await callSandbox(method, at(path), body);

    expect(answer).toMatchObject({ status, body: { status } });
  });
});
