import {
  claimDeliveries,
  type Delivery,
  markDelivered,
  putOffDelivery,
} from '../db/oms/outbox-deliveries';
import { errorCode, isStoreOutage } from '../db/outage';
import type { Pool } from '../db/pool';
import type { Logger } from '../platform/logger';

export interface DeliveryLane {
  readonly name: string;
  readonly oms: Pool;
  readonly logger: Logger;
  /** Has its effect on a batch's deliveries ready: loads what all of them need in one go. */
  readonly prepare: (batch: readonly Delivery[]) => Promise<DeliveryHandler>;
  /** Faults of something that every delivery needs: they are thrown instead of put off. */
  readonly isOutage?: (err: unknown) => boolean;
}

/** Does what one announcement asks for; may run twice for the same delivery. */
export type DeliveryHandler = (delivery: Delivery) => Promise<void>;

const BATCH = 100;
/** Longer than a batch takes; a dead worker's batch is claimed again after it. */
const LEASE_MS = 10_000;

/**
 * Drains one batch of a lane's announcements: each is handled, then marked done, so its effect happens at least once.
 * One that fails is put off and holds up only its own aggregate; an outage is thrown.
 */
export async function drainDeliveries(lane: DeliveryLane): Promise<number> {
  const batch = await claimDeliveries(lane.oms, lane.name, { limit: BATCH, leaseMs: LEASE_MS });
  if (batch.length === 0) return 0;
  const handle = await lane.prepare(batch);
  const done: number[] = [];
  try {
    for (const delivery of batch) {
      if (await succeeds(lane, handle, delivery)) done.push(delivery.outboxId);
    }
  } finally {
    if (done.length > 0) await markDelivered(lane.oms, lane.name, done);
  }
  return batch.length;
}

async function succeeds(
  lane: DeliveryLane,
  handle: DeliveryHandler,
  delivery: Delivery,
): Promise<boolean> {
  try {
    await handle(delivery);
    return true;
  } catch (err) {
    if (isStoreOutage(err) || lane.isOutage?.(err) === true) throw err;
    const { outboxId, type, attempts } = delivery;
    lane.logger.error({ err, lane: lane.name, outboxId, type, attempts }, 'delivery put off');
    await putOffDelivery(lane.oms, lane.name, outboxId, describe(err));
    return false;
  }
}

/** Class and code only: a message may name a person. */
function describe(err: unknown): string {
  if (!(err instanceof Error)) return 'unknown error';
  const code = errorCode(err);
  return code === null ? err.name : `${err.name} ${code}`;
}
