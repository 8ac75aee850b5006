import fc from 'fast-check';

import { allowedActions, handOverFacts, type OrderActionFacts } from './order-actions';
import { canTransition, type FulfillmentOrderStatus, ORDER_STATUSES } from './order-state';

function orderFacts(overrides: Partial<OrderActionFacts> = {}): OrderActionFacts {
  return {
    status: 'processing',
    paidBy: 'card',
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
    [
      'waiting for payment in advance',
      { status: 'confirmed', waitCode: 'payment', paidBy: 'outside' },
      ['cancel', 'amend', 'hold', 'record-payment', 'notes'],
    ],
    [
      'completed on invoice',
      { status: 'completed', handedOver: 'all', paidBy: 'outside' },
      ['record-payment', 'notes'],
    ],
    ['canceled on invoice', { status: 'canceled', paidBy: 'outside' }, ['notes']],
    ['being canceled on invoice', { canceling: true, paidBy: 'outside' }, ['notes']],
    ['completed, paid on delivery', { status: 'completed', paidBy: 'other' }, ['notes']],
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
      paidBy: fc.constantFrom('card' as const, 'outside', 'other'),
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
