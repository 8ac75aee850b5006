import { setMaxListeners } from 'node:events';

import { useInstallation } from '../runtime/installation';
import { messageOf, say } from '../runtime/say';
import { runDemo } from './run-demo';

export interface DemoArguments {
  readonly orders: number;
  readonly concurrency: number;
}

/** `npm run demo`: uses the installation that runs, or starts one for the demo. Sets the exit code. */
export async function demo(options: DemoArguments): Promise<void> {
  const ending = new AbortController();
  // Every call that is under way listens.
  setMaxListeners(0, ending.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => ending.abort(new Error(`${signal}: the demo ends`)));
  try {
    const installation = await useInstallation();
    try {
      const isGood = await runDemo(installation.run, { ...options, signal: ending.signal });
      if (!isGood) process.exitCode = 1;
    } finally {
      await installation.stop();
    }
  } catch (err) {
    say(messageOf(err));
    process.exitCode = ending.signal.aborted ? 130 : 1;
  }
}
