import { backOffMs } from './back-off';

const POLICY = { initialMs: 5000, maxMs: 21_600_000 };
const MIDDLE = 0.5;

describe('backOffMs', () => {
  it.each([
    [1, 5000],
    [2, 10_000],
    [3, 20_000],
    [10, 2_560_000],
    [13, 20_480_000],
    [14, 21_600_000],
    [60, 21_600_000],
    [100_000, 21_600_000],
  ])('after failure %i pauses %i ms', (failures, ms) => {
    expect(backOffMs(failures, POLICY, MIDDLE)).toBe(ms);
  });

  it('spreads by 20 % to both sides', () => {
    expect(backOffMs(1, POLICY, 0)).toBe(4000);
    expect(backOffMs(1, POLICY, 1 - Number.EPSILON)).toBe(6000);
  });

  it('never passes the bound, however it is spread', () => {
    expect(backOffMs(50, POLICY, 1 - Number.EPSILON)).toBe(POLICY.maxMs);
    expect(backOffMs(50, POLICY, 0)).toBe(17_280_000);
  });

  it('without a bound goes on doubling, to a finite end', () => {
    const unbounded = { initialMs: 1000, maxMs: null };

    expect(backOffMs(11, unbounded, MIDDLE)).toBe(1_024_000);
    expect(Number.isFinite(backOffMs(1e9, unbounded, MIDDLE))).toBe(true);
  });
});
