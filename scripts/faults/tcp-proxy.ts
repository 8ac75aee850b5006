import net from 'node:net';
import { Transform } from 'node:stream';

/** How a link behaves: as if it were not there, broken, or slow by so many milliseconds each way. */
export type LinkState = 'open' | 'cut' | { readonly delayMs: number };

export interface TcpProxy {
  readonly port: number;
  set(state: LinkState): void;
  close(): Promise<void>;
}

/** A proxy on a free port of this machine before a server of this machine. `cut` resets what is open and refuses what comes. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<net.Socket>();
  let state: LinkState = 'open';

  const server = net.createServer((inner) => {
    if (state === 'cut') {
      inner.resetAndDestroy();
      return;
    }
    const outer = net.connect(targetPort, '127.0.0.1');
    join(inner, outer);
    join(outer, inner);
  });

  function join(from: net.Socket, to: net.Socket): void {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      // What is on its way still arrives, unless the other side broke.
      if (from.errored !== null || state === 'cut') to.destroy();
    });
    from.pipe(delayLine()).pipe(to);
  }

  function delayLine(): Transform {
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (typeof state === 'string') done(null, chunk);
        else setTimeout(() => done(null, chunk), state.delayMs);
      },
    });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    set(next) {
      state = next;
      if (next === 'cut') for (const socket of sockets) socket.resetAndDestroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
