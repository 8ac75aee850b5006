import fc from 'fast-check';

import {
  type DeliveryNews,
  type DeliveryRules,
  readDeliveryNews,
  shipmentActions,
  type ShipmentFacts,
} from './delivery-exception';
import { projectShipment, type TrackingEvent } from './tracking';

const RULES: DeliveryRules = { maxAttempts: 3, lostAction: 'ask' };

function facts(overrides: Partial<ShipmentFacts> = {}): ShipmentFacts {
  return {
    status: 'in_transit',
    isDelivered: false,
    failedAttempts: 0,
    recordedAttempts: 0,
    recordedStatus: null,
    exception: null,
    ...overrides,
  };
}

describe('readDeliveryNews', () => {
  it('has nothing to say of a parcel on its way', () => {
    expect(readDeliveryNews(facts(), RULES)).toBeNull();
    expect(readDeliveryNews(facts({ failedAttempts: 2, recordedAttempts: 2 }), RULES)).toBeNull();
  });

  it('names each failed attempt once, and asks a person at the last allowed one', () => {
    const two = readDeliveryNews(facts({ status: 'delivery_failed', failedAttempts: 2 }), RULES);
    expect(two).toMatchObject({ attempts: [1, 2], exception: null });

    const third = facts({ status: 'delivery_failed', failedAttempts: 3, recordedAttempts: 2 });
    expect(readDeliveryNews(third, RULES)).toMatchObject({
      attempts: [3],
      exception: 'delivery_failed',
    });
    expect(readDeliveryNews(third, { ...RULES, maxAttempts: null })?.exception).toBeNull();
  });

  it('says that a silent parcel is lost, and that one more scan ends that', () => {
    expect(readDeliveryNews(facts({ status: 'lost' }), RULES)).toMatchObject({
      isLost: true,
      exception: 'lost',
      action: null,
    });
    const found = facts({ recordedStatus: 'lost', exception: 'lost' });
    expect(readDeliveryNews(found, RULES)).toMatchObject({ isFound: true, exception: null });
  });

  it.each(['refund', 'resend'] as const)(
    'does by itself what the policy says: %s',
    (lostAction) => {
      const news = readDeliveryNews(facts({ status: 'lost' }), { ...RULES, lostAction });
      expect(news?.action).toBe(lostAction);
    },
  );

  it('asks about the last failed attempt of a parcel that turned up with it', () => {
    const found = facts({ failedAttempts: 3, recordedAttempts: 2, recordedStatus: 'lost' });
    expect(readDeliveryNews(found, RULES)).toMatchObject({
      isFound: true,
      exception: 'delivery_failed',
    });
  });

  it('asks nobody about a parcel that comes back', () => {
    const back = facts({ status: 'return_to_sender', failedAttempts: 3, exception: 'lost' });
    expect(readDeliveryNews(back, RULES)).toMatchObject({ isReturning: true, exception: null });
    expect(
      readDeliveryNews({ ...back, recordedStatus: 'return_to_sender', recordedAttempts: 3 }, RULES),
    ).toBeNull();
  });

  it('does not go back over a parcel that has arrived, unless it comes back', () => {
    const there = facts({ status: 'delivered', isDelivered: true, failedAttempts: 3 });
    expect(readDeliveryNews(there, RULES)).toBeNull();
    expect(readDeliveryNews({ ...there, status: 'return_to_sender' }, RULES)).toMatchObject({
      isReturning: true,
      attempts: [],
    });
  });
});

/** Records like the order's step does. */
function record(known: ShipmentFacts, news: DeliveryNews | null): ShipmentFacts {
  if (news === null) return known;
  const recordedStatus = news.isReturning
    ? 'return_to_sender'
    : news.isLost
      ? 'lost'
      : news.isFound
        ? null
        : known.recordedStatus;
  return {
    ...known,
    recordedStatus,
    recordedAttempts: Math.max(known.recordedAttempts, known.failedAttempts),
    exception: news.exception,
  };
}

describe('scans of a parcel that was not delivered', () => {
  const CODES = ['picked_up', 'in_transit', 'delivery_failed', 'out_for_delivery'] as const;
  const scans = fc.array(fc.constantFrom(...CODES), { minLength: 1, maxLength: 10 }).map((codes) =>
    codes.map((code, n): TrackingEvent => {
      const occurredAt = new Date(Date.UTC(2026, 10, 1) + n * 3_600_000).toISOString();
      return { id: `scan-${String(n)}`, code, occurredAt };
    }),
  );

  it('bring the same news in any order of arrival, with repeats, looked at after any of them', () => {
    const arrivals = scans.chain((events) => {
      const all = [...events, ...events.slice(0, 3)];
      return fc.record({
        events: fc.constant(events),
        order: fc.shuffledSubarray(all, { minLength: all.length }),
        looks: fc.array(fc.boolean(), { minLength: all.length, maxLength: all.length }),
      });
    });
    fc.assert(
      fc.property(arrivals, ({ events, order, looks }) => {
        let known = facts({ status: 'pending' });
        const told: number[] = [];
        order.forEach((_, n) => {
          if (looks[n] !== true && n < order.length - 1) return;
          const { status, failedAttempts } = projectShipment(
            order.slice(0, n + 1),
            '2026-12-01T00:00:00.000Z',
          );
          known = { ...known, status, failedAttempts };
          const news = readDeliveryNews(known, RULES);
          told.push(...(news?.attempts ?? []));
          known = record(known, news);
        });

        const failed = events.filter(({ code }) => code === 'delivery_failed').length;
        expect(told).toEqual(Array.from({ length: failed }, (_, n) => n + 1));
        expect(known.exception).toBe(failed >= 3 ? 'delivery_failed' : null);
      }),
      { numRuns: 500 },
    );
  });
});

describe('shipmentActions', () => {
  const shipped = {
    isShipped: true,
    isDelivered: false,
    status: 'in_transit',
    exception: null,
    givenUpAs: null,
  } as const;

  it.each([
    ['in the house', { isShipped: false }, []],
    ['on its way', {}, ['intercept']],
    ['lost', { status: 'lost', exception: 'lost' }, ['intercept', 'resolve']],
    ['coming back', { status: 'return_to_sender' }, []],
    ['delivered', { status: 'delivered', isDelivered: true }, ['dispute-delivery']],
    [
      'disputed',
      { status: 'delivered', isDelivered: true, exception: 'delivery_disputed' },
      ['resolve'],
    ],
    ['sent again', { status: 'lost', givenUpAs: 'resend' }, []],
  ] as const)('%s', (_case, overrides, actions) => {
    expect(shipmentActions({ ...shipped, ...overrides })).toEqual(actions);
  });
});
