import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

import { clockTime, messageOf, say } from './say';

const POLL_MS = 200;
/** Ids are given before commit, so that a row may appear below one already seen: look back this far. */
const LOOK_BACK = 500;

interface EventRow {
  readonly id: string;
  readonly order_no: string;
  readonly at: Date;
  readonly type: string;
  readonly actor: string;
}

/** Prints one line for each order event from now on, until the signal. Outlives restarts of the store. */
export async function followEvents(omsUrl: string, signal: AbortSignal): Promise<void> {
  const seen = new Set<number>();
  let client: Client | undefined;
  let last: number | undefined;
  while (!signal.aborted) {
    try {
      client ??= await connect(omsUrl);
      last ??= await readLastId(client, seen);
      last = await printNew(client, last, seen);
    } catch (err) {
      if (client !== undefined) say(`! events: ${messageOf(err)}; looking again`);
      await client?.end().catch(() => undefined);
      client = undefined;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  await client?.end().catch(() => undefined);
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 2000,
    query_timeout: 5000,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function readLastId(client: Client, seen: Set<number>): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    'select id from oms.order_events order by id desc limit $1',
    [LOOK_BACK],
  );
  for (const row of rows) seen.add(Number(row.id));
  return Number(rows[0]?.id ?? 0);
}

async function printNew(client: Client, last: number, seen: Set<number>): Promise<number> {
  const { rows } = await client.query<EventRow>(
    `select e.id, o.order_no, e.at, e.type, e.actor_type || ':' || e.actor_id as actor
     from oms.order_events e join oms.orders o on o.id = e.order_id
     where e.id > $1 order by e.id`,
    [last - LOOK_BACK],
  );
  let newest = last;
  for (const row of rows) {
    const id = Number(row.id);
    if (seen.has(id)) continue;
    seen.add(id);
    newest = Math.max(newest, id);
    say(`${clockTime(row.at)}  ${row.order_no}  ${row.type.padEnd(24)} ${row.actor}`);
  }
  for (const id of seen) if (id <= newest - LOOK_BACK) seen.delete(id);
  return newest;
}
