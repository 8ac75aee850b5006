import { Presets, SingleBar } from 'cli-progress';

import { say } from '../runtime/say';

export interface Progress {
  advance(): void;
  stop(): void;
}

const LINES = 10;

/** A bar on a terminal, else a line at each tenth. */
export function createProgress(total: number): Progress {
  return process.stdout.isTTY ? createBar(total) : createLines(total);
}

function createBar(total: number): Progress {
  const format = '  {bar} {value}/{total} orders · {duration_formatted} · {eta_formatted} to go';
  const bar = new SingleBar(
    { format, hideCursor: true, clearOnComplete: false },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { advance: () => bar.increment(), stop: () => bar.stop() };
}

function createLines(total: number): Progress {
  const startedAt = Date.now();
  let done = 0;
  return {
    advance() {
      done += 1;
      const step = Math.max(1, Math.ceil(total / LINES));
      if (done % step !== 0 && done !== total) return;
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
      say(`  ${String(done)}/${String(total)} orders after ${seconds} s`);
    },
    stop: () => undefined,
  };
}
