import type { WorkflowHandle } from '@temporalio/client';

export type WorkflowHistory = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** What the audit wants to know of one history. */
export interface HistoryFacts {
  readonly events: number;
  /** Workflow tasks that failed, by the number of their event; those the server merely tries again are left out. */
  readonly taskFailures: readonly string[];
  readonly openTimers: number;
  readonly openActivities: number;
}

/** A new event came while a task was completed, or an operator ended or reset the workflow: no fault of ours. */
const HARMLESS_CAUSES: ReadonlySet<number> = new Set([1, 13, 17, 20, 31]);
const NON_DETERMINISTIC = 24;

/** Reads the figures of a history; pure. */
export function readHistory(history: WorkflowHistory): HistoryFacts {
  const events = history.events ?? [];
  const taskFailures: string[] = [];
  const timers = new Set<string>();
  const activities = new Set<string>();
  for (const event of events) {
    const failed = event.workflowTaskFailedEventAttributes;
    if (failed != null && !HARMLESS_CAUSES.has(failed.cause ?? 0)) {
      const what =
        Number(failed.cause) === NON_DETERMINISTIC
          ? 'non-determinism'
          : `cause ${String(failed.cause)}`;
      taskFailures.push(
        `event ${String(event.eventId)} (${what}: ${(failed.failure?.message ?? '').slice(0, 120)})`,
      );
    }
    follow(timers, event.timerStartedEventAttributes?.timerId, [
      event.timerFiredEventAttributes?.timerId,
      event.timerCanceledEventAttributes?.timerId,
    ]);
    const scheduled =
      event.activityTaskScheduledEventAttributes == null ? undefined : event.eventId;
    follow(activities, idOf(scheduled), [
      idOf(event.activityTaskCompletedEventAttributes?.scheduledEventId),
      idOf(event.activityTaskFailedEventAttributes?.scheduledEventId),
      idOf(event.activityTaskTimedOutEventAttributes?.scheduledEventId),
      idOf(event.activityTaskCanceledEventAttributes?.scheduledEventId),
    ]);
  }
  return {
    events: events.length,
    taskFailures,
    openTimers: timers.size,
    openActivities: activities.size,
  };
}

function idOf(id: { toString(): string } | null | undefined): string | undefined {
  return id?.toString();
}

function follow(
  open: Set<string>,
  started: string | null | undefined,
  ended: readonly (string | null | undefined)[],
): void {
  if (started != null) open.add(started);
  for (const id of ended) if (id != null) open.delete(id);
}

/** Process ids and host names, which look like addresses. */
const LEFT_OUT = /identity$/i;

/** All text of a history, payloads decoded; one long string to search in. */
export function textOf(value: unknown): string {
  const parts: string[] = [];
  collect(value, parts);
  return parts.join('\n');
}

function collect(value: unknown, parts: string[]): void {
  if (typeof value === 'string') parts.push(value);
  else if (value instanceof Uint8Array) parts.push(Buffer.from(value).toString('utf8'));
  else if (Array.isArray(value)) for (const item of value) collect(item, parts);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value))
      if (!LEFT_OUT.test(key)) collect(member, parts);
}
