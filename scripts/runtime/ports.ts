import net from 'node:net';

import { codeOf } from './say';

/** Below the range from which systems take ports for outgoing connections: stays free while a part restarts. */
const FIRST_FREE = 20_000;
const LAST_FREE = 32_000;
const LOCALHOST = '127.0.0.1';

export interface PortRequest {
  /** What listens there, for the message. */
  readonly part: string;
  /** The environment variable that sets it. */
  readonly variable: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/**
 * Finds the port of each request. A taken one is an error that names the port and the variable; all are held
 * while the others are looked for, so that no two get the same.
 */
export async function choosePorts<K extends string>(
  requests: Readonly<Record<K, PortRequest>>,
): Promise<Record<K, number>> {
  const held: net.Server[] = [];
  const chosen: Partial<Record<K, number>> = {};
  const names = (Object.keys(requests) as K[]).sort((a, b) => requests[b].port - requests[a].port);
  try {
    for (const name of names) {
      const server = await takePort(requests[name]);
      held.push(server);
      chosen[name] = portOf(server);
    }
    return chosen as Record<K, number>;
  } finally {
    await Promise.all(held.map(release));
  }
}

/** A free port of this machine. */
export async function freePort(): Promise<number> {
  return (await choosePorts({ any: { part: 'a server', variable: 'port', port: 0 } })).any;
}

async function takePort(request: PortRequest): Promise<net.Server> {
  if (request.port === 0) return takeAnyPort();
  try {
    return await listen(request.port);
  } catch (err) {
    throw new Error(
      `Port ${request.port} (${request.part}) cannot be used: ${codeOf(err)}. ` +
        `Stop what uses it, or set ${request.variable} to another port (0 takes a free one).`,
      { cause: err },
    );
  }
}

async function takeAnyPort(): Promise<net.Server> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST_FREE + Math.floor(Math.random() * (LAST_FREE - FIRST_FREE));
    try {
      return await listen(port);
    } catch {
      // Taken: try another.
    }
  }
  return listen(0);
}

function listen(port: number): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen({ host: LOCALHOST, port, exclusive: true }, () => resolve(server));
  });
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}

function release(server: net.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
