import { withinLimit } from './deadline';

describe('withinLimit', () => {
  const nobody = () => undefined;

  it('passes on what comes in time', async () => {
    await expect(withinLimit(Promise.resolve(7), nobody, 1000)).resolves.toBe(7);
    await expect(withinLimit(Promise.reject(new Error('no')), nobody, 1000)).rejects.toThrow('no');
  });

  it('refuses what takes longer, and tells of its late failure', async () => {
    let fail: (err: Error) => void = nobody;
    const late: unknown[] = [];
    const work = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });

    await expect(withinLimit(work, (err) => late.push(err), 5)).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    fail(new Error('too late'));
    await expect(work).rejects.toThrow('too late');

    expect(late).toEqual([expect.objectContaining({ message: 'too late' })]);
  });
});
