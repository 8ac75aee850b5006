import { stopLeftoverTemporal } from './parts';
import { stopLeftoverPostgres } from './postgres';
import { hasEnded, readCommandLine, stopProcess } from './processes';
import { say } from './say';
import { ROOT } from './settings';
import { readLastPids, removeRun, type State } from './state';
import { temporalFile } from './stores';

const GRACE_MS = 15_000;

/**
 * Ends what a supervisor that was killed left behind: our own processes end by themselves when their channel
 * closes, PostgreSQL and Temporal are stopped when their command line names this installation.
 */
export async function stopLeftovers(
  state: State,
  postgresDataDir: string | undefined,
): Promise<void> {
  for (const pid of readLastPids(state)) {
    if (!readCommandLine(pid).includes(`${ROOT}/dist/`)) continue;
    say(`Waiting for process ${pid} of the last run to end …`);
    if (!(await hasEnded(pid, GRACE_MS))) await stopProcess(pid, 'SIGTERM', GRACE_MS);
  }
  // Nobody may take the last run's file for this one's.
  removeRun(state);
  await stopLeftoverTemporal(temporalFile(state));
  if (postgresDataDir !== undefined) await stopLeftoverPostgres(postgresDataDir);
}
