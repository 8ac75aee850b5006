import {
  callSandbox,
  SANDBOX_SECRETS,
  startTestSandbox,
  type TestSandbox,
} from '../../../test/helpers/sandbox';
import { waitFor } from '../../../test/helpers/wait-for';
import { toShopifyIntake } from '../../domain/shopify';
import { isShopifySignatureValid } from '../../platform/shopify-signature';
import { buildStorefrontDocument } from './storefront-document';
import { StorefrontOrder } from './storefront-request';

const IDENTITY = { id: 5_000_000_000_001, orderNumber: 1001, at: '2026-11-22T10:00:00.000Z' };

const LINES = [
  { sku: 'MUG-RED', quantity: 3, unitPriceMinor: 1299 },
  { sku: 'TEE-L', quantity: 1, unitPriceMinor: 2501 },
  { sku: null, title: 'Gift wrap', quantity: 1, unitPriceMinor: 0 },
];

function read(order: object) {
  const document = buildStorefrontDocument(StorefrontOrder.parse(order), IDENTITY);
  const mapped = toShopifyIntake(document);
  if (mapped.kind !== 'order') throw new Error(mapped.reason);
  return { document, body: mapped.body };
}

describe('buildStorefrontDocument', () => {
  it.each([
    ['tax on top', { lines: LINES, discountMinor: 777, taxRate: '0.0825' }, '66.25'],
    ['tax included', { lines: LINES, discountMinor: 777, taxesIncluded: true }, '61.21'],
    ['yen', { currency: 'JPY', lines: LINES, discountMinor: 100, taxRate: '0.1' }, '7478'],
    ['another currency shown', { lines: LINES, presentment: { currency: 'JPY', rate: 1.5 } }, null],
    ['no address', { lines: LINES, shippingAddress: null }, null],
  ])('adds up with %s', (_, order, total) => {
    const { document, body } = read(order);

    expect(body.inconsistencies).toEqual([]);
    expect(document).toMatchObject(total === null ? {} : { total_price: total });
  });
});

describe('POST /storefront/orders', () => {
  let world: TestSandbox;

  beforeEach(async () => {
    world = await startTestSandbox();
  });

  afterEach(async () => {
    await world.close();
  });

  async function send(body: object): Promise<unknown> {
    const url = `${world.current().url}/storefront/orders`;
    return (await callSandbox('POST', url, body)).body;
  }

  async function received(count: number) {
    const { requests } = world.receiver;
    return await waitFor('webhooks', () => (requests.length >= count ? requests : null));
  }

  it('sends a signed orders/create', async () => {
    const answer = await send({ lines: LINES });

    const [request] = await received(1);
    expect(request).toMatchObject({
      path: '/v1/webhooks/shopify',
      headers: { 'x-shopify-topic': 'orders/create', 'x-shopify-event-id': expect.any(String) },
    });
    const signature = String(request?.headers['x-shopify-hmac-sha256']);
    const rawBody = request?.rawBody ?? Buffer.alloc(0);
    expect(isShopifySignatureValid(rawBody, signature, SANDBOX_SECRETS.shopify)).toBe(true);
    expect(answer).toMatchObject({ order: JSON.parse(rawBody.toString()) });
  });

  it('sends an earlier order again as paid and canceled, in that order', async () => {
    const { orderId } = Object(await send({ financialStatus: 'pending' }));
    await send({ topic: 'orders/paid', orderId });
    await send({ topic: 'orders/cancelled', orderId });

    const requests = await received(3);
    const bodies = requests.map((request): unknown => JSON.parse(request.rawBody.toString()));
    expect(bodies).toMatchObject([
      { id: orderId, financial_status: 'pending', cancelled_at: null },
      { id: orderId, financial_status: 'paid', cancelled_at: null },
      { id: orderId, financial_status: 'paid', cancelled_at: expect.any(String) },
    ]);
  });

  it('sends a document of the caller unchanged, as often as wanted, as one event', async () => {
    const order = { id: 42, line_items: [], odd: { kept: true } };

    await send({ order, copies: 3, eventId: 'event-1' });
    await send(order);

    const requests = await received(4);
    const bodies = requests.map((request): unknown => JSON.parse(request.rawBody.toString()));
    expect(bodies).toEqual([order, order, order, order]);
    const events = requests.slice(0, 3).map((request) => request.headers['x-shopify-event-id']);
    expect(events).toEqual(['event-1', 'event-1', 'event-1']);
  });
});
