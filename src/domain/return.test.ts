import fc from 'fast-check';
import {
  findReturnRefusals,
  inspectUnits,
  isAutoApproved,
  receiveUnits,
  refusalByRule,
  type ReturnableLine,
  returnableUnits,
  type ReturnLineState,
  unitsToRefund,
} from './return';

const NOW = '2026-03-01T12:00:00.000Z';

function orderLine(overrides: Partial<ReturnableLine> = {}): ReturnableLine {
  return {
    lineId: 'a',
    delivered: 3,
    requested: 0,
    returned: 0,
    rejected: 0,
    rule: 'standard',
    windowEndsAt: '2026-03-10T00:00:00.000Z',
    ...overrides,
  };
}

function returnLine(overrides: Partial<ReturnLineState> = {}): ReturnLineState {
  return {
    lineId: 'a',
    quantity: 3,
    received: 0,
    receivedNew: 0,
    accepted: 0,
    rejected: 0,
    condition: null,
    disposition: null,
    reception: 'awaiting',
    rule: 'standard',
    ...overrides,
  };
}

describe('findReturnRefusals', () => {
  it.each<[string, Partial<ReturnableLine>, number, string | null]>([
    ['all that was delivered', {}, 3, null],
    ['more than was delivered', {}, 4, 'return_exceeds_delivered'],
    ['units in another return', { requested: 2 }, 2, 'return_exceeds_delivered'],
    ['units returned before', { returned: 1, rejected: 1 }, 2, 'return_exceeds_delivered'],
    ['a unit beside those returned before', { returned: 1, rejected: 1 }, 1, null],
    ['final sale', { rule: 'final_sale' }, 1, 'not_returnable'],
    ['hazardous goods', { rule: 'hazardous' }, 1, 'not_returnable'],
    ['hygiene products, which must come back new', { rule: 'hygiene' }, 1, null],
    ['a window that is over', { windowEndsAt: '2026-03-01T11:59:59Z' }, 1, 'return_window_closed'],
    ['the last moment of the window', { windowEndsAt: NOW }, 1, null],
    ['no window', { windowEndsAt: null }, 1, null],
    ['nothing delivered', { delivered: 0 }, 1, 'return_exceeds_delivered'],
  ])('%s', (_case, line, quantity, code) => {
    const refusals = findReturnRefusals([{ lineId: 'a', quantity }], [orderLine(line)], NOW);

    expect(refusals.map((refusal) => refusal.code)).toEqual(code === null ? [] : [code]);
  });

  it('names each line of the request that cannot come back', () => {
    const lines = [orderLine(), orderLine({ lineId: 'b', rule: 'final_sale' })];
    const asked = ['a', 'b', 'c', 'a'].map((lineId) => ({ lineId, quantity: 1 }));

    const refusals = findReturnRefusals(asked, lines, NOW);

    expect(refusals.map(({ code, error }) => [code, error.path])).toEqual([
      ['not_returnable', 'lines.1'],
      ['validation_failed', 'lines.2.lineId'],
      ['validation_failed', 'lines.3.lineId'],
    ]);
  });

  it('never lets more units go than were delivered', () => {
    const units = fc.nat({ max: 20 });
    const line = fc.record({
      delivered: units,
      requested: units,
      returned: units,
      rejected: units,
    });
    fc.assert(
      fc.property(line, (counters) => {
        const { delivered, requested, returned, rejected } = counters;
        const free = returnableUnits(orderLine(counters));

        expect(free).toBe(Math.max(0, delivered - requested - returned - rejected));
      }),
    );
  });
});

describe('refusalByRule', () => {
  it('says nothing of the units', () => {
    expect(refusalByRule(orderLine({ delivered: 0 }), NOW)).toBeNull();
  });
});

