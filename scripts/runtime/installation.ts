import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { hasEnded, sendSignal } from './processes';
import { readSettings, ROOT } from './settings';
import { readRun, type Run } from './state';

const START_TIMEOUT_MS = 600_000;
const STOP_TIMEOUT_MS = 60_000;

export interface InstallationInUse {
  readonly run: Run;
  /** Ends the installation if it was started for this use; one that ran before goes on. */
  stop(): Promise<void>;
}

/**
 * The installation of the state directory: the one that runs, or one that is started for the caller (as
 * `npm start -- --no-demo-order` would, its output handed on).
 */
export async function useInstallation(): Promise<InstallationInUse> {
  const stateDir = path.resolve(readSettings().THROUGHLINE_STATE_DIR);
  const running = readRun(stateDir);
  if (running !== undefined) return { run: running, stop: () => Promise.resolve() };

  // A group of its own: Ctrl-C ends the caller, whose stop() then ends the installation.
  const script = path.join(ROOT, 'scripts/start.mjs');
  const child = spawn(process.execPath, [script, '--no-demo-order', '--quiet'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the installation could not be started');

  async function stop(): Promise<void> {
    if (pid === undefined) return;
    sendSignal(pid, 'SIGINT');
    if (!(await hasEnded(pid, STOP_TIMEOUT_MS))) sendSignal(pid, 'SIGKILL');
  }
  const until = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const run = readRun(stateDir);
    if (run !== undefined) return { run, stop };
    if (child.exitCode !== null) throw new Error('the installation did not start; see above');
    if (Date.now() > until) {
      await stop();
      throw new Error('the installation is not ready after 10 minutes');
    }
    await sleep(200);
  }
}
