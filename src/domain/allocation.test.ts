import fc from 'fast-check';
import { allocate, type Demand, type StockLevel } from './allocation';

function want(lineId: string, sku: string, quantity: number): Demand {
  return { lineId, sku, quantity };
}

function level(location: string, priority: number, sku: string, available: number): StockLevel {
  return { location, priority, sku, available };
}

function part(lineId: string, sku: string, location: string, quantity: number) {
  return { lineId, sku, location, quantity };
}

describe('allocate', () => {
  it.each<[string, Demand[], StockLevel[], ReturnType<typeof part>[]]>([
    [
      'prefers the lower priority number',
      [want('1', 'A', 2)],
      [level('EAST', 2, 'A', 5), level('WEST', 1, 'A', 5)],
      [part('1', 'A', 'WEST', 2)],
    ],
    [
      'prefers the lower code at equal priority',
      [want('1', 'A', 2)],
      [level('WEST', 1, 'A', 5), level('EAST', 1, 'A', 5)],
      [part('1', 'A', 'EAST', 2)],
    ],
    [
      'prefers one location with everything to two of better priority',
      [want('1', 'A', 1), want('2', 'B', 1)],
      [level('N', 1, 'A', 9), level('S', 2, 'B', 9), level('W', 3, 'A', 1), level('W', 3, 'B', 1)],
      [part('1', 'A', 'W', 1), part('2', 'B', 'W', 1)],
    ],
    [
      'splits by SKU over two',
      [want('1', 'A', 1), want('2', 'B', 1)],
      [level('N', 1, 'A', 9), level('S', 2, 'B', 9)],
      [part('1', 'A', 'N', 1), part('2', 'B', 'S', 1)],
    ],
    [
      'splits one SKU by priority',
      [want('1', 'A', 7)],
      [level('N', 2, 'A', 4), level('S', 1, 'A', 4)],
      [part('1', 'A', 'S', 4), part('1', 'A', 'N', 3)],
    ],
    [
      'does not split a SKU that one of the chosen locations has whole',
      [want('1', 'A', 5), want('2', 'B', 1)],
      [level('N', 1, 'A', 3), level('N', 1, 'B', 1), level('S', 2, 'A', 9)],
      [part('1', 'A', 'S', 5), part('2', 'B', 'N', 1)],
    ],
    [
      'sums the demand of lines with one SKU first',
      [want('1', 'A', 3), want('2', 'A', 3)],
      [level('N', 1, 'A', 4), level('S', 2, 'A', 6)],
      [part('1', 'A', 'S', 3), part('2', 'A', 'S', 3)],
    ],
    [
      'takes more than two where it must',
      [want('1', 'A', 6)],
      [level('N', 1, 'A', 1), level('S', 2, 'A', 3), level('W', 3, 'A', 2)],
      [part('1', 'A', 'N', 1), part('1', 'A', 'S', 3), part('1', 'A', 'W', 2)],
    ],
    ['gives nothing for nothing', [], [level('N', 1, 'A', 1)], []],
  ])('%s', (_case, demand, levels, parts) => {
    expect(allocate(demand, levels)).toEqual({ kind: 'full', parts });
  });

  it('says what is missing, by SKU', () => {
    const demand = [want('1', 'A', 5), want('2', 'B', 1), want('3', 'A', 5), want('4', 'C', 2)];
    const levels = [level('N', 1, 'A', 4), level('S', 2, 'A', 3), level('N', 1, 'B', 1)];

    expect(allocate(demand, levels)).toEqual({
      kind: 'short',
      missing: [
        { sku: 'A', quantity: 3 },
        { sku: 'C', quantity: 2 },
      ],
    });
  });

  it('takes a level below zero for empty', () => {
    const levels = [level('N', 1, 'A', -5), level('S', 2, 'A', 2)];

    expect(allocate([want('1', 'A', 2)], levels)).toMatchObject({ kind: 'full' });
  });
});

describe('allocate, for any demand and stock', () => {
  const skus = fc.constantFrom('A', 'B', 'C', 'D');
  const demands = fc
    .array(fc.record({ sku: skus, quantity: fc.integer({ min: 1, max: 20 }) }), { maxLength: 8 })
    .map((rows) => rows.map((row, index) => want(String(index), row.sku, row.quantity)));
  const stock = fc.uniqueArray(
    fc.record({
      sku: skus,
      location: fc.constantFrom('L1', 'L2', 'L3', 'L4', 'L5'),
      available: fc.integer({ min: -3, max: 30 }),
    }),
    { selector: (row) => `${row.sku} ${row.location}`, maxLength: 20 },
  );
  const levelLists = fc
    .tuple(stock, fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 5 }))
    .map(([rows, priorities]) =>
      rows.map((row) => ({ ...row, priority: priorities[Number(row.location[1]) - 1] ?? 0 })),
    );

  function sumBy<T>(rows: readonly T[], key: (row: T) => string, value: (row: T) => number) {
    const sums: Record<string, number> = {};
    for (const row of rows) sums[key(row)] = (sums[key(row)] ?? 0) + value(row);
    return sums;
  }

  it('serves every line in full, never over what is available, and is short only when all lack', () => {
    fc.assert(
      fc.property(demands, levelLists, (demand, levels) => {
        const wanted = sumBy(
          demand,
          (row) => row.sku,
          (row) => row.quantity,
        );
        const had = sumBy(
          levels,
          (row) => row.sku,
          (row) => Math.max(0, row.available),
        );

        const result = allocate(demand, levels);

        const lacking = Object.entries(wanted)
          .map(([sku, quantity]) => ({ sku, quantity: quantity - (had[sku] ?? 0) }))
          .filter(({ quantity }) => quantity > 0);
        const missing = result.kind === 'short' ? result.missing : [];
        const parts = result.kind === 'full' ? result.parts : [];
        expect(missing).toEqual(lacking);
        const served = sumBy(
          parts,
          (row) => row.lineId,
          (row) => row.quantity,
        );
        const ordered = sumBy(
          lacking.length === 0 ? demand : [],
          (row) => row.lineId,
          (row) => row.quantity,
        );
        expect(served).toEqual(ordered);
        const taken = sumBy(
          parts,
          (row) => `${row.sku} ${row.location}`,
          (row) => row.quantity,
        );
        const available = sumBy(
          levels,
          (row) => `${row.sku} ${row.location}`,
          (row) => row.available,
        );
        for (const [place, quantity] of Object.entries(taken)) {
          expect(quantity).toBeLessThanOrEqual(available[place] ?? 0);
        }
        expect(parts.every((row) => row.quantity > 0)).toBe(true);
      }),
    );
  });

  it('does not depend on the order of the stock rows', () => {
    const shuffled = levelLists.chain((levels) =>
      fc.tuple(
        fc.constant(levels),
        fc.shuffledSubarray(levels, { minLength: levels.length, maxLength: levels.length }),
      ),
    );
    fc.assert(
      fc.property(demands, shuffled, (demand, [levels, other]) => {
        expect(allocate(demand, other)).toEqual(allocate(demand, levels));
      }),
    );
  });
});
