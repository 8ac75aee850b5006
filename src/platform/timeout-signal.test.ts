import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { timeoutSignal } from './timeout-signal';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('a timeout among other reasons to stop', () => {
  it('fires though nobody keeps it', async () => {
    const stopping = new AbortController();
    const either = AbortSignal.any([timeoutSignal(100), stopping.signal]);
    const fired = new Promise((resolve) => either.addEventListener('abort', resolve));
    for (let n = 0; n < 4; n += 1) {
      await sleep(10);
      collectGarbage();
    }
    await Promise.race([fired, sleep(2000, undefined, { ref: false })]);
    expect(either.aborted).toBe(true);
    expect(either.reason).toMatchObject({ name: 'TimeoutError' });
  });
});
