import type { ChildProcess } from 'node:child_process';
import path from 'node:path';

import { createPart, type Part, type PartEvents, type PartSpec } from './part';
import {
  initialisePostgres,
  spawnPostgres,
  stopLeftoverPostgres,
  superuserUrl,
  waitForPostgres,
  type PostgresOptions,
} from './postgres';
import { listProcesses, stopProcess } from './processes';
import { ROOT } from './settings';
import { spawnLogged } from './spawn-logged';
import {
  spawnTemporalServer,
  waitForTemporal,
  type TemporalServerOptions,
} from './temporal-server';

/** PostgreSQL: a fast shutdown on SIGINT; after a crash it recovers before it serves. */
export function postgresPart(options: PostgresOptions, events: PartEvents): Part {
  const spec: PartSpec = {
    name: 'postgres',
    prepare: async () => {
      await stopLeftoverPostgres(options.dataDir);
      await initialisePostgres(options);
    },
    spawn: () => spawnPostgres(options),
    ready: (timeoutMs) => waitForPostgres(superuserUrl(options), timeoutMs),
    stopSignal: 'SIGINT',
    graceMs: 20_000,
    logFile: options.logFile,
  };
  return createPart(spec, events);
}

/** The Temporal server with its Web UI. */
export function temporalPart(
  options: TemporalServerOptions & { readonly dbFile: string },
  events: PartEvents,
): Part {
  const spec: PartSpec = {
    name: 'temporal',
    prepare: () => stopLeftoverTemporal(options.dbFile),
    spawn: () => spawnTemporalServer(options),
    ready: (timeoutMs) => waitForTemporal(`127.0.0.1:${options.port}`, timeoutMs),
    stopSignal: 'SIGTERM',
    graceMs: 15_000,
    logFile: options.logFile,
  };
  return createPart(spec, events);
}

/** Stops a Temporal server that an earlier supervisor left behind on this file. */
export async function stopLeftoverTemporal(dbFile: string): Promise<void> {
  for (const { pid, commandLine } of listProcesses()) {
    if (commandLine.includes('server start-dev') && commandLine.includes(dbFile)) {
      await stopProcess(pid, 'SIGTERM', 10_000);
    }
  }
}

export interface NodePartOptions {
  readonly name: string;
  /** Below dist/. */
  readonly main: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
}

/**
 * One of our own processes; it serves when it says `ready` on its channel. It ends by itself when the channel
 * closes, that is when the supervisor is gone.
 */
export function nodePart(options: NodePartOptions, events: PartEvents): Part {
  let child: ChildProcess | undefined;
  const spec: PartSpec = {
    name: options.name,
    spawn: () => {
      const main = path.join(ROOT, 'dist', options.main);
      child = spawnLogged(process.execPath, ['--enable-source-maps', main], {
        cwd: ROOT,
        env: options.env,
        logFile: options.logFile,
        channel: true,
        detached: true,
      });
      return child;
    },
    ready: (timeoutMs) => untilReady(child, timeoutMs),
    stopSignal: 'SIGTERM',
    graceMs: 20_000,
    logFile: options.logFile,
  };
  return createPart(spec, events);
}

function untilReady(child: ChildProcess | undefined, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`does not say that it is ready within ${timeoutMs} ms`)),
      timeoutMs,
    );
    child?.on('message', (message) => {
      if (message !== 'ready') return;
      clearTimeout(timer);
      resolve();
    });
    child?.once('exit', () => clearTimeout(timer));
  });
}

/** Resolves when the URL answers with 200. */
export async function waitForHttp(url: string, timeoutMs: number): Promise<void> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3000) }).catch(() => undefined);
    if (answer?.ok === true) return;
    if (Date.now() > until) {
      const body = answer === undefined ? 'no answer' : `${answer.status} ${await answer.text()}`;
      throw new Error(`${url} is not ready after ${timeoutMs} ms: ${body}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
