import { callSandbox, startTestSandbox, type TestSandbox } from '../../test/helpers/sandbox';
import { waitFor } from '../../test/helpers/wait-for';
import { HttpPaymentGateway } from './http-payment-gateway';
import { OutsideFault } from './http-json';

let world: TestSandbox;
let gateway: HttpPaymentGateway;

function connect(timeoutMs = 5_000): HttpPaymentGateway {
  return new HttpPaymentGateway({ baseUrl: `${world.current().url}/gateway`, timeoutMs });
}

function anAuthorization(token: string, overrides: { key?: string; reference?: string } = {}) {
  const key = overrides.key ?? `auth-${token}`;
  const reference = overrides.reference ?? `order-${token}`;
  return { idempotencyKey: key, amountMinor: 10_000, currency: 'USD', token, reference };
}

async function authorize(token = 'tok_ok', key = `auth-${token}`): Promise<string> {
  const result = await gateway.authorize(anAuthorization(token, { key }));
  if (result.kind !== 'authorized') throw new Error(`not authorised: ${result.kind}`);
  return result.intentId;
}

function aSettlement(intentId: string, key: string, amountMinor: number) {
  return { idempotencyKey: key, intentId, amountMinor, currency: 'USD' };
}

async function entries(): Promise<unknown> {
  return (await callSandbox('GET', `${world.current().url}/gateway/books`)).body;
}

async function setFault(fault: object): Promise<void> {
  await callSandbox('PUT', `${world.current().url}/faults/gateway`, fault);
}

beforeEach(async () => {
  world = await startTestSandbox({ slowMs: 1_000 });
  gateway = connect();
});

afterEach(async () => {
  await world.close();
});

