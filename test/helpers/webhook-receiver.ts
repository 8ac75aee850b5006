import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: Buffer;
  // Read as a receiver does: by the contract, without our types.
  readonly body: any;
}

/** The status to answer with, or null for no answer at all. */
type Behaviour = (webhook: ReceivedWebhook) => number | null | Promise<number | null>;

export interface WebhookReceiver {
  readonly url: string;
  /** In the order in which they came. */
  readonly received: ReceivedWebhook[];
  behave(next: Behaviour): void;
  close(): Promise<void>;
}

/** A receiver of webhooks on this machine; takes everything until told otherwise. */
export async function startReceiver(behaviour: Behaviour = () => 200): Promise<WebhookReceiver> {
  let behave = behaviour;
  const received: ReceivedWebhook[] = [];
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const rawBody = Buffer.concat(parts);
      const webhook = { headers: req.headers, rawBody, body: JSON.parse(rawBody.toString()) };
      received.push(webhook);
      void Promise.resolve(behave(webhook)).then((status) => {
        if (status !== null) res.writeHead(status).end();
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/hooks`,
    received,
    behave(next) {
      behave = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
