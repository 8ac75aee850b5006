import { runWithCrash } from './crash-run';
import { type Scenario, SCENARIOS } from './scenarios';
import { pooled } from '../helpers/pooled';

/** Half of a run is waiting for Temporal to give up on the dead worker. */
const AT_A_TIME = 8;
const IS_WHOLE = process.env['CRASH_MATRIX'] === 'all';
/** One point alone, to look into it: `CRASH_AT=shipped/authorizePayment:gateway.authorize:1:after`. */
const ONLY = process.env['CRASH_AT'];

jest.setTimeout(IS_WHOLE ? 30 * 60_000 : 240_000);

/**
 * In `npm test`: after every call to the outside, and after the commit of what has to be once (the order, the
 * authorisation, the booking, the hand-over, the capture). The rest by `npm run crash-matrix`.
 */
function isInShortMatrix(point: string): boolean {
  if (/^(?!start).*:(?:gateway|carrier|mailer|engine)\..*:after$/.test(point)) return true;
  return /:commit\((?:insertPlacedOrder|tryRecording)\):\d+:after$/.test(point);
}

/** On a slow machine the lane may place the order before the API has: that is no part of the plain path. */
const LATE_PLACING = /findLateIntakes|engine\.updateWithStart/;

/** A lane does the same for every announcement and scan: once for each of its statements and calls is enough. */
function isRepeatedByLane(point: string): boolean {
  return /^run\w+Lane:.*:(?!1:)\d+:\w+$/.test(point);
}

function isWanted({ name, concerns }: Scenario, point: string): boolean {
  if (ONLY !== undefined) return ONLY === `${name}/${point}`;
  if (concerns?.(point) === false || isRepeatedByLane(point)) return false;
  if (LATE_PLACING.test(point)) return false;
  return IS_WHOLE || (name === 'shipped' && isInShortMatrix(point));
}

const chosen = SCENARIOS.filter(({ name }) =>
  ONLY === undefined ? IS_WHOLE || name === 'shipped' : ONLY.startsWith(`${name}/`),
);

describe.each(chosen)('an order that is $name', (scenario) => {
  it('ends as it should wherever the worker is killed', async () => {
    const recording = await runWithCrash(scenario, null);
    expect(recording.breach).toBeNull();
    const points = [...new Set(recording.points)].filter((point) => isWanted(scenario, point));
    expect(points.length).toBeGreaterThan(0);

    const runs = await pooled(points, AT_A_TIME, async (point) => {
      const run = await runWithCrash(scenario, point);
      print(`${scenario.name}/${point} ${run.seconds.toFixed(1)} s ${run.breach ?? 'ok'}`);
      return run;
    });
    print(`${String(runs.length)} of ${String(new Set(recording.points).size)} points`);
    const breaches = runs.flatMap(({ crashAt, breach }) =>
      breach === null ? [] : [{ crashAt, breach }],
    );
    expect(breaches).toEqual([]);
  });
});

function print(line: string): void {
  process.stdout.write(`      ${line}\n`);
}
