import { deliverAll, expectStatus, post, shipAll, untilStage } from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

// Documents are read by the contract, without our types.
type Document = any;

describe('a customer', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem();
  });
  afterAll(async () => {
    await system.stop();
  });

  const customer = {
    email: 'Mina.Okafor@Example.com',
    phone: '+14155550177',
    name: 'Mina Okafor',
    locale: 'en',
  };

  async function get(route: string): Promise<Document> {
    return expectStatus(await system.api('GET', route), 200);
  }

  async function timelineOf(id: string): Promise<Document[]> {
    return (await get(`/v1/customers/${id}/timeline?limit=100`)).items;
  }

  it('has one profile, timeline, totals and messages of all its orders', async () => {
    const first = await post(system, { customer });
    const second = await post(system, {
      customer: { ...customer, email: customer.email.toLowerCase() },
    });
    const id = first.customerId as string;
    expect(second.customerId).toBe(id);
    expect((await get(`/v1/customers/${id}`)).customer.openOrders).toHaveLength(2);

    await shipAll(system, first.id);
    await deliverAll(system, first.id);
    const { totalMinor } = await untilStage(system, first.id, 'completed');
    expectStatus(
      await system.api('POST', `/v1/orders/${second.id as string}/cancel`, { reason: 'customer' }),
      200,
    );

    const entries = await waitFor('the whole timeline', async () => {
      const items = await timelineOf(id);
      return items.length === 11 && items;
    });
    expect(entries.map(({ kind }) => kind as string).sort()).toEqual([
      'message_sent',
      'message_sent',
      'message_sent',
      'message_sent',
      'message_sent',
      'order_canceled',
      'order_completed',
      'order_delivered',
      'order_placed',
      'order_placed',
      'order_shipped',
    ]);
    const times = entries.map(({ at }) => at as string);
    expect(times).toEqual([...times].sort().reverse());

    const { customer: shown } = await get(`/v1/customers/${id}`);
    expect(shown).toMatchObject({
      name: 'Mina Okafor',
      phone: '+14155550177',
      locale: 'en',
      openOrders: [],
    });
    expect(shown.totals).toMatchObject([
      {
        currency: 'USD',
        orderCount: 2,
        capturedMinor: totalMinor,
        refundedMinor: 0,
        netMinor: totalMinor,
      },
    ]);
    const { body: books } = await system.sandbox('GET', '/gateway/books');
    const captured = books.entries.filter(({ kind }: Document) => kind === 'capture');
    expect(captured.map(({ amountMinor }: Document) => amountMinor)).toEqual([totalMinor]);

    const messages = (await get(`/v1/messages?customerId=${id}&state=sent`)).items;
    expect(messages.map(({ template }: Document) => template as string).sort()).toEqual([
      'order_canceled',
      'order_confirmed',
      'order_confirmed',
      'order_delivered',
      'order_shipped',
    ]);
    expect(messages[0]).not.toHaveProperty('body');
    const { message } = await get(`/v1/messages/${messages[0].id as string}`);
    expect(message.body.subject).toMatch(/T\d{6}/);
    const kind = await get(`/v1/customers/${id}/timeline?kind=order_shipped`);
    expect(kind.items).toMatchObject([{ data: { orderId: first.id } }]);
  });

  it('is found by e-mail, telephone and name, and nobody else is', async () => {
    const other = { email: 'other@example.com', name: 'Somebody Else', locale: 'en' };
    await post(system, { customer: other });
    for (const query of [
      'email=mina.okafor@example.com',
      'q=MINA.OKAFOR@example.com',
      'q=Okafor',
      `phone=${encodeURIComponent('+1 (415) 555-0177')}`,
    ]) {
      const { items } = await get(`/v1/customers?${query}`);
      expect({ query, names: items.map(({ name }: Document) => name) }).toEqual({
        query,
        names: ['Mina Okafor'],
      });
    }
    const page = await get('/v1/customers?limit=1');
    expect(page.items).toMatchObject([{ name: 'Somebody Else' }]);
    const next = await get(`/v1/customers?limit=1&cursor=${page.nextCursor as string}`);
    expect(next).toMatchObject({ items: [{ name: 'Mina Okafor' }], nextCursor: null });
  });
});
