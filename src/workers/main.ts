import path from 'node:path';

import { createPool, type Pool } from '../db/pool';
import type { Seller } from '../domain/document-heading';
import { HttpCarrier } from '../integrations/http-carrier';
import { HttpPaymentGateway } from '../integrations/http-payment-gateway';
import type { PaymentGateway } from '../integrations/payment-gateway';
import { SmtpMailer } from '../integrations/smtp-mailer';
import { StripeGateway } from '../integrations/stripe-gateway';
import { createWebhookSender } from '../integrations/webhook-sender';
import { readConfig, WorkerConfig } from '../platform/config';
import { createLogger, type Logger } from '../platform/logger';
import { announceReady, runMain, stopOnSignals } from '../platform/shutdown';
import { createTemporalClient } from '../platform/temporal';
import { connectWorker, installTemporalRuntime } from '../platform/temporal-worker';
import { WebhookTargets } from '../platform/webhook-targets';
import { workflowLinksTo } from '../platform/workflow-links';
import { createWorkers, startLanes } from './workers';

const BUNDLE = path.resolve(__dirname, '../../dist/workflow-bundle.js');
const STOP_WITHIN_MS = 30_000;

/** A burst of steps queues for a connection, shorter than a step may take; the lanes hold one each to listen. */
const CONNECT_TIMEOUT_MS = 4_000;

function openPool(logger: Logger, connectionString: string, max: number): Pool {
  return createPool({
    connectionString,
    max,
    applicationName: 'worker',
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    onError: (err) => logger.warn({ err }, 'idle connection lost'),
  });
}

function sellerOf(config: WorkerConfig): Seller {
  return {
    name: config.SELLER_NAME,
    taxId: config.SELLER_TAX_ID,
    email: config.SELLER_EMAIL,
    endpoint: config.SELLER_ENDPOINT,
    address: {
      line1: config.SELLER_LINE1,
      line2: null,
      city: config.SELLER_CITY,
      region: null,
      postalCode: config.SELLER_POSTAL_CODE,
      country: config.SELLER_COUNTRY,
    },
  };
}

/** Without a key no call goes to Stripe. */
function stripeOf({ STRIPE_SECRET_KEY, STRIPE_API_URL }: WorkerConfig): PaymentGateway[] {
  if (STRIPE_SECRET_KEY === undefined) return [];
  return [new StripeGateway({ secretKey: STRIPE_SECRET_KEY, apiUrl: STRIPE_API_URL })];
}

async function main(config: WorkerConfig, logger: Logger): Promise<void> {
  installTemporalRuntime(logger);
  const pools = {
    oms: openPool(logger, config.OMS_DATABASE_URL, config.OMS_POOL_MAX),
    crm: openPool(logger, config.CRM_DATABASE_URL, config.CRM_POOL_MAX),
  };
  const { client, connection: clientConnection } = createTemporalClient(config);
  const mailer = new SmtpMailer({ url: config.SMTP_URL });
  const stopping = new AbortController();
  const { connection, namespace } = await connectWorker(config);
  const workers = await createWorkers(
    {
      ...pools,
      gateway: new HttpPaymentGateway({ baseUrl: config.GATEWAY_URL }),
      otherGateways: stripeOf(config),
      carrier: new HttpCarrier({ baseUrl: config.CARRIER_URL }),
      mailer,
      mailFrom: config.MAIL_FROM,
      publicUrl: config.PUBLIC_URL,
      linkSecret: config.LINK_SECRET,
      seller: sellerOf(config),
      sendWebhook: createWebhookSender({
        targets: new WebhookTargets(config.WEBHOOK_PRIVATE_TARGETS),
      }),
      linkTo: workflowLinksTo(config),
      temporal: client,
      taskQueuePrefix: config.THROUGHLINE_TASK_QUEUE_PREFIX,
      logger,
      stop: stopping.signal,
    },
    { connection, namespace, workflowBundle: { codePath: BUNDLE } },
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  const stop = stopOnSignals({
    logger,
    graceMs: STOP_WITHIN_MS,
    stop: async () => {
      stopping.abort();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      mailer.close();
      await Promise.all([connection.close(), clientConnection.close()]);
      await Promise.all([pools.oms.end(), pools.crm.end()]);
    },
  });
  running.catch((err: unknown) => {
    logger.fatal({ err }, 'a worker ended');
    process.exitCode = 1;
    stop('worker ended');
  });
  await startLanes(client, config.THROUGHLINE_TASK_QUEUE_PREFIX);
  announceReady();
  logger.info({ queues: workers.map((worker) => worker.options.taskQueue) }, 'worker is polling');
}

const config = readConfig(WorkerConfig);
const logger = createLogger({ service: 'worker', level: config.LOG_LEVEL });
runMain(logger, () => main(config, logger));
