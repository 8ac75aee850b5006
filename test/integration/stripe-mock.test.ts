import { StripeGateway } from '../../src/integrations/stripe-gateway';
import {
  BUILD_TIMEOUT_MS,
  hasStripeMock,
  startStripeMock,
  type StripeMock,
} from '../helpers/stripe-mock';

/** Of stripe-mock's fixtures: any id is found. */
const INTENT = 'pi_123';
const REQUEST = { intentId: INTENT, amountMinor: 1299, currency: 'USD' };

/** stripe-mock refuses, with 400, every request that Stripe's OpenAPI document does not know. */
(hasStripeMock() ? describe : describe.skip)('the Stripe gateway, against stripe-mock', () => {
  let mock: StripeMock;
  let gateway: StripeGateway;

  beforeAll(async () => {
    mock = await startStripeMock();
    gateway = new StripeGateway({ secretKey: 'sk_test_123', apiUrl: mock.url });
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    await mock.stop();
  });

  it('authorises', async () => {
    const result = await gateway.authorize({
      ...{ idempotencyKey: 'pay:1', amountMinor: 1299, currency: 'USD' },
      ...{ token: 'pm_card_visa', reference: 'order-1' },
    });
    // Its intents stand at the beginning: no method of payment yet.
    expect(result).toEqual({ kind: 'declined', code: expect.any(String) });
    expect(result).not.toMatchObject({ code: 'invalid_request' });
  });

  it('captures in part and in full, with and without more to come', async () => {
    const part = await gateway.capture({ ...REQUEST, idempotencyKey: 'c1', isFinal: false });
    const whole = await gateway.capture({ ...REQUEST, idempotencyKey: 'c2' });
    expect([part, whole]).toEqual([
      { kind: 'done', entryId: expect.any(String) },
      { kind: 'done', entryId: expect.any(String) },
    ]);
  });

  it('cancels', async () => {
    const { amountMinor: _amount, ...request } = REQUEST;
    expect(await gateway.void({ ...request, idempotencyKey: 'v1' })).toEqual({
      ...{ kind: 'done', entryId: expect.any(String) },
    });
  });

  it('refunds', async () => {
    const result = await gateway.refund({ ...REQUEST, idempotencyKey: 'r1' });
    expect(result).toEqual({ kind: 'done', entryId: expect.stringMatching(/^(?:re|pyr)_/) });
  });

  it('looks up by search, by the intent, and among its refunds', async () => {
    expect(await gateway.find('pay:1')).toMatchObject({ kind: expect.any(String) });
    for (const operation of ['capture', 'refund'] as const)
      expect(await gateway.find('x', { operation, intentId: INTENT })).toEqual({
        kind: 'not_found',
      });
  });

  it('answers a dispute, and gives one up', async () => {
    const answer = { idempotencyKey: 'd1', text: 'It was delivered.' };
    await expect(gateway.respondToDispute('dp_123', answer)).resolves.toBeUndefined();
    const given = { idempotencyKey: 'd2', text: 'given up' };
    await expect(gateway.acceptDispute('dp_123', given)).resolves.toBeUndefined();
  });

  it('takes a yen for a yen', async () => {
    const yen = { ...REQUEST, currency: 'JPY', idempotencyKey: 'c3' };
    expect((await gateway.capture(yen)).kind).toBe('done');
  });
});
