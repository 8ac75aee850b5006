import { lockLevels, writeReservations } from '../db/oms/reservations';
import {
  findQueue,
  findQueuedSkus,
  readDemand,
  takeFromQueue,
  takeStockCall,
  type Waiting,
} from '../db/oms/stock-queue';
import { insertWake } from '../db/oms/wakes';
import { type Pool, type Queryable, withTransaction } from '../db/pool';
import { allocate, type AllocationPart } from '../domain/allocation';
import { UNLIMITED } from './order-placing';

/** A queue longer than this is served in several rounds. */
const QUEUE_LIMIT = 500;

/**
 * Serves waiting orders of the items that got stock, by rank; one that does not fit whole is passed over. One
 * transaction per item with its levels locked in order, so nothing is served twice and nothing oversold.
 */
export async function serveShortages(oms: Pool): Promise<number> {
  let items = 0;
  while (await withTransaction(oms, serveNextItem)) items += 1;
  return items;
}

async function serveNextItem(tx: Queryable): Promise<boolean> {
  const sku = await takeStockCall(tx);
  if (sku === null) return false;
  await serveItem(tx, sku);
  return true;
}

async function serveItem(tx: Queryable, sku: string): Promise<void> {
  const queue = await findQueue(tx, sku, QUEUE_LIMIT);
  if (queue.length === 0) return;
  const orderIds = queue.map(({ orderId }) => orderId);
  const levels = await lockLevels(tx, await findQueuedSkus(tx, orderIds));
  const demands = await readDemand(tx, orderIds);
  const available = new Map(
    levels.map((level) => [
      `${level.location}\n${level.sku}`,
      level.backorder ? UNLIMITED : level.available,
    ]),
  );
  for (const waiting of queue) {
    const stock = levels.map((level) => ({
      ...level,
      available: available.get(`${level.location}\n${level.sku}`) ?? 0,
    }));
    const allocation = allocate(demands.get(waiting.orderId) ?? [], stock);
    if (allocation.kind === 'short' || allocation.parts.length === 0) continue;
    if (!(await serve(tx, waiting, allocation.parts))) continue;
    for (const { sku: item, location, quantity } of allocation.parts) {
      const key = `${location}\n${item}`;
      available.set(key, (available.get(key) ?? 0) - quantity);
    }
  }
}

async function serve(
  tx: Queryable,
  { orderId }: Waiting,
  parts: readonly AllocationPart[],
): Promise<boolean> {
  const shortageId = await takeFromQueue(tx, orderId);
  if (shortageId === null) return false;
  await writeReservations(tx, orderId, parts, { key: `served:${shortageId}` });
  await insertWake(tx, orderId, 'stock_served', shortageId);
  return true;
}
