import fc from 'fast-check';
import { canTransition, SHIPMENT_STATUSES } from './order-state';
import { projectShipment, toShipmentStatus, type TrackingEvent } from './tracking';

const NOW = '2026-11-30T12:00:00.000Z';

/** A scan on a day of November at 12:00 UTC; a fraction is a later hour. */
function scan(code: string, day: number, id = `${code}@${String(day)}`): TrackingEvent {
  const at = Date.UTC(2026, 10, 1, 12) + Math.round((day - 1) * 86_400_000);
  return { id, code, occurredAt: new Date(at).toISOString() };
}

function statusOf(...events: TrackingEvent[]): string {
  return projectShipment(events, NOW).status;
}

describe('toShipmentStatus', () => {
  it('knows our statuses and nothing else', () => {
    expect(toShipmentStatus('out_for_delivery')).toBe('out_for_delivery');
    expect(toShipmentStatus('OD')).toBe('unknown');
    expect(toShipmentStatus('constructor')).toBe('unknown');
  });
});

describe('projectShipment', () => {
  it('is pending before any scan', () => {
    expect(projectShipment([], NOW)).toEqual({
      status: 'pending',
      statusAt: null,
      deliveredAt: null,
      failedAttempts: 0,
      clampedIds: [],
    });
  });

  it('goes by when scans happened, not by when they came', () => {
    expect(statusOf(scan('out_for_delivery', 5), scan('picked_up', 2), scan('in_transit', 3))).toBe(
      'out_for_delivery',
    );
  });

  it('compares instants across offsets', () => {
    const late = { id: 'a', code: 'in_transit', occurredAt: '2026-11-05T09:00:00+08:00' };
    const later = { id: 'b', code: 'out_for_delivery', occurredAt: '2026-11-05T02:00:00Z' };

    expect(statusOf(later, late)).toBe('out_for_delivery');
  });

  it('takes the one further along of two at one instant', () => {
    expect(statusOf(scan('out_for_delivery', 4), scan('in_transit', 4))).toBe('out_for_delivery');
  });

  it('keeps delivered against later scans, and says when it was first delivered', () => {
    const events = [scan('delivered', 6), scan('in_transit', 7), scan('delivered', 8)];

    expect(projectShipment(events, NOW)).toMatchObject({
      status: 'delivered',
      statusAt: '2026-11-06T12:00:00.000Z',
      deliveredAt: '2026-11-06T12:00:00.000Z',
    });
  });

  it.each([
    ['later', 7, 'return_to_sender'],
    ['at the same instant', 6, 'delivered'],
    ['earlier', 5, 'delivered'],
  ])('leaves delivered for a return to sender dated %s', (_case, day, status) => {
    const events = [scan('return_to_sender', day), scan('delivered', 6)];

    expect(projectShipment(events, NOW)).toMatchObject({
      status,
      deliveredAt: '2026-11-06T12:00:00.000Z',
    });
  });

  it('stays on its way back whatever is scanned on it', () => {
    const back = [scan('return_to_sender', 5), scan('in_transit', 6), scan('out_for_delivery', 7)];

    expect(statusOf(...back)).toBe('return_to_sender');
    expect(statusOf(...back, scan('delivered', 8))).toBe('delivered');
  });

  it.each(['XYZ', 'unknown', 'pending'])('is not set back by %s', (code) => {
    expect(statusOf(scan('in_transit', 3), scan(code, 4))).toBe('in_transit');
  });

  it('is unknown when no scan can be read, until one can', () => {
    expect(statusOf(scan('XYZ', 3))).toBe('unknown');
    expect(statusOf(scan('XYZ', 3), scan('picked_up', 2))).toBe('picked_up');
  });

  it('leaves lost when the parcel turns up', () => {
    expect(statusOf(scan('lost', 9), scan('in_transit', 10))).toBe('in_transit');
  });

  it('counts each failed attempt once, also after a delivery', () => {
    const events = [
      scan('delivery_failed', 3),
      scan('delivered', 5),
      scan('delivery_failed', 4),
      scan('delivery_failed', 3),
    ];

    expect(projectShipment(events, NOW)).toMatchObject({ status: 'delivered', failedAttempts: 2 });
  });

  it('takes a scan from the future as of now and names it', () => {
    const events = [scan('in_transit', 400), scan('picked_up', 2)];

    expect(projectShipment(events, NOW)).toEqual({
      status: 'in_transit',
      statusAt: NOW,
      deliveredAt: null,
      failedAttempts: 0,
      clampedIds: ['in_transit@400'],
    });
  });

  it('ignores a scan whose time cannot be read', () => {
    const broken = { id: 'x', code: 'delivered', occurredAt: 'yesterday' };

    expect(statusOf(broken, scan('in_transit', 3))).toBe('in_transit');
  });
});

describe('projectShipment, for any scans', () => {
  const scans = fc.array(
    fc
      .tuple(fc.constantFrom(...SHIPMENT_STATUSES, 'XYZ'), fc.integer({ min: 1, max: 40 }))
      .map(([code, day]) => scan(code, day)),
    { minLength: 1, maxLength: 12 },
  );

  it('gives the same for every order of arrival and any duplicates', () => {
    const arrivals = scans.chain((events) => {
      const doubled = [...events, ...events];
      const orders = fc.shuffledSubarray(doubled, { minLength: doubled.length });
      return fc.tuple(fc.constant(events), orders);
    });
    fc.assert(
      fc.property(arrivals, ([events, arrived]) => {
        expect(projectShipment(arrived, NOW)).toEqual(projectShipment(events, NOW));
      }),
      { numRuns: 500 },
    );
  });

  it('changes only as the table allows when scans come in the order they happened', () => {
    fc.assert(
      fc.property(scans, (events) => {
        const inOrder = events
          .filter((event) => event.occurredAt <= NOW)
          .toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1));
        const steps = inOrder.map((_, count) => statusAfter(inOrder.slice(0, count + 1)));
        let from = projectShipment([], NOW).status;
        for (const status of steps) {
          expect(status === from || canTransition('shipment', from, status)).toBe(true);
          from = status;
        }
      }),
    );
  });

  function statusAfter(events: readonly TrackingEvent[]) {
    return projectShipment(events, NOW).status;
  }
});
