import { createRequire } from 'node:module';

import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

import type * as PoolModule from '../../src/db/pool';
import type * as CarrierModule from '../../src/integrations/http-carrier';
import type * as GatewayModule from '../../src/integrations/http-payment-gateway';
import type * as MailerModule from '../../src/integrations/smtp-mailer';
import type * as LoggerModule from '../../src/platform/logger';
import type * as ShutdownModule from '../../src/platform/shutdown';
import type * as RuntimeModule from '../../src/platform/temporal-worker';
import type * as WorkersModule from '../../src/workers/workers';
import { crashingPool } from './crashing-pool';
import { crashingCarrier, crashingEngine, crashingGateway, crashingMailer } from './crashing-ports';
import { createCrashPoints } from './points';
import type { CrashWorkerSettings } from './worker-process';

// The built code, as it runs in production; it also loads faster.
const load = createRequire(__filename);
const { createPool }: typeof PoolModule = load('../../dist/db/pool');
const { HttpCarrier }: typeof CarrierModule = load('../../dist/integrations/http-carrier');
const { HttpPaymentGateway }: typeof GatewayModule = load(
  '../../dist/integrations/http-payment-gateway',
);
const { SmtpMailer }: typeof MailerModule = load('../../dist/integrations/smtp-mailer');
const { createLogger }: typeof LoggerModule = load('../../dist/platform/logger');
const { announceReady, runMain }: typeof ShutdownModule = load('../../dist/platform/shutdown');
const { installTemporalRuntime }: typeof RuntimeModule = load(
  '../../dist/platform/temporal-worker',
);
const { createWorkers, startLanes }: typeof WorkersModule = load('../../dist/workers/workers');

/**
 * A worker process whose stores and ports have crash points. It tells its parent of each point it passes, kills itself
 * at the one it was told, and never stops in good order.
 */
async function main(settings: CrashWorkerSettings): Promise<void> {
  const logger = createLogger({ service: 'crash-worker', level: 'warn' });
  installTemporalRuntime(logger);
  const points = createCrashPoints({
    crashAt: settings.crashAt,
    onPoint: (name) => process.send?.({ point: name }),
  });
  const open = (connectionString: string): PoolModule.Pool =>
    crashingPool(
      createPool({
        connectionString,
        // Each lane holds one connection to listen.
        max: 14,
        applicationName: 'crash-worker',
        onError: () => undefined,
      }),
      points,
    );
  const temporal = new Client({
    connection: await Connection.connect({ address: settings.temporalAddress }),
    namespace: settings.temporalNamespace,
    interceptors: { workflow: [crashingEngine(points)] },
  });
  const { sandboxUrl, temporalAddress: address, prefix: taskQueuePrefix } = settings;
  const gateway = new HttpPaymentGateway({ baseUrl: `${sandboxUrl}/gateway`, timeoutMs: 5000 });
  const carrier = new HttpCarrier({ baseUrl: `${sandboxUrl}/carrier`, timeoutMs: 5000 });
  const workers = await createWorkers(
    {
      oms: open(settings.omsUrl),
      crm: open(settings.crmUrl),
      gateway: crashingGateway(gateway, points),
      carrier: crashingCarrier(carrier, points),
      mailer: crashingMailer(new SmtpMailer({ url: settings.smtpUrl }), points),
      mailFrom: 'Throughline <orders@throughline.example>',
      publicUrl: settings.apiUrl,
      linkSecret: settings.linkSecret,
      seller: settings.seller,
      // Nothing of these runs listens to webhooks.
      sendWebhook: () => Promise.resolve({ kind: 'unanswered', code: 'not_sent' }),
      linkTo: (workflowId) => workflowId,
      temporal,
      taskQueuePrefix,
      logger,
      stop: new AbortController().signal,
    },
    {
      connection: await NativeConnection.connect({ address }),
      namespace: settings.temporalNamespace,
      workflowBundle: { codePath: settings.bundle },
    },
  );
  process.once('disconnect', () => process.exit(0));
  await startLanes(temporal, taskQueuePrefix);
  announceReady();
  await Promise.all(workers.map((worker) => worker.run()));
}

const logger = createLogger({ service: 'crash-worker', level: 'fatal' });
// Written by the parent in the same run.
const settings: CrashWorkerSettings = JSON.parse(process.env['CRASH_WORKER'] ?? '');
runMain(logger, () => main(settings));
