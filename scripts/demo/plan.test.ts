import { KINDS } from './kinds';
import { planOrders } from './plan';

function countKinds(orders: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of planOrders(orders))
    counts.set(kind.name, (counts.get(kind.name) ?? 0) + 1);
  return counts;
}

describe('the plan of a demo', () => {
  it.each([1, 7, KINDS.length, 200, 1001])('has exactly %i orders, numbered from 1', (orders) => {
    const numbers = planOrders(orders).map(({ n }) => n);
    expect(numbers).toEqual(Array.from({ length: orders }, (_, index) => index + 1));
  });

  it('has every kind as soon as there is room, and then by its share', () => {
    expect(countKinds(KINDS.length).size).toBe(KINDS.length);
    const counts = countKinds(1000);
    const whole = KINDS.reduce((sum, { weight }) => sum + weight, 0);
    for (const { name, weight } of KINDS)
      expect(Math.abs((counts.get(name) ?? 0) - (1000 * weight) / whole)).toBeLessThan(6);
  });

  it('has the most important kinds where there are few orders', () => {
    expect([...countKinds(3).keys()].toSorted()).toEqual(
      KINDS.slice(0, 3)
        .map(({ name }) => name)
        .toSorted(),
    );
  });
});
