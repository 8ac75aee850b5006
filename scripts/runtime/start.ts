import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { followEvents } from './events';
import { walkSampleOrder } from './sample-order';
import { messageOf, say } from './say';
import { readSettings } from './settings';
import { type Run } from './state';
import { createInstallation, type Installation } from './supervisor';

/** A terminal's Ctrl-C comes twice under npm, which hands it on: within this time it counts as one. */
const SAME_SIGNAL_MS = 1000;

const EVENTS_SETTLE_MS = 600;

export interface StartOptions {
  readonly demoOrder: boolean;
  /** A line for each event of an order. */
  readonly events: boolean;
}

/** `npm start`: everything up, the sample order, then a line per event until a signal. Sets the exit code. */
export async function runStart(options: StartOptions): Promise<void> {
  const startedAt = performance.now();
  const ending = new AbortController();
  try {
    const config = readSettings();
    const installation = createInstallation(config, (err) => {
      say(`\n${err.message}`);
      process.exitCode = 1;
      void stopOnce(installation, 'A part cannot be kept running');
    });
    const stopOnce = stopper(ending);
    stopOnSignals(installation, stopOnce);
    try {
      say(`Throughline starts in ${path.resolve(config.THROUGHLINE_STATE_DIR)}`);
      const run = await installation.start();
      announce(run, (performance.now() - startedAt) / 1000);
      await enterService(run, options, ending.signal);
    } catch (err) {
      if (ending.signal.aborted) return;
      say(`\n${messageOf(err)}`);
      process.exitCode = 1;
      await stopOnce(installation, 'The start failed');
    }
  } catch (err) {
    say(messageOf(err));
    process.exitCode = 1;
  }
}

async function enterService(run: Run, options: StartOptions, signal: AbortSignal): Promise<void> {
  const events = options.events ? followEvents(run.omsDatabaseUrl, signal) : Promise.resolve();
  if (options.demoOrder) {
    await walkSampleOrder(run, signal);
    // Its last events come before the closing line.
    await sleep(EVENTS_SETTLE_MS);
  }
  say('Running. Ctrl-C stops everything.');
  await events;
}

function announce(run: Run, seconds: number): void {
  say(`\nReady after ${seconds.toFixed(1)} s.

  API           ${run.apiUrl}   (description: ${run.apiUrl}/docs)
  Temporal UI   ${run.temporalUiUrl}/namespaces/${run.temporalNamespace}/workflows
  Sandbox       ${run.sandboxUrl}   (mails: ${run.sandboxUrl}/mail)
  Admin key     ${run.adminKey}
  For programs  ${path.join(run.stateDir, 'run.json')}
  Logs          ${path.join(run.stateDir, 'logs')}
`);
}

type Stop = (installation: Installation, why: string) => Promise<void>;

function stopper(ending: AbortController): Stop {
  let stopping: Promise<void> | undefined;
  return (installation, why) => {
    stopping ??= (async () => {
      say(`\n${why}; stopping …`);
      ending.abort();
      await installation.stop();
      say('Stopped. The state is kept; the next start goes on from here.');
      // A start that was stopped half way may still wait for parts that are gone.
      process.exit();
    })();
    return stopping;
  };
}

function stopOnSignals(installation: Installation, stopOnce: Stop): void {
  let firstAt: number | undefined;
  let isForced = false;
  async function onSignal(signal: NodeJS.Signals): Promise<void> {
    if (firstAt === undefined) {
      firstAt = Date.now();
      await stopOnce(installation, signal);
    } else if (!isForced && Date.now() - firstAt > SAME_SIGNAL_MS) {
      isForced = true;
      say('Ending everything at once.');
      await installation.kill();
      process.exit(130);
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void onSignal(signal));
  }
  // Whoever read our output may be gone.
  process.stdout.on('error', () => undefined);
}
