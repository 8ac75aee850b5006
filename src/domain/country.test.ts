import { isCountry } from './country';

describe('country codes', () => {
  it.each(['US', 'CN', 'DE', 'XK'])('knows %s', (code) => {
    expect(isCountry(code)).toBe(true);
  });

  it.each(['XX', 'ZZ', 'EU', 'UK', 'us', 'USA', ''])('does not know %p', (code) => {
    expect(isCountry(code)).toBe(false);
  });

  it('knows as many as there are, and one more', () => {
    const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const codes = letters.flatMap((a) => letters.map((b) => `${a}${b}`)).filter(isCountry);
    expect(codes).toHaveLength(249 + 1);
  });
});
