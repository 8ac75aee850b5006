import type { Logger } from './logger';

export interface ShutdownOptions {
  readonly logger: Logger;
  /** Stops the service; called at most once. */
  readonly stop: () => Promise<void>;
  /** After this long the process ends whether or not `stop` has finished. */
  readonly graceMs: number;
}

/**
 * Stops the process once on SIGINT, SIGTERM or when the parent that opened an IPC channel is gone: a
 * supervisor killed with SIGKILL leaves no orphans. Returns the same stop for the caller's own use.
 */
export function stopOnSignals(options: ShutdownOptions): (reason: string) => void {
  let stopping = false;
  function stop(reason: string): void {
    if (stopping) return;
    stopping = true;
    options.logger.info({ reason }, 'stopping');
    const timer = setTimeout(() => {
      options.logger.error({ graceMs: options.graceMs }, 'stopping took too long, forced');
      process.exit(1);
    }, options.graceMs);
    timer.unref();
    options.stop().then(
      () => {
        options.logger.info('stopped');
        // The channel to the supervisor would keep an otherwise finished process alive.
        if (process.connected) process.disconnect();
      },
      (err: unknown) => {
        options.logger.error({ err }, 'stopping failed');
        process.exit(1);
      },
    );
  }
  process.once('SIGINT', () => stop('SIGINT'));
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('disconnect', () => stop('parent gone'));
  return stop;
}

/**
 * Runs a process's main function. A failure before it is up is printed in full and ends with exit code 1;
 * later unhandled errors are logged, and the process ends so that its supervisor starts it afresh.
 */
export function runMain(logger: Logger, main: () => Promise<void>): void {
  function die(err: unknown, message: string): void {
    logger.fatal({ err }, message);
    process.exit(1);
  }
  process.on('uncaughtException', (err) => die(err, 'uncaught exception'));
  process.on('unhandledRejection', (err) => die(err, 'unhandled rejection'));
  main().catch((err: unknown) => die(err, 'could not start'));
}

/** Tells the supervisor, if there is one, that the process serves now. */
export function announceReady(): void {
  process.send?.('ready');
}