describe('authorize', () => {
  it('authorises and enters it in the books as the contract says', async () => {
    const result = await gateway.authorize(anAuthorization('tok_ok'));

    expect(result).toMatchObject({ kind: 'authorized', amountMinor: 10_000 });
    expect(await entries()).toMatchObject({
      entries: [
        {
          id: expect.any(String),
          intentId: expect.any(String),
          kind: 'authorization',
          status: 'succeeded',
          amountMinor: 10_000,
          currency: 'USD',
          reference: 'order-tok_ok',
          idempotencyKey: 'auth-tok_ok',
          at: expect.stringMatching(/Z$/),
        },
      ],
    });
  });

  it.each([
    ['tok_declined', 'card_declined'],
    ['tok_none_of_ours', 'unknown_token'],
  ])('declines %s every time', async (token, code) => {
    const first = await gateway.authorize(anAuthorization(token, { key: 'a' }));
    const second = await gateway.authorize(anAuthorization(token, { key: 'b' }));

    expect([first, second]).toEqual([
      { kind: 'declined', code },
      { kind: 'declined', code },
    ]);
  });

  it('declines tok_insufficient_then_ok once for an order', async () => {
    const token = 'tok_insufficient_then_ok';

    const first = await gateway.authorize(anAuthorization(token, { key: 'a' }));
    const same = await gateway.authorize(anAuthorization(token, { key: 'a' }));
    const second = await gateway.authorize(anAuthorization(token, { key: 'b' }));
    const other = await gateway.authorize(anAuthorization(token, { key: 'c', reference: 'other' }));

    expect([first.kind, same.kind, second.kind, other.kind]).toEqual([
      'declined',
      'declined',
      'authorized',
      'declined',
    ]);
  });

  it('fails twice on tok_error_then_ok and leaves no trace of the failures', async () => {
    const request = anAuthorization('tok_error_then_ok');

    await expect(gateway.authorize(request)).rejects.toThrow(OutsideFault);
    await expect(gateway.authorize(request)).rejects.toThrow('answered 500');
    expect(await gateway.find(request.idempotencyKey)).toEqual({ kind: 'not_found' });
    expect((await gateway.authorize(request)).kind).toBe('authorized');
    expect(await entries()).toMatchObject({ entries: [{ status: 'succeeded' }] });
  });

  it('never answers tok_timeout_after_charge, but lookup finds the charge', async () => {
    const impatient = connect(1_000);
    const request = anAuthorization('tok_timeout_after_charge');

    await expect(impatient.authorize(request)).rejects.toThrow('no answer in time');

    expect(await gateway.find(request.idempotencyKey)).toMatchObject({
      kind: 'found',
      operation: 'authorization',
      status: 'succeeded',
      amountMinor: 10_000,
    });
  });

  it('shows tok_slow as pending until it has decided', async () => {
    const request = anAuthorization('tok_slow');
    const running = gateway.authorize(request);
    await waitFor('the pending entry', async () =>
      (await gateway.find(request.idempotencyKey)).kind === 'pending' ? true : null,
    );

    await expect(gateway.authorize(request)).rejects.toThrow('answered 409');
    expect((await running).kind).toBe('authorized');
    expect((await gateway.find(request.idempotencyKey)).kind).toBe('found');
  });

  it('gives one authorisation to many calls with one key', async () => {
    const request = anAuthorization('tok_ok');

    await Promise.allSettled(Array.from({ length: 64 }, () => gateway.authorize(request)));

    const again = await gateway.authorize(request);
    expect(again.kind).toBe('authorized');
    expect(await entries()).toMatchObject({ entries: [{ idempotencyKey: 'auth-tok_ok' }] });
  });

  it('refuses a key that belongs to another request', async () => {
    await gateway.authorize(anAuthorization('tok_ok', { key: 'same' }));

    const other = gateway.authorize(anAuthorization('tok_ok', { key: 'same', reference: 'other' }));

    await expect(other).rejects.toThrow('answered 409');
  });

  it('waits for the customer on tok_action_required and tells by webhook', async () => {
    const request = anAuthorization('tok_action_required');
    const result = await gateway.authorize(request);
    if (result.kind !== 'action_required') throw new Error('no action required');
    expect((await gateway.find(request.idempotencyKey)).kind).toBe('pending');

    const url = `${world.current().url}/gateway/intents/${result.intentId}/complete`;
    await callSandbox('POST', url, {});
    await callSandbox('POST', url, {});

    expect((await gateway.find(request.idempotencyKey)).kind).toBe('found');
    const sent = await waitFor('the webhook', () => world.receiver.requests[0] ?? null);
    expect(sent.path).toBe('/v1/webhooks/sandbox-payments');
    expect(JSON.parse(sent.rawBody.toString())).toMatchObject({
      type: 'payment.completed',
      data: {
        intentId: result.intentId,
        reference: 'order-tok_action_required',
        amountMinor: 10_000,
        currency: 'USD',
      },
    });
    expect(world.receiver.requests).toHaveLength(1);
  });
});

