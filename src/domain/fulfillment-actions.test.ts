import { fulfillmentActions } from './fulfillment-actions';
import type { FulfillmentOrderStatus } from './order-state';

describe('fulfillmentActions', () => {
  const fresh = { allPicked: false, packed: false, heldOrder: false };

  it.each<[FulfillmentOrderStatus, Partial<typeof fresh>, string[]]>([
    ['open', {}, ['start', 'report-short', 'hold']],
    ['open', { heldOrder: true }, ['start', 'report-short', 'hold']],
    ['scheduled', {}, []],
    ['on_hold', {}, ['release']],
    ['in_progress', {}, ['pick', 'report-short']],
    ['in_progress', { heldOrder: true }, ['pick', 'report-short']],
    ['in_progress', { allPicked: true }, ['pack']],
    ['in_progress', { allPicked: true, heldOrder: true }, []],
    ['in_progress', { allPicked: true, packed: true }, ['hand-over']],
    ['in_progress', { allPicked: true, packed: true, heldOrder: true }, []],
    ['closed', { allPicked: true, packed: true }, []],
    ['canceled', {}, []],
  ])('%s %j: %j', (status, overrides, actions) => {
    expect(fulfillmentActions(status, { ...fresh, ...overrides })).toEqual(actions);
  });
});
