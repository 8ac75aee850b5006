import { decodeCursor, idAfter, keysAfter, numberAfter, timeAndKeyAfter, toPage } from './page';

const ID = '0199d4a0-0000-7000-8000-000000000001';

function cursorOf(...parts: (string | number)[]): string {
  const { nextCursor } = toPage([0, 0], 1, String, () => parts);
  return String(nextCursor);
}

describe('toPage', () => {
  it('cuts off the extra row and points behind the last item sent', () => {
    const page = toPage([3, 2, 1], 2, String, (n) => [n]);

    expect(page.items).toEqual(['3', '2']);
    expect(decodeCursor(String(page.nextCursor), 1)).toEqual(['2']);
  });

  it('has no cursor on the last page', () => {
    expect(toPage([2, 1], 2, String, (n) => [n])).toEqual({ items: ['2', '1'], nextCursor: null });
    expect(toPage([], 2, String, () => [])).toEqual({ items: [], nextCursor: null });
  });
});

describe('cursors', () => {
  it('come back as they were given out', () => {
    expect(idAfter(cursorOf(ID))).toBe(ID);
    expect(numberAfter(cursorOf(42))).toBe(42);
    expect(keysAfter(cursorOf('a', '茶'), 2)).toEqual(['a', '茶']);
    expect(timeAndKeyAfter(cursorOf('2026-11-22T10:00:00.123456Z', 'k'))).toEqual({
      at: '2026-11-22T10:00:00.123456Z',
      key: 'k',
    });
    expect(idAfter(undefined)).toBeNull();
  });

  it.each([
    ['no base64', () => idAfter('%%%')],
    ['no JSON', () => idAfter('abcd')],
    ['an id that is none', () => idAfter(cursorOf('x'))],
    ['a number that is none', () => numberAfter(cursorOf('1e5'))],
    ['a time that is none', () => timeAndKeyAfter(cursorOf('2026-13-99T10:00:00.123456Z', 'k'))],
    ['NUL in a key', () => keysAfter(cursorOf('a\0b'), 1)],
    ['another list', () => idAfter(cursorOf(ID, ID))],
  ])('are refused: %s', (_what, read) => {
    expect(read).toThrow('validation_failed');
  });
});
