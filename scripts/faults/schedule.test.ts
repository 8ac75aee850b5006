import { describeFault, planFaults } from './schedule';

const PLAN = { orders: 500, faults: 150, seed: 1 };

it('is the same for the same seed', () => {
  expect(planFaults(PLAN)).toEqual(planFaults(PLAN));
  expect(planFaults({ ...PLAN, seed: 2 })).not.toEqual(planFaults(PLAN));
});

it('spreads so many faults over all orders, in their order', () => {
  const at = planFaults(PLAN).map(({ afterOrders }) => afterOrders);
  expect(at).toHaveLength(150);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(at.at(-1)).toBeLessThan(500);
  expect(at.at(-1)).toBeGreaterThan(480);
});

it('has every kind of fault on every target', () => {
  const drawn = new Set(
    planFaults({ ...PLAN, faults: 2000 }).map(({ fault }) => `${fault.kind} ${fault.target}`),
  );
  expect(drawn.size).toBe(5 + 2 + 4 + 2 + 2 + 3);
});

it('says what it does', () => {
  expect(describeFault({ kind: 'slow', target: 'postgres', ms: 1000, delayMs: 50 })).toBe(
    'slow postgres by 50 ms for 1000 ms',
  );
});
