import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { startTcpProxy, type TcpProxy } from './tcp-proxy';

let server: http.Server;
let proxy: TcpProxy;

beforeEach(async () => {
  server = http.createServer((req, res) => req.pipe(res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startTcpProxy((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function echo(text: string): Promise<string> {
  const headers = { connection: 'close' };
  const url = `http://127.0.0.1:${String(proxy.port)}`;
  return (await fetch(url, { method: 'POST', body: text, headers })).text();
}

it('hands everything on, however long', async () => {
  const long = 'x'.repeat(3_000_000);
  expect(await echo(long)).toBe(long);
});

it('refuses while it is cut, and works again afterwards', async () => {
  proxy.set('cut');
  await expect(echo('a')).rejects.toThrow();
  proxy.set('open');
  expect(await echo('b')).toBe('b');
});

it('is slow both ways', async () => {
  proxy.set({ delayMs: 40 });
  const startedAt = performance.now();
  expect(await echo('c')).toBe('c');
  expect(performance.now() - startedAt).toBeGreaterThan(79);
});
