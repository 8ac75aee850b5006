import { type CancelableLine, scopeOfCancel, takeUnits } from './cancel';

function aLine(overrides: Partial<CancelableLine> = {}): CancelableLine {
  return { id: 'a', ordered: 3, wanted: 3, shipped: 0, ...overrides };
}

const B = aLine({ id: 'b', ordered: 2, wanted: 2 });

describe('scopeOfCancel', () => {
  it.each([
    ['nothing named', {}],
    ['all lines', { lineIds: ['a', 'b'] }],
    [
      'all units',
      {
        lines: [
          { lineId: 'a', quantity: 3 },
          { lineId: 'b', quantity: 2 },
        ],
      },
    ],
    ['lines and units', { lineIds: ['b'], lines: [{ lineId: 'a', quantity: 3 }] }],
  ])('%s: the whole order', (_case, names) => {
    expect(scopeOfCancel([aLine(), B], names)).toEqual({ kind: 'whole' });
  });

  it('names units, and of a line all that is left', () => {
    const names = { lineIds: ['b'], lines: [{ lineId: 'a', quantity: 1 }] };

    expect(scopeOfCancel([aLine(), B], names)).toEqual({
      kind: 'units',
      units: new Map([
        ['a', 1],
        ['b', 2],
      ]),
    });
  });

  it('after a hand-over all that is left is no cancel of the order', () => {
    const lines = [aLine({ shipped: 1 }), aLine({ id: 'b', shipped: 3 })];

    expect(scopeOfCancel(lines, { lineIds: ['a'] })).toEqual({
      kind: 'units',
      units: new Map([['a', 2]]),
    });
  });

  it.each([
    ['a line that is handed over', { lineIds: ['b'] }],
    ['more than is left', { lines: [{ lineId: 'a', quantity: 3 }] }],
  ])('%s: handed over', (_case, names) => {
    const lines = [aLine({ shipped: 1 }), aLine({ id: 'b', shipped: 3 })];

    expect(scopeOfCancel(lines, names)).toEqual({ kind: 'handed_over' });
  });

  it.each([
    ['a line', { lineIds: ['a'] }],
    ['units', { lines: [{ lineId: 'a', quantity: 2 }] }],
  ])('%s canceled before: nothing to do', (_case, names) => {
    const lines = [aLine({ wanted: 1, shipped: 1 }), B];

    expect(scopeOfCancel(lines, names)).toEqual({ kind: 'nothing' });
  });

  it.each([
    ['lineIds.1', { lineIds: ['a', 'x'] }],
    ['lines.0.lineId', { lines: [{ lineId: 'x', quantity: 1 }] }],
    ['lines.0.quantity', { lines: [{ lineId: 'a', quantity: 4 }] }],
  ])('refuses %s', (path, names) => {
    expect(() => scopeOfCancel([aLine(), B], names)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        errors: [expect.objectContaining({ path })],
      }),
    );
  });
});

describe('takeUnits', () => {
  const shelf = { fulfillmentOrderId: null, location: 'BOS', units: 1, effort: 2 };
  const packed = { fulfillmentOrderId: 'f', location: 'LON', units: 5, effort: 6 };

  it('takes where the least work is lost', () => {
    expect(takeUnits([packed, shelf], 3)).toEqual([
      { fulfillmentOrderId: null, location: 'BOS', units: 1 },
      { fulfillmentOrderId: 'f', location: 'LON', units: 2 },
    ]);
  });

  it('leaves out what is nowhere', () => {
    expect(takeUnits([shelf], 3)).toEqual([
      { fulfillmentOrderId: null, location: 'BOS', units: 1 },
    ]);
  });
});
