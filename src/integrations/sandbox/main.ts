import { readConfig, SandboxConfig } from '../../platform/config';
import { createLogger } from '../../platform/logger';
import { announceReady, runMain, stopOnSignals } from '../../platform/shutdown';
import { startSandbox } from './sandbox';

const GRACE_MS = 5_000;

const config = readConfig(SandboxConfig);
const logger = createLogger({ service: 'sandbox', level: config.LOG_LEVEL });

runMain(logger, async () => {
  if (config.NODE_ENV === 'production') {
    throw new Error(
      'The sandbox plays the outside world; it does not start with NODE_ENV=production',
    );
  }
  const sandbox = await startSandbox({
    host: config.LISTEN_HOST,
    port: config.SANDBOX_PORT,
    smtpPort: config.SANDBOX_SMTP_PORT,
    stateDir: config.SANDBOX_STATE_DIR,
    apiUrl: config.API_URL,
    publicUrl: config.SANDBOX_URL,
    secrets: {
      carrier: config.CARRIER_SANDBOX_WEBHOOK_SECRET,
      payments: config.SANDBOX_PAYMENTS_WEBHOOK_SECRET,
      shopify: config.SHOPIFY_WEBHOOK_SECRET,
    },
    logger,
  });
  stopOnSignals({ logger, graceMs: GRACE_MS, stop: () => sandbox.stop() });
  announceReady();
  logger.info({ url: sandbox.url, smtpUrl: sandbox.smtpUrl }, 'sandbox ready');
});
