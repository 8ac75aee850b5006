import { isTimeZone } from './time-zone';

describe('a time zone', () => {
  it.each([
    'UTC',
    'Asia/Shanghai',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'Europe/Kyiv',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT+5',
  ])('may be %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['', 'Moon/Tranquility', '+08:00', 'Asia/Shanghai ', 'local', 'UTC+8'])(
    'is not %s',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});
