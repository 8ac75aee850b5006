import { type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

import { messageOf } from './say';
import { spawnLogged } from './spawn-logged';

export interface TemporalServerOptions {
  readonly cli: string;
  readonly port: number;
  /** Without one there is no Web UI. */
  readonly uiPort?: number;
  /** Without one the server forgets everything when it ends. */
  readonly dbFile?: string;
  readonly logFile: string;
  /** In a process group of its own: a Ctrl-C at the terminal does not reach it. */
  readonly detached?: boolean;
}

/** Timers of some milliseconds, continue-as-new at once, and no limits that a load run on one machine would meet. */
const DYNAMIC_CONFIG = [
  'history.timerProcessorMaxTimeShift="20ms"',
  'history.workflowIdReuseMinimalInterval="0s"',
  'frontend.rps=20000',
  'frontend.namespaceRPS=20000',
  'frontend.namespaceCount=20000',
  'frontend.namespaceRPS.visibility=200',
  'matching.rps=20000',
  'history.rps=20000',
  'frontend.persistenceMaxQPS=50000',
  'history.persistenceMaxQPS=50000',
  'matching.persistenceMaxQPS=50000',
];

/** A write-ahead log halves the cost of a commit and survives a kill as well as the default. */
const PRAGMAS = ['journal_mode=wal', 'synchronous=normal'];

/** Starts the server process, which collects garbage less often than by default; `waitForTemporal` says when it answers. */
export function spawnTemporalServer(options: TemporalServerOptions): ChildProcess {
  const ui =
    options.uiPort === undefined
      ? ['--headless']
      : ['--ui-port', String(options.uiPort), '--ui-disable-news-fetch'];
  const store =
    options.dbFile === undefined
      ? []
      : ['--db-filename', options.dbFile, ...PRAGMAS.flatMap((p) => ['--sqlite-pragma', p])];
  return spawnLogged(
    options.cli,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port)],
      ...ui,
      ...store,
      ...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
      ...['--log-level', 'warn'],
    ],
    {
      logFile: options.logFile,
      detached: options.detached === true,
      env: { GOGC: '400', ...process.env },
    },
  );
}

/** Resolves when the server answers. */
export async function waitForTemporal(address: string, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '2s' });
      await connection.close();
      return;
    } catch (err) {
      if (Date.now() > until) {
        throw new Error(`Temporal does not answer at ${address}: ${messageOf(err)}`, {
          cause: err,
        });
      }
    }
    await sleep(100);
  }
}
