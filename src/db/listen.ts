import type { Pool, PoolClient } from 'pg';

export interface Subscription {
  /** False once the connection was lost: subscribe again. */
  isAlive(): boolean;
  close(): void;
}

/**
 * Listens on one channel of a store and calls `onNotice` for each notice, and once when the connection is lost.
 * Holds one connection of the pool until it is closed. Notices sent while nobody listens are gone: poll as well.
 */
export async function subscribe(
  pool: Pool,
  channel: string,
  onNotice: () => void,
): Promise<Subscription> {
  const client = await pool.connect();
  let alive = true;
  const end = (fault?: Error): void => {
    if (!alive) return;
    alive = false;
    // A connection that listens must not go back to the pool as it is.
    client.release(fault ?? true);
    onNotice();
  };
  client.on('notification', onNotice);
  client.on('error', end);
  try {
    await listen(client, channel);
  } catch (fault) {
    end(fault instanceof Error ? fault : new Error('listen failed'));
    throw fault;
  }
  return { isAlive: () => alive, close: () => end() };
}

async function listen(client: PoolClient, channel: string): Promise<void> {
  await client.query(`listen ${client.escapeIdentifier(channel)}`);
}
