import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type Address, WebhookTargets } from '../platform/webhook-targets';
import { createWebhookSender } from './webhook-sender';

const LOOPBACK: Address = { address: '127.0.0.1', family: 4 };
const PUBLIC: Address = { address: '93.184.215.14', family: 4 };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A receiver on this machine; answers its port and what it was sent. */
async function receive(listener: RequestListener) {
  const bodies: string[] = [];
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      bodies.push(Buffer.concat(parts).toString());
      listener(req, res);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, bodies };
}

function sender(
  resolve: () => Promise<readonly Address[]> = () => Promise.resolve([LOOPBACK]),
  timeoutMs = 2000,
) {
  return createWebhookSender({ targets: new WebhookTargets(['127.0.0.1'], resolve), timeoutMs });
}

const request = (url: string) => ({ url, headers: { 'webhook-id': 'x' }, body: '{"a":"é"}' });

describe('the webhook sender', () => {
  it('sends the body as it is and answers with the status', async () => {
    const { port, bodies } = await receive((req, res) => {
      res.statusCode = req.headers['webhook-id'] === 'x' ? 202 : 400;
      res.end('thanks');
    });

    const outcome = await sender()(request(`http://receiver.test:${String(port)}/hook`));

    expect(outcome).toEqual({ kind: 'answered', status: 202 });
    expect(bodies).toEqual(['{"a":"é"}']);
  });

  it('connects to the address that was checked, resolved once for each send', async () => {
    let asked = 0;
    const { port } = await receive((_req, res) => res.end());
    const send = sender(() => {
      asked += 1;
      return Promise.resolve([LOOPBACK]);
    });

    await send(request(`http://no-such-name.invalid:${String(port)}/`));
    await send(request(`http://no-such-name.invalid:${String(port)}/`));

    expect(asked).toBe(2);
  });

  it('a name that moves inside after it was taken is not connected to', async () => {
    const { port, bodies } = await receive((_req, res) => res.end());
    const answers = [[PUBLIC], [{ address: '127.0.0.1', family: 4 } as const]];
    const targets = new WebhookTargets([], () => Promise.resolve(answers.shift() ?? []));
    const url = `https://rebound.example.com:${String(port)}/`;

    const atCreation = await targets.check(new URL(url));
    const outcome = await createWebhookSender({ targets })(request(url));

    expect(atCreation.kind).toBe('allowed');
    expect(outcome).toEqual({ kind: 'unanswered', code: 'target_not_allowed' });
    expect(bodies).toEqual([]);
  });

  it.each([
    'http://10.0.0.1/',
    'ftp://127.0.0.1/',
    'http://[::1]/',
    'https://localhost@127.0.0.2/',
  ])('does not send to %s', async (url) => {
    const outcome = await sender()(request(url));

    expect(outcome).toEqual({ kind: 'unanswered', code: 'target_not_allowed' });
  });

  it('follows no redirect', async () => {
    const other = await receive((_req, res) => res.end());
    const { port } = await receive((_req, res) => {
      res.writeHead(307, { location: `http://127.0.0.1:${String(other.port)}/` }).end();
    });

    const outcome = await sender()(request(`http://127.0.0.1:${String(port)}/`));

    expect(outcome).toEqual({ kind: 'answered', status: 307 });
    expect(other.bodies).toEqual([]);
  });

  it('reads at most 64 KB of the answer', async () => {
    let sentBytes = 0;
    const { port } = await receive((_req, res) => {
      const timer = setInterval(() => {
        sentBytes += 16_384;
        res.write(Buffer.alloc(16_384));
      }, 5);
      res.on('close', () => clearInterval(timer));
    });

    const outcome = await sender()(request(`http://127.0.0.1:${String(port)}/`));

    expect(outcome).toEqual({ kind: 'answered', status: 200 });
    expect(sentBytes).toBeLessThan(1_000_000);
  });

  it('a body that never ends does not take the answer back', async () => {
    const { port } = await receive((_req, res) => {
      res.writeHead(200);
      res.write('…');
    });

    const outcome = await sender(undefined, 300)(request(`http://127.0.0.1:${String(port)}/`));

    expect(outcome).toEqual({ kind: 'answered', status: 200 });
  });

  it.each([
    ['no answer in time', 'timeout', () => Promise.resolve([LOOPBACK])],
    ['a name that is never resolved', 'timeout', () => new Promise<never>(() => undefined)],
    ['a name that is not known', 'name_not_found', () => Promise.reject(new Error('ENOTFOUND'))],
  ])('%s', async (_what, code, resolve) => {
    const { port } = await receive(() => undefined);

    const outcome = await sender(resolve, 200)(request(`http://receiver.test:${String(port)}/`));

    expect(outcome).toEqual({ kind: 'unanswered', code });
  });

  it.each([
    ['nobody listens', 1, 'ECONNREFUSED'],
    ['the line is cut', 0, 'ECONNRESET'],
  ])('%s', async (_what, given, code) => {
    const { port } = await receive((req) => req.socket.destroy());

    const outcome = await sender()(request(`http://127.0.0.1:${String(given || port)}/`));

    expect(outcome).toEqual({ kind: 'unanswered', code });
  });
});
