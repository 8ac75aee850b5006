import { Context } from '@temporalio/activity';

import type { LaneResult } from '../contracts/lanes';
import { OrderAnnouncement } from '../contracts/outbox';
import { findShippedTrackingNos } from '../db/oms/manifest';
import type { Pool } from '../db/pool';
import type { Carrier } from '../integrations/carrier';
import type { Logger } from '../platform/logger';
import { runLane } from './lane';
import { drainDeliveries } from './lane-deliveries';
import { tellOfReturn } from './return-labels';

export interface ManifestDeps {
  readonly oms: Pool;
  readonly carrier: Carrier;
  readonly logger: Logger;
  readonly stop?: AbortSignal | undefined;
}

const POLL_MS = 2_000;

export type ManifestActivities = ReturnType<typeof createManifestActivities>;

export function createManifestActivities(deps: ManifestDeps) {
  /**
   * Tells the carrier of every parcel that was handed over, and books the labels of returns. Telling twice is harmless:
   * the carrier knows the number or the key.
   */
  async function runManifestLane(): Promise<LaneResult> {
    const done = await runLane(Context.current(), {
      listen: [{ pool: deps.oms, channel: 'oms_outbox' }],
      pollMs: POLL_MS,
      stop: deps.stop,
      drain: () => drainManifest(deps),
    });
    return { done };
  }
  return { runManifestLane };
}

/** One batch of the lane `manifest`. */
async function drainManifest({ oms, carrier, logger }: ManifestDeps): Promise<number> {
  return drainDeliveries({
    name: 'manifest',
    oms,
    logger,
    prepare: () =>
      Promise.resolve(async (delivery) => {
        if (delivery.type.startsWith('return.')) {
          await tellOfReturn({ oms, carrier }, delivery);
          return;
        }
        const { fulfillmentOrderId } = OrderAnnouncement.parse(delivery.payload);
        const trackingNos = await findShippedTrackingNos(oms, fulfillmentOrderId ?? null);
        for (const trackingNo of trackingNos) await carrier.handedOver(trackingNo);
      }),
  });
}
