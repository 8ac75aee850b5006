import { isCleanText } from './text';

describe('isCleanText', () => {
  it.each(['', 'Ada Park', '李小龍', '👩‍👩‍👧 family', 'line\nbreak'])('accepts %j', (text) => {
    expect(isCleanText(text)).toBe(true);
  });

  it.each(['a\0b', '\ud83d', 'x\udc00y', '\udc00\ud83d'])('refuses %j', (text) => {
    expect(isCleanText(text)).toBe(false);
  });
});