describe('receiveUnits', () => {
  it('adds up what comes in parts, and names the worst condition', () => {
    const first = receiveUnits(
      [returnLine()],
      [{ lineId: 'a', quantity: 1, condition: 'new' }],
      false,
    );
    expect(first).toMatchObject({
      kind: 'received',
      isComplete: false,
      lines: [{ received: 1, receivedNew: 1, reception: 'awaiting' }],
    });
    const lines = first.kind === 'received' ? first.lines : [];
    const second = receiveUnits(lines, [{ lineId: 'a', quantity: 2, condition: 'damaged' }], false);
    expect(second).toMatchObject({
      isComplete: true,
      lines: [{ received: 3, receivedNew: 1, condition: 'damaged', reception: 'received' }],
    });
  });

  it.each([
    ['what is missing is short', 2, 'new', 'short'],
    ['nothing came at all', 0, 'new', 'short'],
    ['something else came', 3, 'wrong_item', 'wrong_item'],
  ] as const)('complete: %s', (_case, quantity, condition, reception) => {
    const receipts = quantity === 0 ? [] : [{ lineId: 'a', quantity, condition }];

    const receipt = receiveUnits([returnLine()], receipts, true);

    expect(receipt).toMatchObject({ isComplete: true, lines: [{ reception }] });
  });

  it('refuses more than is awaited, over several rows too', () => {
    const row = { lineId: 'a', quantity: 2, condition: 'new' } as const;

    expect(receiveUnits([returnLine()], [row, row], false)).toEqual({
      kind: 'refused',
      errors: [{ path: 'lines.1.quantity', message: 'more than the 1 still awaited' }],
    });
  });
});

describe('inspectUnits', () => {
  const received = returnLine({ received: 3, receivedNew: 1, condition: 'opened' });

  it('is done when the receipt is complete and all of it decided', () => {
    const first = inspectUnits(
      [received],
      [{ lineId: 'a', accepted: 2, rejected: 0, disposition: 'restock' }],
      true,
    );
    expect(first).toMatchObject({
      isDone: false,
      units: [{ lineId: 'a', units: 2, disposition: 'restock' }],
    });
    const lines = first.kind === 'inspected' ? first.lines : [];
    const last = [{ lineId: 'a', accepted: 0, rejected: 1, disposition: null }];
    expect(inspectUnits(lines, last, false)).toMatchObject({ isDone: false });
    expect(inspectUnits(lines, last, true)).toMatchObject({
      isDone: true,
      units: [],
      lines: [{ accepted: 2, rejected: 1, disposition: 'restock' }],
    });
  });

  it.each([
    ['more than was received', 3, 1, 'restock', 'standard', 'lines.0.accepted'],
    ['no place for what is accepted', 1, 0, null, 'standard', 'lines.0.disposition'],
    ['a hygiene product that was opened', 2, 0, 'restock', 'hygiene', 'lines.0.accepted'],
  ] as const)('refuses %s', (_case, accepted, rejected, disposition, rule, path) => {
    const inspection = { lineId: 'a', accepted, rejected, disposition };

    const outcome = inspectUnits([{ ...received, rule }], [inspection], true);

    expect(outcome).toMatchObject({ kind: 'refused', errors: [{ path }] });
  });

  it('decides on no unit twice, however it is split', () => {
    const step = fc.record({ accepted: fc.nat({ max: 4 }), rejected: fc.nat({ max: 4 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        let lines: readonly ReturnLineState[] = [received];
        for (const one of steps) {
          const inspection = { lineId: 'a', ...one, disposition: 'scrap' } as const;
          const outcome = inspectUnits(lines, [inspection], true);
          if (outcome.kind === 'inspected') lines = outcome.lines;
        }
        const [line] = lines;

        expect((line?.accepted ?? 0) + (line?.rejected ?? 0)).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe('unitsToRefund', () => {
  it.each([
    ['all that was accepted', { refundedUnits: 0, refundedShipped: 0, returned: 2 }, 2, 2],
    [
      'less what was refunded without it',
      { refundedUnits: 1, refundedShipped: 1, returned: 2 },
      2,
      1,
    ],
    ['nothing twice', { refundedUnits: 1, refundedShipped: 1, returned: 1 }, 1, 0],
    [
      'whatever canceled units gave back',
      { refundedUnits: 2, refundedShipped: 0, returned: 1 },
      1,
      1,
    ],
    ['a second return', { refundedUnits: 1, refundedShipped: 1, returned: 3 }, 2, 2],
  ])('refunds %s', (_case, line, accepted, units) => {
    expect(unitsToRefund({ quantity: 3, ...line }, accepted)).toBe(units);
  });
});

describe('isAutoApproved', () => {
  it.each([
    [999, { USD: 1000 }, true],
    [1000, { USD: 1000 }, false],
    [1, { EUR: 1000 }, false],
    [0, {}, false],
  ])('a return worth %d with the limits %j: %s', (valueMinor, limits, approved) => {
    expect(isAutoApproved(valueMinor, 'USD', limits)).toBe(approved);
  });
});
