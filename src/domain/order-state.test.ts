import fc from 'fast-check';
import {
  allowedActions,
  canTransition,
  handOverFacts,
  MACHINES,
  ORDER_STATUSES,
  sourcesOf,
  targetsOf,
  type FulfillmentOrderStatus,
  type MachineName,
  type OrderActionFacts,
} from './order-state';

const MACHINE_NAMES: readonly MachineName[] = [
  'order',
  'fulfillmentOrder',
  'shipment',
  'payment',
  'refund',
  'reservation',
  'hold',
  'return',
];

/** The machine as plain text, for checks that hold for every machine. */
function tableOf(machine: MachineName) {
  const { initial, statuses, to } = MACHINES[machine];
  return { initial, statuses, to: new Map<string, readonly string[]>(Object.entries(to)) };
}

describe.each(MACHINE_NAMES)('the %s table', (name) => {
  const { initial, statuses, to } = tableOf(name);

  it('has a row for each status and no other', () => {
    expect([...to.keys()].toSorted()).toEqual([...statuses].toSorted());
  });

  it('names only its own statuses, none twice, none as its own target', () => {
    for (const [from, targets] of to) {
      expect(statuses).toEqual(expect.arrayContaining([...targets]));
      expect(new Set(targets).size).toBe(targets.length);
      expect(targets).not.toContain(from);
    }
  });

  it('reaches every status from where it may start', () => {
    const reached = new Set<string>(initial);
    for (const status of reached) to.get(status)?.forEach((target) => reached.add(target));

    expect([...reached].toSorted()).toEqual([...statuses].toSorted());
  });
});

describe('MACHINES', () => {
  it('covers every machine named', () => {
    expect(Object.keys(MACHINES).toSorted()).toEqual([...MACHINE_NAMES].toSorted());
  });

  it.each([
    ['order', ['completed', 'canceled', 'expired']],
    ['fulfillmentOrder', ['closed', 'incomplete', 'canceled']],
    ['shipment', []],
    ['payment', ['captured', 'expired', 'declined', 'failed']],
    ['refund', ['canceled']],
    ['reservation', ['consumed', 'released', 'expired']],
    ['hold', ['released']],
    ['return', ['declined', 'closed', 'canceled', 'expired']],
  ] as const)('the final statuses of %s are %j', (name, finals) => {
    const { statuses, to } = tableOf(name);

    expect(statuses.filter((status) => to.get(status)?.length === 0)).toEqual(finals);
  });
});

describe('transitions', () => {
  it('follow the table', () => {
    expect(canTransition('order', 'pending', 'in_review')).toBe(true);
    expect(canTransition('order', 'completed', 'canceled')).toBe(false);
    expect(canTransition('order', 'pending', 'pending')).toBe(false);
    expect(canTransition('shipment', 'delivered', 'return_to_sender')).toBe(true);
    expect(canTransition('shipment', 'delivered', 'in_transit')).toBe(false);
    expect(targetsOf('fulfillmentOrder', 'scheduled')).toEqual(['open', 'canceled']);
  });

  it('tell what a guarded update compares with', () => {
    expect(sourcesOf('order', 'canceled')).toEqual([
      'pending',
      'in_review',
      'confirmed',
      'processing',
    ]);
    expect(sourcesOf('fulfillmentOrder', 'closed')).toEqual(['in_progress']);
  });
});

function orderFacts(overrides: Partial<OrderActionFacts> = {}): OrderActionFacts {
  return {
    status: 'processing',
    waitCode: null,
    handedOver: 'none',
    isBackordered: false,
    activeHolds: 0,
    canceling: false,
    ...overrides,
  };
}

describe('allowedActions', () => {
  it.each<[string, Partial<OrderActionFacts>, string[]]>([
    [
      'in review',
      { status: 'in_review', waitCode: 'review' },
      ['approve', 'reject', 'cancel', 'amend', 'hold', 'notes'],
    ],
    [
      'short of stock',
      { status: 'confirmed', waitCode: 'shortage' },
      ['cancel', 'amend', 'hold', 'resolve-shortage', 'notes'],
    ],
    [
      'waiting for payment, on hold',
      { status: 'confirmed', waitCode: 'payment', activeHolds: 1 },
      ['cancel', 'amend', 'hold', 'release', 'retry-payment', 'notes'],
    ],
    ['in the warehouse', {}, ['cancel', 'amend', 'hold', 'move-fulfillment', 'notes']],
    [
      'partly handed over',
      { handedOver: 'some' },
      ['cancel', 'amend', 'hold', 'move-fulfillment', 'notes'],
    ],
    ['waiting for stock', { isBackordered: true }, ['cancel', 'amend', 'hold', 'notes']],
    ['handed over', { handedOver: 'all' }, ['hold', 'notes']],
    ['being canceled', { canceling: true }, ['notes']],
    ['waiting for a void', { waitCode: 'void', activeHolds: 1 }, ['notes']],
    ['completed', { status: 'completed', handedOver: 'all' }, ['notes']],
    ['canceled with a hold left', { status: 'canceled', activeHolds: 1 }, ['notes']],
  ])('%s', (_case, overrides, actions) => {
    expect(allowedActions(orderFacts(overrides))).toEqual(actions);
  });

  it.each<[string, FulfillmentOrderStatus[], object]>([
    ['nothing to hand over', [], { handedOver: 'none', isBackordered: false }],
    ['all to be packed', ['open', 'on_hold'], { handedOver: 'none', isBackordered: false }],
    ['a part is a backorder', ['open', 'scheduled'], { handedOver: 'none', isBackordered: false }],
    ['the rest is one', ['closed', 'scheduled'], { handedOver: 'some', isBackordered: true }],
    ['all of it is one', ['scheduled', 'canceled'], { handedOver: 'none', isBackordered: true }],
    ['all handed over', ['closed', 'canceled'], { handedOver: 'all', isBackordered: false }],
  ])('%s', (_case, statuses, facts) => {
    expect(handOverFacts(statuses)).toEqual(facts);
  });

  it('offers cancel only where the table leads to canceled', () => {
    const anyFacts = fc.record({
      status: fc.constantFrom(...ORDER_STATUSES),
      waitCode: fc.constantFrom('review' as const, 'shortage', 'payment', 'void', null),
      handedOver: fc.constantFrom('none' as const, 'some', 'all'),
      isBackordered: fc.boolean(),
      activeHolds: fc.nat({ max: 2 }),
      canceling: fc.boolean(),
    });
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const actions = allowedActions(facts);

        expect(actions).toContain('notes');
        const isCancelable = canTransition('order', facts.status, 'canceled');
        expect(isCancelable || !actions.includes('cancel')).toBe(true);
      }),
    );
  });
});
