import { signWebhook, verifyWebhook, type ReceivedWebhook } from './standard-webhooks';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD_SECRET = 'whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0LW9sZCE=';
const CONTENT = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: '{"test": 2432232314}',
};
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

function aMessage(overrides: Partial<ReceivedWebhook> = {}): ReceivedWebhook {
  return {
    id: CONTENT.id,
    timestamp: String(CONTENT.timestampSeconds),
    signature: SIGNATURE,
    rawBody: Buffer.from(CONTENT.body),
    secrets: [SECRET],
    nowMs: CONTENT.timestampSeconds * 1000,
    ...overrides,
  };
}

describe('signWebhook', () => {
  it('gives the published example its published signature', () => {
    expect(signWebhook([SECRET], CONTENT)).toEqual({
      'webhook-id': CONTENT.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': SIGNATURE,
    });
  });

  it('signs with every live secret', () => {
    const headers = signWebhook([SECRET, OLD_SECRET], CONTENT);

    expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
  });

  it('refuses a secret that is not base64', () => {
    expect(() => signWebhook(['whsec_'], CONTENT)).toThrow('not base64');
  });
});

describe('verifyWebhook', () => {
  it('accepts a message signed with the only secret', () => {
    expect(verifyWebhook(aMessage())).toEqual({
      kind: 'valid',
      id: CONTENT.id,
      timestampSeconds: CONTENT.timestampSeconds,
    });
  });

  it('accepts either of two secrets while one is being rotated', () => {
    const signature = signWebhook([OLD_SECRET], CONTENT)['webhook-signature'];

    expect(verifyWebhook(aMessage({ signature, secrets: [SECRET, OLD_SECRET] })).kind).toBe(
      'valid',
    );
    expect(verifyWebhook(aMessage({ signature })).kind).toBe('invalid');
  });

  it('finds the right signature among others', () => {
    const signature = `v1a,AAAA v1,AAAA ${SIGNATURE}`;

    expect(verifyWebhook(aMessage({ signature })).kind).toBe('valid');
  });

  it.each([
    ['an other body', { rawBody: Buffer.from('{"test":2432232314}') }],
    ['an other id', { id: 'msg_other' }],
    ['a cut signature', { signature: SIGNATURE.slice(0, 20) }],
    ['no usable signature', { signature: 'v2,abc' }],
    ['no live secret', { secrets: [] }],
  ])('refuses %s', (_, overrides) => {
    expect(verifyWebhook(aMessage(overrides))).toEqual({
      kind: 'invalid',
      reason: 'bad_signature',
    });
  });

  it.each([
    ['id', { id: undefined }],
    ['timestamp', { timestamp: undefined }],
    ['signature', { signature: '' }],
    ['numeric timestamp', { timestamp: '1e9' }],
  ])('refuses a message without %s', (_, overrides) => {
    expect(verifyWebhook(aMessage(overrides))).toEqual({
      kind: 'invalid',
      reason: 'missing_headers',
    });
  });

  it.each([-301, 301])('calls a message %i s away stale', (seconds) => {
    const nowMs = (CONTENT.timestampSeconds + seconds) * 1000;

    expect(verifyWebhook(aMessage({ nowMs }))).toEqual({
      kind: 'invalid',
      reason: 'stale_timestamp',
    });
  });

  it.each([-300, 300])('still takes a message %i s away', (seconds) => {
    const nowMs = (CONTENT.timestampSeconds + seconds) * 1000;

    expect(verifyWebhook(aMessage({ nowMs })).kind).toBe('valid');
  });
});
