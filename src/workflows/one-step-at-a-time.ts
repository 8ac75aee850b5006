import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/**
 * Local activities of one workflow run one after the other, in the order in which they were asked for. Two at once would
 * be answered apart the first time and together in a replay, so what waits for the first would act before the second was
 * answered, and later after it: a history that no worker can take over (ADR 11). They wait for the same row anyway. What
 * is tried again after a pause lets others pass meanwhile. The engine's bundle takes this by its name.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let last: Promise<unknown> = Promise.resolve();
  return {
    outbound: [
      {
        scheduleLocalActivity(input, next) {
          const answer = last.then(() => next(input));
          last = answer.catch(() => undefined);
          return answer;
        },
      },
    ],
  };
};
