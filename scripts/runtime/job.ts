import path from 'node:path';

import { ROOT } from './settings';
import { lastLines, spawnLogged } from './spawn-logged';

export interface Job {
  /** Below dist/. */
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Runs one of our own programs to its end; fails with the end of its log when it fails. */
export async function runJob({ main, env, logFile, signal }: Job): Promise<void> {
  const child = spawnLogged(
    process.execPath,
    ['--enable-source-maps', path.join(ROOT, 'dist', main)],
    { cwd: ROOT, env, logFile, signal, detached: true },
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`${main} failed (${code ?? 'killed'}):\n${lastLines(logFile)}`);
}
