import { canTransition, MACHINES, type MachineName, sourcesOf, targetsOf } from './order-state';

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
