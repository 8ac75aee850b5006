import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';

export interface LoggedSpawnOptions extends Omit<SpawnOptions, 'stdio'> {
  /** Takes what the process writes; appended to. */
  readonly logFile: string;
  /** With a channel to the child, which closes when this process ends, however it does. */
  readonly channel?: boolean;
}

/** Starts a process that writes straight to a file: it never waits for a reader, and outlives one. */
export function spawnLogged(
  command: string,
  args: readonly string[],
  { logFile, channel, ...options }: LoggedSpawnOptions,
): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const stdio = ['ignore', log, log, ...(channel === true ? (['ipc'] as const) : [])] as const;
    return spawn(command, args, { ...options, stdio: [...stdio] });
  } finally {
    closeSync(log);
  }
}

/** The end of a log, for an error message. */
export function lastLines(file: string): string {
  if (!existsSync(file)) return '';
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15);
  return [`The end of ${file}:`, ...lines.map((line) => `  ${line.slice(0, 500)}`)].join('\n');
}