describe('capture, void and refund', () => {
  it('captures no more than what is authorised and not captured', async () => {
    const intentId = await authorize();

    const first = await gateway.capture(aSettlement(intentId, 'c1', 6_000));
    const again = await gateway.capture(aSettlement(intentId, 'c1', 6_000));
    const tooMuch = await gateway.capture(aSettlement(intentId, 'c2', 4_001));
    const rest = await gateway.capture(aSettlement(intentId, 'c3', 4_000));

    expect(first.kind).toBe('done');
    expect(again).toEqual(first);
    expect(tooMuch).toEqual({ kind: 'refused', code: 'amount_exceeds_authorized' });
    expect(rest.kind).toBe('done');
  });

  it('voids what is left, once, and captures no more', async () => {
    const intentId = await authorize();
    await gateway.capture(aSettlement(intentId, 'c1', 6_000));
    const request = { idempotencyKey: 'v1', intentId, currency: 'USD' };

    const first = await gateway.void(request);
    const again = await gateway.void(request);
    const other = await gateway.void({ ...request, idempotencyKey: 'v2' });
    const capture = await gateway.capture(aSettlement(intentId, 'c2', 1));

    expect(first.kind).toBe('done');
    expect(again).toEqual(first);
    expect(other).toEqual({ kind: 'refused', code: 'already_voided' });
    expect(capture).toEqual({ kind: 'refused', code: 'authorization_voided' });
    expect(await gateway.find('v1')).toMatchObject({ status: 'succeeded', amountMinor: 4_000 });
  });

  it('refuses to void what is captured in full', async () => {
    const intentId = await authorize();
    await gateway.capture(aSettlement(intentId, 'c1', 10_000));

    const result = await gateway.void({ idempotencyKey: 'v1', intentId, currency: 'USD' });

    expect(result).toEqual({ kind: 'refused', code: 'already_captured' });
  });

  it('refunds no more than what was captured', async () => {
    const intentId = await authorize();
    await gateway.capture(aSettlement(intentId, 'c1', 6_000));

    const results = [
      await gateway.refund(aSettlement(intentId, 'r1', 5_000)),
      await gateway.refund(aSettlement(intentId, 'r2', 1_001)),
      await gateway.refund(aSettlement(intentId, 'r3', 1_000)),
    ];

    expect(results.map((r) => r.kind)).toEqual(['done', 'refused', 'done']);
  });

  it('cancels an intent that still waits for the customer', async () => {
    const request = anAuthorization('tok_action_required');
    const result = await gateway.authorize(request);
    if (result.kind !== 'action_required') throw new Error('no action required');
    const { intentId } = result;

    await gateway.void({ idempotencyKey: 'v1', intentId, currency: 'USD' });

    expect(await gateway.find(request.idempotencyKey)).toMatchObject({
      status: 'failed',
      code: 'canceled',
    });
  });

  it('refuses an intent that does not exist', async () => {
    expect(await gateway.capture(aSettlement('int_none', 'c1', 1))).toEqual({
      kind: 'refused',
      code: 'unknown_intent',
    });
  });
});

describe('an authorisation whose time is over', () => {
  async function setTtl(authorizationTtlMs: number | null): Promise<void> {
    const url = `${world.current().url}/gateway/settings`;
    const answer = await callSandbox('PUT', url, { authorizationTtlMs });
    expect(answer).toMatchObject({ status: 200, body: { authorizationTtlMs } });
  }

  async function untilExpired(key: string): Promise<void> {
    await waitFor('its end', async () => {
      const found = await gateway.find(key);
      return found.kind === 'found' && found.code === 'authorization_expired';
    });
  }

  it('is expired in the books and cannot be captured, but what was captured stays', async () => {
    const lasting = await authorize('tok_ok', 'lasting');
    await setTtl(400);
    const ending = await authorize('tok_ok', 'ending');
    expect((await gateway.capture(aSettlement(ending, 'c1', 6_000))).kind).toBe('done');
    await untilExpired('ending');

    const late = await gateway.capture(aSettlement(ending, 'c2', 4_000));
    expect(late).toEqual({ kind: 'refused', code: 'authorization_expired' });
    expect((await gateway.refund(aSettlement(ending, 'r1', 6_000))).kind).toBe('done');
    expect((await gateway.capture(aSettlement(lasting, 'c3', 10_000))).kind).toBe('done');
    expect(await entries()).toMatchObject({
      entries: expect.arrayContaining([
        expect.objectContaining({ idempotencyKey: 'ending', status: 'expired' }),
        expect.objectContaining({ idempotencyKey: 'lasting', status: 'succeeded' }),
      ]),
    });
  });

  it('stays captured or voided where nothing was left, and the setting outlives the process', async () => {
    await setTtl(200);
    await world.restart();
    gateway = connect();
    const captured = await authorize('tok_ok', 'captured');
    await gateway.capture(aSettlement(captured, 'c1', 10_000));
    await authorize('tok_ok', 'left');
    await untilExpired('left');
    expect(await gateway.find('captured')).toMatchObject({ status: 'succeeded' });

    await setTtl(null);
    const result = await gateway.authorize(anAuthorization('tok_ok', { key: 'as ever' }));
    const days = result.kind === 'authorized' && Date.parse(result.expiresAt ?? '') - Date.now();
    expect(days).toBeGreaterThan(6 * 24 * 3600 * 1000);
  });

  it('lasts a whole number of milliseconds above 0', async () => {
    const url = `${world.current().url}/gateway/settings`;
    for (const authorizationTtlMs of [0, -1, 1.5, 'P1D'])
      expect((await callSandbox('PUT', url, { authorizationTtlMs })).status).toBe(422);
  });
});

