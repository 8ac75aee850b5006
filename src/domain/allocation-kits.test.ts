import fc from 'fast-check';
import { allocate, type Demand, splitDemand, type StockLevel, toStockDemand } from './allocation';

const SET = [
  { sku: 'CUP', quantity: 2 },
  { sku: 'POT', quantity: 1 },
];

function level(location: string, sku: string, available: number, priority = 1): StockLevel {
  return { location, sku, available, priority };
}

function kit(lineId: string, quantity: number): Demand {
  return { lineId, sku: 'SET', quantity, kitParts: SET };
}

describe('kits', () => {
  it('sum the demand of all lines per part', () => {
    const demand = [kit('1', 2), { lineId: '2', sku: 'CUP', quantity: 3 }, kit('3', 1)];
    expect([...toStockDemand(demand)]).toEqual([
      ['CUP', 9],
      ['POT', 3],
    ]);
    const levels = [level('N', 'CUP', 8), level('N', 'POT', 9)];
    expect(allocate(demand, levels)).toEqual({
      kind: 'short',
      missing: [{ sku: 'CUP', quantity: 1 }],
    });
  });

  it('take all parts of a unit from one place', () => {
    const levels = [
      level('N', 'CUP', 9),
      level('S', 'POT', 9),
      level('W', 'CUP', 2),
      level('W', 'POT', 1),
    ];
    expect(allocate([kit('1', 1)], levels)).toEqual({
      kind: 'full',
      parts: [
        { lineId: '1', sku: 'CUP', location: 'W', quantity: 2, perUnit: 2, isLead: true },
        { lineId: '1', sku: 'POT', location: 'W', quantity: 1, perUnit: 1, isLead: false },
      ],
    });
    expect(allocate([kit('1', 2)], levels)).toEqual({
      kind: 'short',
      missing: [{ sku: 'SET', quantity: 1 }],
    });
  });
});

describe('splitDemand', () => {
  it('gives what is there, lines in their order, and says what is left', () => {
    const demand = [
      { lineId: '1', sku: 'A', quantity: 2 },
      { lineId: '2', sku: 'A', quantity: 2 },
      { lineId: '3', sku: 'B', quantity: 1 },
    ];
    expect(splitDemand(demand, [level('N', 'A', 3)])).toEqual({
      parts: [
        { lineId: '1', sku: 'A', location: 'N', quantity: 2 },
        { lineId: '2', sku: 'A', location: 'N', quantity: 1 },
      ],
      rest: [
        { lineId: '2', sku: 'A', quantity: 1 },
        { lineId: '3', sku: 'B', quantity: 1 },
      ],
    });
  });

  it('never takes more than there is or is wanted, and leaves nothing that could be had', () => {
    const anyLevel = fc.record({
      location: fc.constantFrom('N', 'S', 'W'),
      sku: fc.constantFrom('CUP', 'POT', 'A'),
      available: fc.integer({ min: -2, max: 6 }),
      priority: fc.integer({ min: 1, max: 2 }),
    });
    const levelsOnce = fc.uniqueArray(anyLevel, { selector: (l) => `${l.location}${l.sku}` });
    const anyDemand = fc
      .array(
        fc.record({
          isKit: fc.boolean(),
          sku: fc.constantFrom('CUP', 'A'),
          quantity: fc.integer({ min: 1, max: 5 }),
        }),
      )
      .map((lines) =>
        lines.map(({ isKit, sku, quantity }, n): Demand =>
          isKit ? kit(String(n), quantity) : { lineId: String(n), sku, quantity },
        ),
      );
    fc.assert(
      fc.property(anyDemand, levelsOnce, (demand, levels) => {
        const { parts, rest } = splitDemand(demand, levels);

        for (const { location, sku, available } of levels) {
          const taken = parts.filter((part) => part.location === location && part.sku === sku);
          const units = taken.reduce((sum, { quantity }) => sum + quantity, 0);
          expect(units).toBeLessThanOrEqual(Math.max(0, available));
        }
        for (const line of demand) {
          const mine = parts.filter(
            ({ lineId, isLead = true }) => lineId === line.lineId && isLead,
          );
          const had = mine.reduce((sum, { quantity, perUnit = 1 }) => sum + quantity / perUnit, 0);
          const left = rest.find(({ lineId }) => lineId === line.lineId)?.quantity ?? 0;
          expect(had + left).toBe(line.quantity);
        }
        expect(allocate(demand, levels).kind === 'full').toBe(rest.length === 0);
      }),
      { numRuns: 2000 },
    );
  });
});
