import { toWaitingFor, type WaitFacts } from './waiting-for';

function facts(overrides: Partial<WaitFacts> = {}): WaitFacts {
  return {
    stage: 'reserve',
    waitCode: null,
    waitDetail: null,
    waitSince: '2026-01-01T00:00:01.000Z',
    waitUntil: '2026-01-02T00:00:00.000Z',
    exceptions: { since: '2026-01-01T00:00:05.000Z', kinds: ['delivery_failed', 'lost'] },
    hold: { since: '2026-01-01T00:00:02.000Z', types: ['fraud', 'manual'] },
    work: {
      since: '2026-01-01T00:00:03.000Z',
      locations: ['BOS', null, 'LAX'],
      handedOverAt: '2026-01-01T00:00:04.000Z',
    },
    ...overrides,
  };
}

describe('toWaitingFor', () => {
  it.each(['intake', 'reserve', 'pay', 'fulfill', 'track', 'complete', 'completed', 'canceled'])(
    'is null in stage %s, which waits for nobody',
    (stage) => {
      expect(toWaitingFor(facts({ stage }))).toBeNull();
    },
  );

  it.each(['review', 'finance_review', 'shortage', 'payment', 'void'])(
    'says an order-level wait first: %s',
    (waitCode) => {
      const waiting = toWaitingFor(facts({ stage: waitCode, waitCode }));

      expect(waiting).toEqual({
        code: waitCode,
        detail: expect.stringMatching(/\.$/),
        since: '2026-01-01T00:00:01.000Z',
        until: '2026-01-02T00:00:00.000Z',
      });
    },
  );

  it("keeps the step's own sentence", () => {
    const waiting = toWaitingFor(
      facts({ stage: 'review', waitCode: 'review', waitDetail: 'escalated' }),
    );

    expect(waiting?.detail).toBe('escalated');
  });

  it('is null while a review runs that nobody must decide', () => {
    expect(toWaitingFor(facts({ stage: 'review' }))).toBeNull();
  });

  it.each([
    [
      'delivery_exception',
      'A shipment could not be delivered, is lost: somebody must decide how it goes on.',
      '2026-01-01T00:00:05.000Z',
    ],
    ['hold', 'A hold must be released: fraud, manual.', '2026-01-01T00:00:02.000Z'],
    [
      'warehouse',
      'The warehouse (BOS, LAX) must start, pick, pack or hand over.',
      '2026-01-01T00:00:03.000Z',
    ],
    ['carrier', 'The carrier has it: a delivery scan is awaited.', '2026-01-01T00:00:04.000Z'],
  ])('names what %s waits for and since when', (stage, detail, since) => {
    expect(toWaitingFor(facts({ stage }))).toEqual({
      code: stage,
      detail,
      since,
      until: '2026-01-02T00:00:00.000Z',
    });
  });
});
