import { once } from 'node:events';
import { createServer, type Server } from 'node:http';

import { deleteExpiredIdempotencyKeys } from '../db/oms/idempotency';
import { createPool, type Pool } from '../db/pool';
import { ApiConfig, readConfig } from '../platform/config';
import { createLogger, type Logger } from '../platform/logger';
import { announceReady, runMain, stopOnSignals } from '../platform/shutdown';
import { createTemporalClient } from '../platform/temporal';

import { createApp } from './app';

/** Longer than any request may take. */
const GRACE_MS = 12_000;
/** In a burst requests queue for a connection: waiting a little is better than 503. */
const CONNECT_TIMEOUT_MS = 5000;
const HOUR_MS = 3_600_000;

function openPool(logger: Logger, connectionString: string, max: number): Pool {
  return createPool({
    connectionString,
    max,
    applicationName: 'api',
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    onError: (err) => logger.warn({ err }, 'idle connection lost'),
  });
}

/** A caller that sends its request slowly, or not at all, holds a connection for so long at most. */
function limitConnections(server: Server): void {
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  server.keepAliveTimeout = 30_000;
  server.maxHeadersCount = 100;
}

/** Keys past their day no longer count; this only takes them off the disk. */
function sweepIdempotencyKeys(oms: Pool, logger: Logger): NodeJS.Timeout {
  return setInterval(() => {
    deleteExpiredIdempotencyKeys(oms).catch((err: unknown) => {
      logger.warn({ err }, 'idempotency keys not swept');
    });
  }, HOUR_MS);
}

async function main(config: ApiConfig, logger: Logger): Promise<void> {
  const oms = openPool(logger, config.OMS_DATABASE_URL, config.OMS_POOL_MAX);
  const crm = openPool(logger, config.CRM_DATABASE_URL, config.CRM_POOL_MAX);
  const { client: temporal, connection } = createTemporalClient(config);
  const server = createServer(createApp({ oms, crm, temporal, config, logger }));
  limitConnections(server);
  const sweeper = sweepIdempotencyKeys(oms, logger);

  async function stop(): Promise<void> {
    clearInterval(sweeper);
    const closed = once(server, 'close');
    server.close();
    // A connection that is kept alive becomes idle only when its last answer is out.
    const sweep = setInterval(() => server.closeIdleConnections(), 100);
    await closed;
    clearInterval(sweep);
    await Promise.all([oms.end(), crm.end(), connection.close()]);
  }

  server.listen(config.PORT, config.LISTEN_HOST);
  await once(server, 'listening');
  stopOnSignals({ logger, stop, graceMs: GRACE_MS });
  logger.info({ host: config.LISTEN_HOST, port: config.PORT }, 'api listens');
  announceReady();
}

if (require.main === module) {
  const config = readConfig(ApiConfig);
  const logger = createLogger({ service: 'api', level: config.LOG_LEVEL });
  runMain(logger, () => main(config, logger));
}
