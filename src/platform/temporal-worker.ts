import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { LogLevel } from '@temporalio/worker';

import type { Logger } from './logger';
import { temporalTarget, type TemporalSettings } from './temporal';

const PINO_LEVEL = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;

/**
 * Installs the SDK's runtime: its log goes to ours, and signals stay ours (it would swallow SIGTERM). Once per
 * process, before the first worker or native connection.
 */
export function installTemporalRuntime(logger: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      logger[PINO_LEVEL[level]](meta ?? {}, message);
    }),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN' } } },
  });
}

/** Connects a worker to the engine; fails when it is not reachable. Close it after every worker on it has stopped. */
export async function connectWorker(
  settings: TemporalSettings,
): Promise<{ connection: NativeConnection; namespace: string }> {
  const target = temporalTarget(settings);
  const connection = await NativeConnection.connect(target.connectionOptions);
  return { connection, namespace: target.namespace };
}
