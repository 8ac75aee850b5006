import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { codeOf } from './say';

export interface RunningProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** All processes of the machine that this user may see, with their command lines; no zombies. */
export function listProcesses(): RunningProcess[] {
  return process.platform === 'linux' ? listFromProc() : listFromPs();
}

function listFromProc(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => ({ pid: Number(entry), commandLine: readCommandLine(Number(entry)) }))
    .filter((found) => found.commandLine !== '');
}

function listFromPs(): RunningProcess[] {
  const output = execFileSync('ps', ['-axww', '-o', 'pid=,stat=,command='], { encoding: 'utf8' });
  return [...output.matchAll(/^\s*(\d+)\s+(\S+)\s+(.*)$/gm)]
    .filter(([, , stat]) => stat?.startsWith('Z') !== true)
    .map(([, pid, , command]) => ({ pid: Number(pid), commandLine: command ?? '' }));
}

/** A process's command line, words joined by blanks; '' for one that has ended (a zombie has none). */
export function readCommandLine(pid: number): string {
  if (process.platform !== 'linux') {
    return listFromPs().find((found) => found.pid === pid)?.commandLine ?? '';
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Whether the process runs. */
export function isRunning(pid: number): boolean {
  return readCommandLine(pid) !== '';
}

/** The processes that this one has started and that still run; none where the system does not tell (only Linux does). */
export function listChildren(pid: number): number[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return pids === '' ? [] : pids.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** Sends the signal, waits, and sends SIGKILL when the process has not ended in time. */
export async function stopProcess(
  pid: number,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  sendSignal(pid, signal);
  if (await hasEnded(pid, graceMs)) return;
  sendSignal(pid, 'SIGKILL');
  if (!(await hasEnded(pid, 5000))) throw new Error(`process ${pid} does not end`);
}

/** Sends a signal; a process that is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (err) {
    if (codeOf(err) !== 'ESRCH') throw err;
  }
}

/** Waits until the process has ended; false when the time is over. */
export async function hasEnded(pid: number, timeoutMs: number): Promise<boolean> {
  const until = Date.now() + timeoutMs;
  while (isRunning(pid)) {
    if (Date.now() > until) return false;
    await sleep(25);
  }
  return true;
}
