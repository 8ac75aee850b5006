import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import type { Seller } from '../../src/domain/document-heading';
import { SELLER } from '../helpers/documents';
import { BUNDLE, LINK_SECRET, type System } from '../helpers/system';
import { testContext } from '../helpers/context';

/** What the parent tells the process, through its environment. */
export interface CrashWorkerSettings {
  readonly crashAt: readonly string[];
  readonly omsUrl: string;
  readonly crmUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly prefix: string;
  readonly sandboxUrl: string;
  readonly smtpUrl: string;
  readonly apiUrl: string;
  readonly linkSecret: string;
  readonly seller: Seller;
  readonly bundle: string;
}

export interface WorkerProcess {
  /** The points that the process has passed so far, in order; where it killed itself is the last one. */
  readonly points: readonly string[];
  /** Resolves when it has ended, with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>;
  kill(): Promise<void>;
}

const MAIN = path.resolve(__dirname, 'crash-worker.ts');
const REGISTER = path.resolve(__dirname, '../helpers/register-swc.cjs');

/** Starts a worker process for the system, which kills itself at the first of `crashAt` that it passes. */
export function spawnWorker(system: System, crashAt: readonly string[]): WorkerProcess {
  const { temporalAddress, temporalNamespace } = testContext();
  const { prefix, sandboxUrl, smtpUrl, apiUrl } = system;
  const settings: CrashWorkerSettings = {
    ...{ crashAt, temporalAddress, temporalNamespace, prefix, sandboxUrl, smtpUrl, apiUrl },
    omsUrl: system.db.urls.oms,
    crmUrl: system.db.urls.crm,
    linkSecret: LINK_SECRET,
    seller: SELLER,
    bundle: BUNDLE,
  };
  const child: ChildProcess = spawn(process.execPath, ['--require', REGISTER, MAIN], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, CRASH_WORKER: JSON.stringify(settings) },
  });
  const points: string[] = [];
  child.on('message', (message) => {
    if (typeof message === 'object' && 'point' in message) points.push(String(message.point));
  });
  const ended = once(child, 'exit').then(([, signal]: unknown[]) =>
    typeof signal === 'string' ? (signal as NodeJS.Signals) : null,
  );
  return {
    points,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
