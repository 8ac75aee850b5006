import Stripe from 'stripe';

import { signStripeEvent, type StripeVerdict, verifyStripeEvent } from './stripe-signature';

const NOW = 1_790_000_000;
const BODY = '{"id":"evt_1","type":"charge.refunded"}';
const OLD = 'whsec_old_secret';
const NEW = 'whsec_new_secret';

function verdict(
  header: string | undefined,
  { body = BODY, secrets = [OLD, NEW], now = NOW } = {},
): StripeVerdict {
  return verifyStripeEvent({ header, rawBody: Buffer.from(body), secrets, nowMs: now * 1000 });
}

describe('verifyStripeEvent', () => {
  it('takes what Stripe’s own package signs, and the package takes what we sign', () => {
    const header = Stripe.webhooks.generateTestHeaderString({
      ...{ payload: BODY, secret: NEW, timestamp: NOW },
    });
    expect(verdict(header)).toBe('valid');
    const own = signStripeEvent([NEW], BODY, Math.floor(Date.now() / 1000));
    expect(Stripe.webhooks.constructEvent(BODY, own, NEW)).toMatchObject({ id: 'evt_1' });
  });

  it('takes either secret while one is rotated, and any v1 of several', () => {
    expect(verdict(signStripeEvent([OLD], BODY, NOW))).toBe('valid');
    expect(verdict(signStripeEvent([NEW], BODY, NOW))).toBe('valid');
    expect(verdict(signStripeEvent(['whsec_foreign', NEW], BODY, NOW))).toBe('valid');
    expect(verdict(signStripeEvent([OLD], BODY, NOW), { secrets: [NEW] })).toBe('bad_signature');
  });

  it.each<[string, number, StripeVerdict]>([
    ['300 s old', NOW - 300, 'valid'],
    ['301 s old', NOW - 301, 'stale_timestamp'],
    ['300 s ahead', NOW + 300, 'valid'],
    ['301 s ahead', NOW + 301, 'stale_timestamp'],
  ])('a signature that is %s', (_what, timestamp, expected) => {
    expect(verdict(signStripeEvent([NEW], BODY, timestamp))).toBe(expected);
  });

  it('refuses a replay under a fresh timestamp: the timestamp is signed', () => {
    const header = signStripeEvent([NEW], BODY, NOW - 3600).replace(/t=\d+/, `t=${String(NOW)}`);
    expect(verdict(header)).toBe('bad_signature');
  });

  it.each<[string, string | undefined, StripeVerdict]>([
    ['no header', undefined, 'missing_header'],
    ['an empty one', '', 'missing_header'],
    ['no timestamp', signStripeEvent([NEW], BODY, NOW).replace(/t=\d+,/, ''), 'missing_header'],
    ['only v0', signStripeEvent([NEW], BODY, NOW).replace('v1=', 'v0='), 'missing_header'],
    ['a short signature', `t=${String(NOW)},v1=abcd`, 'missing_header'],
    ['a timestamp that is none', 't=soon,v1=' + 'a'.repeat(64), 'missing_header'],
    ['another secret', signStripeEvent(['whsec_foreign'], BODY, NOW), 'bad_signature'],
  ])('refuses %s', (_what, header, expected) => {
    expect(verdict(header)).toBe(expected);
  });

  it('refuses another body, and every secret when there is none', () => {
    const header = signStripeEvent([NEW], BODY, NOW);
    expect(verdict(header, { body: `${BODY} ` })).toBe('bad_signature');
    expect(verdict(header, { secrets: [] })).toBe('bad_signature');
  });
});
