import net from 'node:net';

import { choosePorts, freePort } from './ports';

function listen(port: number): Promise<net.Server> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(port, '127.0.0.1', () => resolve(server));
  });
}

describe('choosePorts', () => {
  it('keeps a port that is free', async () => {
    const port = await freePort();

    const chosen = await choosePorts({ api: { part: 'API', variable: 'PORT', port } });

    expect(chosen).toEqual({ api: port });
  });

  it('names the part, the port and the variable of a taken one', async () => {
    const port = await freePort();
    const server = await listen(port);

    const choosing = choosePorts({ api: { part: 'API', variable: 'PORT', port } });

    await expect(choosing).rejects.toThrow(new RegExp(`Port ${port} \\(API\\).*set PORT`));
    server.close();
  });

  it('gives each part that asks for 0 a port of its own', async () => {
    const any = { part: 'a part', variable: 'PORT', port: 0 };

    const chosen = await choosePorts({ a: any, b: any, c: any, d: any });

    expect(new Set(Object.values(chosen)).size).toBe(4);
  });
});
