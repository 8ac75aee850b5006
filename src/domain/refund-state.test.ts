import {
  isAboveLimit,
  mayRetryRefund,
  refundActions,
  standOf,
  type RefundShare,
} from './refund-state';

function shares(...statuses: RefundShare['status'][]): RefundShare[] {
  return statuses.map((status) => ({ way: 'gateway', status }));
}

describe('standOf', () => {
  it.each([
    [shares('succeeded', 'succeeded'), 'succeeded', null, false],
    [shares('failed', 'failed'), 'failed', null, false],
    [shares('succeeded', 'failed'), 'submitted', 'gateway', true],
    [shares('failed', 'pending'), 'submitted', 'gateway', false],
    [
      [...shares('submitted'), { way: 'outside', status: 'pending' }],
      'submitted',
      'gateway',
      false,
    ],
    [
      [...shares('succeeded'), { way: 'outside', status: 'pending' }],
      'submitted',
      'outside_payment',
      false,
    ],
  ] as const)('%j is %s', (parts, status, waitCode, isApart) => {
    expect(standOf(parts)).toEqual({ status, waitCode, isApart });
  });
});

describe('refundActions', () => {
  it.each([
    ['pending', 'refund_approval', ['approve', 'decline']],
    ['pending', null, []],
    ['submitted', 'gateway', []],
    ['submitted', 'outside_payment', ['record']],
    ['succeeded', null, []],
  ] as const)('%s waiting for %s: %j', (status, waitCode, actions) => {
    expect(refundActions({ status, waitCode })).toEqual(actions);
  });
});

describe('mayRetryRefund', () => {
  it.each([
    ['failed', shares('failed'), true],
    ['reversed', shares('reversed'), true],
    ['submitted', shares('succeeded', 'failed'), true],
    ['submitted', shares('submitted'), false],
    ['succeeded', shares('succeeded'), false],
    ['canceled', shares('canceled'), false],
  ] as const)('%s: %#', (status, parts, expected) => {
    expect(mayRetryRefund(status, parts)).toBe(expected);
  });
});

describe('isAboveLimit', () => {
  it('compares with the limit of the currency, and knows none without one', () => {
    expect(isAboveLimit({ USD: 500 }, 501, 'USD')).toBe(true);
    expect(isAboveLimit({ USD: 500 }, 500, 'USD')).toBe(false);
    expect(isAboveLimit({ USD: 500 }, 501, 'EUR')).toBe(false);
    expect(isAboveLimit(null, 501, 'USD')).toBe(false);
  });
});
