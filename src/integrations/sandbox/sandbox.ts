import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import express, { type Express } from 'express';
import type { Logger } from '../../platform/logger';
import { Books } from './books';
import { CarrierAuto } from './carrier-auto';
import { CarrierDesk } from './carrier-desk';
import { createCarrierRoutes } from './carrier-routes';
import { createControlRoutes } from './control-routes';
import { GatewayDesk } from './gateway-desk';
import { createGatewayRoutes } from './gateway-routes';
import { MailServer } from './mail-server';
import { createMessageRoutes } from './message-routes';
import { createErrorHandler } from './problem';
import { createStorefrontRoutes } from './storefront-routes';
import { WebhookSender, type WebhookSenderOptions } from './webhook-sender';

const DEFAULT_SLOW_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;

export interface SandboxOptions {
  readonly host: string;
  /** 0: chosen by the system. */
  readonly port: number;
  readonly smtpPort: number;
  readonly stateDir: string;
  readonly apiUrl: string;
  /** Under which others reach it, for links to labels; default the address it listens on. */
  readonly publicUrl?: string | undefined;
  readonly secrets: WebhookSenderOptions['secrets'];
  readonly logger: Logger;
  /** How long `tok_slow` takes; 30 s by default. */
  readonly slowMs?: number;
}

export interface Sandbox {
  /** Where HTTP is served, e.g. `http://127.0.0.1:4010`. */
  readonly url: string;
  readonly smtpUrl: string;
  /** Ends all connections; what is queued is sent by the next process. */
  stop(): Promise<void>;
}

interface Parts {
  readonly books: Books;
  readonly gateway: GatewayDesk;
  readonly carrier: CarrierDesk;
  readonly auto: CarrierAuto;
}

function createApp(parts: Parts, publicUrl: () => string, logger: Logger): Express {
  const { books } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '2mb' }));
  app.use('/gateway', createGatewayRoutes(books, parts.gateway));
  app.use(
    '/carrier',
    createCarrierRoutes({ books, desk: parts.carrier, auto: parts.auto, publicUrl }),
  );
  app.use('/storefront', createStorefrontRoutes(books));
  app.use(createMessageRoutes(books));
  app.use(createControlRoutes(books));
  app.use((_req, res) => {
    res.status(404).json({ status: 404, code: 'not_found', title: 'not_found' });
  });
  app.use(createErrorHandler(logger));
  return app;
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/**
 * Starts the outside world: takes up its books where an earlier process left them (undecided requests are decided, queued
 * webhooks sent, parcels moved on), then takes requests.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { host, logger } = options;
  const books = await Books.open(options.stateDir);
  const gateway = new GatewayDesk(books, options.slowMs ?? DEFAULT_SLOW_MS);
  const carrier = new CarrierDesk(books);
  const auto = new CarrierAuto(books, carrier, logger);
  const sender = new WebhookSender(books, options, logger);
  const mail = new MailServer(books, logger);
  await gateway.resume();
  await carrier.resume();

  let url = '';
  const app = createApp({ books, gateway, carrier, auto }, () => options.publicUrl ?? url, logger);
  const server = createServer(app);
  url = `http://${host}:${await listen(server, options.port, host)}`;
  const smtpUrl = `smtp://${host}:${await mail.listen(options.smtpPort, host)}`;
  sender.start();
  auto.start();

  async function stop(): Promise<void> {
    auto.stop();
    sender.stop();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await Promise.all([closed, mail.close()]);
    await books.close();
  }
  return { url, smtpUrl, stop };
}
