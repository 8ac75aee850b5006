import { type Client, ServiceError } from '@temporalio/client';

import { isEngineOutage, whenReady } from './engine-call';
import { startDocument } from './document-engine';
import { countWorkflows, isRunning, placeOrder, resumeOrder, signalFact } from './order-engine';

/** An engine that takes every call and answers none, as one that is killed with the call in hand. */
function silentClient(): Client {
  const never = (): Promise<never> => new Promise(() => undefined);
  const workflow = {
    start: never,
    count: never,
    executeUpdateWithStart: never,
    getHandle: () => ({ signal: never, describe: never }),
  };
  const withDeadline = (_deadline: number, call: () => Promise<unknown>) => call();
  return { workflow, withDeadline } as unknown as Client;
}

const client = silentClient();
const engine = { client, taskQueuePrefix: '' };
const order = { orderId: 'o', orderNo: 'T1', channel: 'web' };

describe('an answer that never comes holds nobody', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['signalFact', () => signalFact(client, 'order/o', { id: 'i', kind: 'k', ref: 'r' })],
    ['isRunning', () => isRunning(client, 'order/o')],
    ['countWorkflows', () => countWorkflows(client, '')],
    ['resumeOrder', () => resumeOrder(engine, order)],
    ['placeOrder', () => placeOrder(engine, order, 5_000)],
    ['startDocument', () => startDocument(engine, { kind: 'refund', id: 'r', label: 'Refund' })],
  ])('%s', async (_name, call) => {
    const outcome = call().catch((err: unknown) => err);
    await jest.advanceTimersByTimeAsync(5_000);
    const seen = await Promise.race([outcome, Promise.resolve('it waits')]);
    expect(seen).toMatchObject({ name: 'EngineTimeout' });
    expect(isEngineOutage(seen)).toBe(true);
  });
});

describe('an update that the engine refuses as a whole', () => {
  const refusal = (code: number): ServiceError =>
    new ServiceError('update failed', {
      cause: Object.assign(new Error('refused'), { code, details: 'not ready', metadata: {} }),
    });

  it('is sent again while its workflow is not ready', async () => {
    const send = jest
      .fn<Promise<string>, []>()
      .mockRejectedValueOnce(refusal(9))
      .mockResolvedValueOnce('taken');

    await expect(whenReady(send)).resolves.toBe('taken');
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('is not sent again after any other fault', async () => {
    const send = jest.fn<Promise<string>, []>().mockRejectedValue(refusal(14));

    await expect(whenReady(send)).rejects.toThrow('update failed');
    expect(send).toHaveBeenCalledTimes(1);
  });
});
