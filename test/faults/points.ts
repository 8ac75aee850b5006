import { Context } from '@temporalio/activity';

export interface CrashPoints {
  /** Runs an effect between its two points. */
  around<T>(label: string, effect: () => Promise<T>): Promise<T>;
  /** Passes the point before an effect, and gives the effect's name. */
  before(label: string): string;
  /** Passes the point after it. */
  after(name: string): void;
}

export interface CrashPointOptions {
  /** The process kills itself at the first of these points that it passes. */
  readonly crashAt: readonly string[];
  /** Hears of each point as it is passed. */
  readonly onPoint: (name: string) => void;
}

/**
 * Names the points of a worker process: `{activity}:{effect}:{n}:before` and `:after`, the n-th such effect of such an
 * activity in this process. At `crashAt` the process ends by SIGKILL: nothing is flushed, closed or rolled back.
 */
export function createCrashPoints({ crashAt, onPoint }: CrashPointOptions): CrashPoints {
  const counts = new Map<string, number>();

  function pass(name: string): void {
    onPoint(name);
    if (crashAt.includes(name)) process.kill(process.pid, 'SIGKILL');
  }
  function next(label: string): string {
    const effect = `${activityName()}:${label}`;
    const n = (counts.get(effect) ?? 0) + 1;
    counts.set(effect, n);
    return `${effect}:${String(n)}`;
  }
  const points: CrashPoints = {
    before(label) {
      const name = next(label);
      pass(`${name}:before`);
      return name;
    },
    after: (name) => pass(`${name}:after`),
    async around(label, effect) {
      const name = points.before(label);
      try {
        return await effect();
      } finally {
        // What threw may have had its effect all the same.
        points.after(name);
      }
    },
  };
  return points;
}

/** Which activity runs here; what runs in none belongs to the worker's own start. */
function activityName(): string {
  try {
    return Context.current().info.activityType;
  } catch {
    return 'start';
  }
}
