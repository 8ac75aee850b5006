import {
  addDecimals,
  countOf,
  objectOf,
  objectsOf,
  textOf,
  timeOf,
  toStorableJson,
} from './foreign-document';

describe('readers of a foreign document', () => {
  it.each([
    [' a ', 'a'],
    ['', null],
    ['   ', null],
    [12.5, '12.5'],
    [null, null],
    [{}, null],
    ['🎁'.repeat(600), '🎁'.repeat(500)],
  ])('textOf(%j)', (value, text) => {
    expect(textOf(value)).toBe(text);
  });

  it.each([
    ['2026-03-01T09:30:00-05:00', '2026-03-01T14:30:00.000Z'],
    ['yesterday', null],
    ['0000-01-01T00:00:00Z', null],
    ['+010000-01-01T00:00:00Z', null],
    [5, null],
  ])('timeOf(%j)', (value, time) => {
    expect(timeOf(value)).toBe(time);
  });

  it.each([
    [0, 0],
    [3, 3],
    [-1, null],
    [1.5, null],
    [1e20, null],
    ['3', null],
  ])('countOf(%j)', (value, count) => {
    expect(countOf(value)).toBe(count);
  });

  it('objectOf and objectsOf give what is there and nothing else', () => {
    expect(objectOf([1])).toEqual({});
    expect(objectOf(null)).toEqual({});
    expect(objectsOf([{ a: 1 }, 2, null, [3]])).toEqual([{ a: 1 }]);
    expect(objectsOf({ a: 1 })).toEqual([]);
  });

  it.each([
    [[], '0'],
    [[0.0725, 0.01625], '0.08875'],
    [['0.05', 'nonsense', null], '0.05'],
    [['0.5', '0.5'], '1'],
    [[1, 2], '3'],
  ])('addDecimals(%j) is %s', (values, sum) => {
    expect(addDecimals(values)).toBe(sum);
  });
});

describe('toStorableJson', () => {
  it('takes out what no store can keep, in values and names', () => {
    const document = { 'a\0': ['x\0y', 'lone \ud800 here', '🎁'], n: 1, nothing: null };

    expect(toStorableJson(document)).toEqual({
      a: ['xy', 'lone \ufffd here', '🎁'],
      n: 1,
      nothing: null,
    });
  });

  it('ends nesting that has no end', () => {
    const deep: unknown = JSON.parse('['.repeat(5000) + ']'.repeat(5000));

    expect(JSON.stringify(toStorableJson(deep)).length).toBeLessThan(200);
  });
});
