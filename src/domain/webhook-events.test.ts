import { documentOf, isEventPattern, WEBHOOK_TYPES } from './webhook-events';

describe('isEventPattern', () => {
  it.each(['*', 'order.*', 'credit_note.*', ...WEBHOOK_TYPES])('takes %s', (pattern) => {
    expect(isEventPattern(pattern)).toBe(true);
  });

  it.each([
    '',
    '**',
    '.*',
    'order',
    'order.',
    'order.lost',
    'orders.*',
    '*.placed',
    'constructor.*',
    'order.*.*',
    'ORDER.*',
  ])('refuses %p', (pattern) => {
    expect(isEventPattern(pattern)).toBe(false);
  });
});

describe('documentOf', () => {
  it.each([
    ['order.placed', 'order'],
    ['fulfillment.handed_over', 'fulfillmentOrder'],
    ['credit_note.issued', 'creditNote'],
    ['constructor.name', null],
  ])('%s holds %p', (type, document) => {
    expect(documentOf(type)).toBe(document);
  });

  it('knows the document of every type', () => {
    expect(WEBHOOK_TYPES.filter((type) => documentOf(type) === null)).toEqual([]);
  });
});
