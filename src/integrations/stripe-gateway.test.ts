import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { OutsideFault } from './http-json';
import { StripeGateway } from './stripe-gateway';

interface Reply {
  readonly status?: number;
  readonly body?: object;
  /** Never answers. */
  readonly isSilent?: boolean;
}

interface Call {
  readonly method: string | undefined;
  readonly path: string;
  readonly key: string | undefined;
  readonly form: URLSearchParams;
}

const INTENT = {
  ...{ id: 'pi_1', object: 'payment_intent', amount: 1000, currency: 'usd', metadata: {} },
  ...{ amount_capturable: 1000, amount_received: 0, status: 'requires_capture' },
  latest_charge: 'ch_1',
};
const KEY = 'pay:0192:1';
/** The metadata name under which an object carries KEY. */
let mark = '';

let server: Server;
let gateway: StripeGateway;
let replies: Reply[] = [];
let calls: Call[] = [];

async function readBody(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  return text;
}

beforeAll(async () => {
  server = createServer((req, res) => {
    void readBody(req).then((text) => {
      const { pathname, search } = new URL(req.url ?? '/', 'http://stripe');
      const key = req.headers['idempotency-key'];
      calls.push({
        ...{ method: req.method, path: pathname, key: String(key ?? '') },
        form: new URLSearchParams(text === '' ? search : text),
      });
      const { status = 200, body = INTENT, isSilent = false } = replies.shift() ?? {};
      if (isSilent) return;
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const apiUrl = `http://127.0.0.1:${String(port)}`;
  gateway = new StripeGateway({ secretKey: 'sk_test_x', apiUrl, timeoutMs: 2000 });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  replies = [];
  calls = [];
});

function stripeError(error: object, status = 402): Reply {
  return { status, body: { error: { type: 'card_error', ...error } } };
}

const AUTHORIZE = {
  ...{ idempotencyKey: KEY, amountMinor: 1000, currency: 'USD', token: 'pm_1' },
  reference: 'order-1',
};
const SETTLE = { idempotencyKey: KEY, intentId: 'pi_1', amountMinor: 1000, currency: 'USD' };

describe('authorize', () => {
  it('makes a confirmed intent that is captured later, under our key', async () => {
    const charge = { payment_method_details: { card: { capture_before: 1_790_000_000 } } };
    replies = [{ body: { ...INTENT, latest_charge: { id: 'ch_1', ...charge } } }];
    expect(await gateway.authorize(AUTHORIZE)).toEqual({
      ...{ kind: 'authorized', intentId: 'pi_1', amountMinor: 1000 },
      expiresAt: new Date(1_790_000_000_000).toISOString(),
    });
    const [call] = calls;
    expect([call?.method, call?.path, call?.key]).toEqual(['POST', '/v1/payment_intents', KEY]);
    const sent = Object.fromEntries(call?.form ?? []);
    expect(sent).toMatchObject({
      ...{ amount: '1000', currency: 'usd', capture_method: 'manual', confirm: 'true' },
      ...{ payment_method: 'pm_1', 'metadata[order_id]': 'order-1' },
    });
    mark = Object.keys(sent).find((name) => sent[name] === KEY) ?? '';
    expect(mark).toMatch(/^metadata\[tl_[0-9a-f]{32}\]$/);
  });

  it.each<[string, Reply, object]>([
    [
      'a decline',
      stripeError({ code: 'card_declined', decline_code: 'insufficient_funds' }),
      { kind: 'declined', code: 'insufficient_funds' },
    ],
    [
      'an unknown payment method',
      stripeError({ type: 'invalid_request_error', code: 'resource_missing' }, 400),
      { kind: 'declined', code: 'resource_missing' },
    ],
    [
      'a customer who must confirm',
      { body: { ...INTENT, status: 'requires_action' } },
      { kind: 'action_required', intentId: 'pi_1' },
    ],
  ])('%s is a value', async (_what, reply, result) => {
    replies = [reply];
    expect(await gateway.authorize(AUTHORIZE)).toEqual(result);
  });

  it.each<[string, Reply]>([
    ['no answer in time', { isSilent: true }],
    ['a fault of Stripe', stripeError({ type: 'api_error' }, 500)],
    ['the same key under way', stripeError({ type: 'idempotency_error' }, 409)],
    ['too many requests', stripeError({ type: 'invalid_request_error', code: 'rate_limit' }, 429)],
    ['a wrong secret key', stripeError({ type: 'invalid_request_error' }, 401)],
    ['an intent that is being processed', { body: { ...INTENT, status: 'processing' } }],
  ])('%s is thrown, and called once', async (_what, reply) => {
    replies = [reply];
    await expect(gateway.authorize(AUTHORIZE)).rejects.toBeInstanceOf(OutsideFault);
    expect(calls).toHaveLength(1);
  });

  it('takes a yen for a yen, and refuses an amount that Stripe cannot take', async () => {
    replies = [{ body: { ...INTENT, currency: 'jpy' } }];
    const yen = { ...AUTHORIZE, currency: 'JPY' };
    expect(await gateway.authorize(yen)).toMatchObject({ amountMinor: 1000 });
    expect(calls[0]?.form.get('amount')).toBe('1000');
    const dinar = { ...AUTHORIZE, currency: 'KWD', amountMinor: 1234 };
    expect(await gateway.authorize(dinar)).toEqual({
      ...{ kind: 'declined', code: 'amount_not_supported' },
    });
    expect(calls).toHaveLength(1);
  });
});

describe('what follows', () => {
  it('captures a part and leaves the rest, or takes it as the last', async () => {
    expect(await gateway.capture({ ...SETTLE, amountMinor: 400, isFinal: false })).toEqual({
      ...{ kind: 'done', entryId: 'ch_1' },
    });
    await gateway.capture(SETTLE);
    expect(
      calls.map(({ form }) => [form.get('amount_to_capture'), form.get('final_capture')]),
    ).toEqual([
      ['400', 'false'],
      ['1000', null],
    ]);
    expect(calls[0]?.path).toBe('/v1/payment_intents/pi_1/capture');
  });

  it('cancels, and takes one that is canceled already for done', async () => {
    const unexpected = { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' };
    const state = (status: string): Reply =>
      stripeError(
        { ...unexpected, payment_intent: { ...INTENT, status, amount_received: 1000 } },
        400,
      );
    replies = [{}, state('canceled'), state('succeeded')];
    const { amountMinor: _amount, ...request } = SETTLE;
    const results = [];
    for (let n = 0; n < 3; n += 1) results.push(await gateway.void(request));
    expect(results).toEqual([
      { kind: 'done', entryId: 'pi_1' },
      { kind: 'done', entryId: 'pi_1' },
      { kind: 'refused', code: 'payment_intent_unexpected_state' },
    ]);
  });

  it.each<[string, object]>([
    ['succeeded', { kind: 'done', entryId: 're_1' }],
    ['failed', { kind: 'refused', code: 'lost_or_stolen_card' }],
  ])('a refund that has %s', async (status, result) => {
    const refund = { id: 're_1', status, failure_reason: 'lost_or_stolen_card', metadata: {} };
    replies = [{ body: refund }];
    expect(await gateway.refund(SETTLE)).toEqual(result);
    expect(calls[0]).toMatchObject({ path: '/v1/refunds', key: KEY });
  });

  it('a refund that is not decided yet is thrown', async () => {
    replies = [{ body: { id: 're_1', status: 'pending', metadata: {} } }];
    await expect(gateway.refund(SETTLE)).rejects.toBeInstanceOf(OutsideFault);
  });
});

describe('find', () => {
  const marked = (): object => ({ [mark.slice('metadata['.length, -1)]: KEY });

  it('searches an authorisation by the key it carries', async () => {
    replies = [{ body: { data: [INTENT] } }];
    expect(await gateway.find(KEY)).toMatchObject({
      ...{ kind: 'found', operation: 'authorization', status: 'succeeded', amountMinor: 1000 },
    });
    expect(calls[0]?.form.get('query')).toContain(KEY);
    replies = [{ body: { data: [] } }];
    expect(await gateway.find(KEY)).toEqual({ kind: 'not_found' });
  });

  it('reads a capture, a void and a refund off the intent itself', async () => {
    replies = [
      { body: { ...INTENT, metadata: marked(), amount_received: 400 } },
      { body: INTENT },
      { body: { ...INTENT, status: 'canceled' } },
      {
        body: {
          data: [
            { id: 're_1', amount: 300, currency: 'usd', status: 'succeeded', metadata: marked() },
          ],
        },
      },
      stripeError({ type: 'invalid_request_error', code: 'resource_missing' }, 404),
    ];
    const found = [];
    for (const operation of ['capture', 'capture', 'void', 'refund', 'capture'] as const)
      found.push(await gateway.find(KEY, { operation, intentId: 'pi_1' }));
    expect(found).toMatchObject([
      { kind: 'found', operation: 'capture', status: 'succeeded', amountMinor: 400 },
      { kind: 'not_found' },
      { kind: 'found', operation: 'void', status: 'succeeded' },
      {
        kind: 'found',
        operation: 'refund',
        status: 'succeeded',
        amountMinor: 300,
        entryId: 're_1',
      },
      { kind: 'not_found' },
    ]);
  });
});
