import { ApplicationFailure, condition, setCurrentDetails } from '@temporalio/workflow';
import type { RecordedFact } from '../contracts/order-process';
import type { ReturnState } from '../contracts/return-process';
import { allowedReturnActions, type ReturnAction } from '../domain/return-state';
import { returnSteps } from './activities';
import { untilDeadline } from './deadline';

export interface ReturnRun {
  readonly returnId: string;
  readonly state: ReturnState;
  readonly hasBegun: () => boolean;
  begin(state: ReturnState): void;
  /** Takes over what a step found or left; an older answer changes nothing. */
  apply(state: ReturnState): void;
  /** Takes over a step's answer; meanwhile the tables may be ahead of `state`. */
  perform(step: Promise<ReturnState>): Promise<void>;
  isPerforming(): boolean;
  /** Waits while `isPending`; false when the state's deadline passed first. */
  waitWhile(isPending: () => boolean, summary: string): Promise<boolean>;
  hear(fact: RecordedFact): Promise<void>;
  /** True once after each news of a refund. */
  hasRefundNews(): boolean;
  allowedActions(): ReturnAction[];
}

/** The state of one return's run. */
export function startReturnRun(returnId: string): ReturnRun {
  const heard = new Set<string>();
  let current: ReturnState | undefined;
  let underWay = 0;
  let isRefundNews = false;

  const run: ReturnRun = {
    returnId,
    get state() {
      if (current === undefined)
        throw ApplicationFailure.nonRetryable('the return is not open yet', 'engine_unavailable');
      return current;
    },
    hasBegun: () => current !== undefined,
    begin(state) {
      current = state;
      setCurrentDetails(describeReturn(state, run.allowedActions()));
    },
    apply(state) {
      if (state.rev >= run.state.rev) run.begin(state);
    },
    async perform(step) {
      underWay += 1;
      try {
        run.apply(await step);
      } finally {
        underWay -= 1;
      }
    },
    isPerforming: () => underWay > 0,
    waitWhile: (isPending, summary) => untilDeadline(run.state.until, () => !isPending(), summary),
    async hear(fact) {
      if (heard.has(fact.id)) return;
      heard.add(fact.id);
      if (fact.kind.startsWith('refund_')) isRefundNews = true;
      if (fact.kind !== 'state_changed') return;
      await condition(run.hasBegun);
      await run.perform(returnSteps.readReturn({ returnId }));
    },
    hasRefundNews() {
      const wasNews = isRefundNews;
      isRefundNews = false;
      return wasNews;
    },
    allowedActions() {
      const { kind, status, waitCode, hasUninspected } = run.state;
      const isSettling = waitCode === 'refund';
      return allowedReturnActions({ kind, status, isSettling, hasUninspected });
    },
  };
  return run;
}

const WAITS: Readonly<Record<string, string>> = {
  return_approval:
    'A person must decide: update `approve` or `decline` with `{ "reasonCode": "…" }`.',
  return_goods: 'The goods are awaited; the warehouse receives them through the API.',
  inspection: 'The warehouse must inspect what came, through the API.',
  refund: 'The refund runs in a workflow of its own.',
};

/** What an operator reads in the Web UI. */
function describeReturn(state: ReturnState, actions: readonly string[]): string {
  const { returnNo, kind, status, waitCode, until } = state;
  const lines = [
    `**${returnNo}** · ${kind} · status **${status}**`,
    waitCode === null ? 'Running; nothing to do.' : (WAITS[waitCode] ?? waitCode),
  ];
  if (until !== null) lines.push(`Deadline: ${until} (UTC)`);
  lines.push(`Legal commands: ${actions.map((action) => `\`${action}\``).join(', ')}`);
  return lines.join('\n\n');
}
