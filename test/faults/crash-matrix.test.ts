import { type CrashRun, runWithCrashes } from './crash-run';
import { type Scenario, SCENARIOS } from './scenarios';
import { pooled } from '../helpers/pooled';

/** Half of a run is waiting for Temporal to give up on the dead worker. */
const AT_A_TIME = 8;
/** Workers that die in one order's story, at most, in `npm test`; in the whole matrix each point has an order of its own. */
const CRASHES_A_STORY = 6;
const IS_WHOLE = process.env['CRASH_MATRIX'] === 'all';
/** One story alone, to look into it: `CRASH_AT="shipped authorizePayment:gateway.authorize:1:after handOver:…"`. */
const ONLY = process.env['CRASH_AT']?.split(' ');

jest.setTimeout(IS_WHOLE ? 30 * 60_000 : 240_000);

/**
 * The half that `npm test` runs: after every commit and after every call to the outside, where it has had its effect and
 * nobody knows of it. The other half, before them, by `npm run crash-matrix`.
 */
function isInShortMatrix(point: string): boolean {
  return point.endsWith(':after');
}

/** On a slow machine the lane may place the order before the API has: that is no part of the plain path. */
const LATE_PLACING = /findLateIntakes|engine\.updateWithStart/;

/** A lane does the same for every announcement and scan: once for each of its statements and calls is enough. */
function isRepeatedByLane(point: string): boolean {
  return /^run\w+Lane:.*:(?!1:)\d+:\w+$/.test(point);
}

function isWanted({ name, concerns }: Scenario, point: string): boolean {
  if (ONLY !== undefined) return ONLY[0] === name && ONLY.includes(point);
  if (concerns?.(point) === false || isRepeatedByLane(point)) return false;
  if (LATE_PLACING.test(point)) return false;
  return IS_WHOLE || (name === 'shipped' && isInShortMatrix(point));
}

const chosen = SCENARIOS.filter(({ name }) =>
  ONLY === undefined ? IS_WHOLE || name === 'shipped' : ONLY[0] === name,
);

describe.each(chosen)('an order that is $name', (scenario) => {
  it('ends as it should wherever the worker is killed', async () => {
    const recording = await runWithCrashes(scenario, []);
    expect(recording.breach).toBeNull();
    const points = [...new Set(recording.points)].filter((point) => isWanted(scenario, point));
    expect(points.length).toBeGreaterThan(0);

    const runs = (
      await pooled(storiesOf(points), AT_A_TIME, (story) => cover(scenario, story))
    ).flat();
    const known = String(new Set(recording.points).size);
    print(`${String(points.length)} of ${known} points, in ${String(runs.length)} orders`);
    const breaches = runs.flatMap(({ crashes, breach }) =>
      breach === null ? [] : [{ crashes, breach }],
    );
    expect(breaches).toEqual([]);
    expect(runs.flatMap(({ crashes }) => crashes).toSorted()).toEqual(points.toSorted());
  });
});

/** Points that are far from each other, so that each worker does something before it dies. */
function storiesOf(points: readonly string[]): string[][] {
  const count = IS_WHOLE ? points.length : Math.ceil(points.length / CRASHES_A_STORY);
  return Array.from({ length: count }, (_, first) =>
    points.filter((_point, n) => n % count === first),
  );
}

/** Kills a worker at each of the points. What a story passes by, because an earlier crash led another way, has one of its own. */
async function cover(scenario: Scenario, points: readonly string[]): Promise<CrashRun[]> {
  const runs: CrashRun[] = [];
  for (let left = points; left.length > 0;) {
    const run = await runWithCrashes(scenario, left);
    const { crashes, seconds } = run;
    const breach = run.breach ?? (crashes.length === 0 ? `not reached: ${left.join(', ')}` : null);
    runs.push({ ...run, breach });
    for (const point of crashes) print(`${scenario.name}/${point} ${breach ?? 'ok'}`);
    print(`${String(crashes.length)} in ${seconds.toFixed(1)} s`);
    if (breach !== null) return runs;
    left = left.filter((point) => !crashes.includes(point));
  }
  return runs;
}

function print(line: string): void {
  process.stdout.write(`      ${line}\n`);
}
