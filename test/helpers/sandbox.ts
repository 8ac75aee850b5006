import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { startSandbox, type Sandbox } from '../../src/integrations/sandbox/sandbox';

export const SANDBOX_SECRETS = {
  carrier: ['whsec_Y2FycmllciBzZWNyZXQgb2YgdGhlIHRlc3Rz'],
  payments: ['whsec_cGF5bWVudHMgc2VjcmV0IG9mIHRoZSB0ZXN0cw=='],
  shopify: ['hush-hush'],
};

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: Buffer;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Answers with this status from now on. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

/** Stands where the API would stand and keeps what the sandbox sends. */
async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const requests: ReceivedRequest[] = [];
  let status = 200;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      requests.push({ path: req.url ?? '', headers: req.headers, rawBody: Buffer.concat(chunks) });
      res.writeHead(status).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answerWith: (next) => {
      status = next;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface TestSandbox {
  readonly receiver: WebhookReceiver;
  /** The running sandbox; another one after `restart`. */
  current(): Sandbox;
  /** Stops it and starts another on the same books. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A sandbox of its own on free ports, with empty books, sending its webhooks to a receiver. */
export async function startTestSandbox(options: { slowMs?: number } = {}): Promise<TestSandbox> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'sandbox-'));
  const receiver = await startWebhookReceiver();
  const start = (): Promise<Sandbox> =>
    startSandbox({
      ...{ host: '127.0.0.1', port: 0, smtpPort: 0, stateDir, apiUrl: receiver.url },
      ...{ secrets: SANDBOX_SECRETS, logger: pino({ level: 'silent' }), ...options },
    });
  let sandbox = await start();
  return {
    receiver,
    current: () => sandbox,
    restart: async () => {
      await sandbox.stop();
      sandbox = await start();
    },
    close: async () => {
      await sandbox.stop();
      await receiver.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** One JSON call to the sandbox; the answer's body is left for the test to look into. */
export async function callSandbox(
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