describe('faults', () => {
  it('throws while the gateway is down and books nothing', async () => {
    await setFault({ mode: 'down' });

    await expect(authorize()).rejects.toThrow('gateway: unreachable');
    await expect(gateway.find('auth-tok_ok')).rejects.toThrow(OutsideFault);

    await setFault({ mode: 'none' });
    expect(await gateway.find('auth-tok_ok')).toEqual({ kind: 'not_found' });
  });

  it('errs as often as it is told to', async () => {
    await setFault({ mode: 'error', times: 2, only: ['authorization'] });

    await expect(authorize()).rejects.toThrow('answered 500');
    await expect(authorize()).rejects.toThrow('answered 500');
    await expect(authorize()).resolves.toMatch(/^int_/);
  });

  it('keeps the effect of a call whose answer was lost', async () => {
    const intentId = await authorize();
    await setFault({ mode: 'timeout_after_effect', ms: 10, only: ['capture'], times: 1 });

    await expect(gateway.capture(aSettlement(intentId, 'c1', 10_000))).rejects.toThrow(
      OutsideFault,
    );

    expect(await gateway.find('c1')).toMatchObject({ operation: 'capture', status: 'succeeded' });
    expect((await gateway.capture(aSettlement(intentId, 'c1', 10_000))).kind).toBe('done');
  });

  it('shows a slow call as pending', async () => {
    await setFault({ mode: 'slow', ms: 1_000 });
    const running = authorize();

    await waitFor('the pending entry', async () =>
      (await gateway.find('auth-tok_ok')).kind === 'pending' ? true : null,
    );

    await expect(running).resolves.toMatch(/^int_/);
  });

  it('declines on demand', async () => {
    await setFault({ mode: 'decline' });

    expect(await gateway.authorize(anAuthorization('tok_ok'))).toEqual({
      kind: 'declined',
      code: 'injected_decline',
    });
  });
});

describe('books', () => {
  it('survive a new process, which decides what was still open', async () => {
    const intentId = await authorize();
    const cutOff = gateway.authorize(anAuthorization('tok_slow')).catch((err: unknown) => err);
    await waitFor('the pending entry', async () =>
      (await gateway.find('auth-tok_slow')).kind === 'pending' ? true : null,
    );

    await world.restart();
    expect(await cutOff).toBeInstanceOf(OutsideFault);
    gateway = connect();

    expect(await gateway.find('auth-tok_slow')).toMatchObject({ status: 'succeeded' });
    expect((await gateway.capture(aSettlement(intentId, 'c1', 10_000))).kind).toBe('done');
  });

  it('show a dispute and tell of it', async () => {
    const intentId = await authorize();
    await gateway.capture(aSettlement(intentId, 'c1', 10_000));

    const url = `${world.current().url}/gateway/disputes`;
    const answer = await callSandbox('POST', url, { intentId, reason: 'fraudulent' });

    expect(answer).toMatchObject({ status: 201, body: { dispute: { intentId } } });
    const sent = await waitFor('the webhook', () => world.receiver.requests[0] ?? null);
    expect(JSON.parse(sent.rawBody.toString())).toMatchObject({ type: 'dispute.opened' });
  });
});
