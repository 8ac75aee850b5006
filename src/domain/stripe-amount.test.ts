import { fromStripeAmount, toStripeAmount } from './stripe-amount';

describe('amounts as Stripe counts them', () => {
  it.each([
    ['USD', 1299, 1299],
    ['JPY', 500, 500],
    ['KRW', 12_000, 12_000],
    ['ISK', 5, 500],
    ['UGX', 7, 700],
    ['MGA', 500, 5],
    ['KWD', 1230, 1230],
  ])('%s %i is %i', (currency, minor, amount) => {
    expect(toStripeAmount(minor, currency)).toBe(amount);
    expect(fromStripeAmount(amount, currency)).toBe(minor);
  });

  it.each([
    ['MGA', 501],
    ['KWD', 1234],
  ])('%s %i cannot be charged', (currency, minor) => {
    expect(toStripeAmount(minor, currency)).toBeNull();
  });

  it('refuses what is no whole number of ours', () => {
    expect(fromStripeAmount(550, 'ISK')).toBeNull();
  });
});
