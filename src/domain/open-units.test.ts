import { checkMove, checkShort } from './fulfillment-changes';
import { toOpenDemand, toShortDemand, type UnitFacts } from './open-units';

function order(overrides: Partial<UnitFacts> = {}): UnitFacts {
  const line = { sku: 'A', knownSku: true, requiresShipping: true, kitParts: [] };
  return {
    lines: [
      { ...line, id: '1', wanted: 5, allocated: 1, shipped: 1 },
      { ...line, id: '2', wanted: 1, allocated: 1, shipped: 0 },
      { ...line, id: '3', wanted: 1, allocated: 0, shipped: 0, requiresShipping: false },
    ],
    fulfillments: [{ status: 'scheduled', lines: [{ lineId: '1', quantity: 2 }] }],
    ...overrides,
  };
}

describe('units without stock', () => {
  it('are what is wanted and neither reserved nor handed over', () => {
    expect(toOpenDemand(order())).toEqual([{ lineId: '1', sku: 'A', quantity: 3 }]);
  });

  it('are less when some may follow later', () => {
    expect(toShortDemand(order())).toEqual([{ lineId: '1', sku: 'A', quantity: 1 }]);
  });
});

describe('changes of a fulfilment order', () => {
  const work = {
    status: 'in_progress' as const,
    packed: false,
    lines: [{ lineId: '1', quantity: 3, picked: 1 }],
  };

  it('may move until something is picked', () => {
    expect(checkMove(work)).toBe(false);
    expect(checkMove({ ...work, lines: [{ lineId: '1', quantity: 3, picked: 0 }] })).toBe(true);
    expect(checkMove({ ...work, status: 'scheduled', lines: [] })).toBe(false);
  });

  it('sums what is reported short, and refuses more than is still to be picked', () => {
    const twice = [
      { lineId: '1', quantity: 1 },
      { lineId: '1', quantity: 1 },
    ];
    expect([...checkShort(work, twice)]).toEqual([['1', 2]]);
    expect(() => checkShort(work, [...twice, ...twice])).toThrow(
      expect.objectContaining({
        errors: [
          expect.objectContaining({ path: 'lines.2.quantity' }),
          expect.objectContaining({ path: 'lines.3.quantity' }),
        ],
      }),
    );
    expect(() => checkShort(work, [{ lineId: '2', quantity: 1 }])).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'lines.0.lineId' })] }),
    );
  });
});
