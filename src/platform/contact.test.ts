import { normalizeEmail, normalizePhone } from './contact';

describe('normalizeEmail', () => {
  it.each([
    ['  Ada@Example.COM ', { value: 'ada@example.com', valid: true }],
    ['not an address', { value: 'not an address', valid: false }],
    ['a@b', { value: 'a@b', valid: false }],
    ['   ', null],
    [null, null],
  ])('%j is compared as %j', (given, expected) => {
    expect(normalizeEmail(given)).toEqual(expected);
  });
});

describe('normalizePhone', () => {
  it.each([
    ['+1 (415) 555-2671', null, { value: '+14155552671', valid: true }],
    ['138 0013 8000', 'CN', { value: '+8613800138000', valid: true }],
    ['0086 138-0013-8000', 'CN', { value: '+8613800138000', valid: true }],
    ['1700000', 'CN', { value: '1700000', valid: false }],
    ['020 7946 0958', 'XX', { value: '020 7946 0958', valid: false }],
    ['', 'US', null],
    [null, 'US', null],
  ])('%j from %j is %j', (given, country, expected) => {
    expect(normalizePhone(given, country)).toEqual(expected);
  });
});
