import { Context } from '@temporalio/activity';

import type { LaneResult } from '../contracts/lanes';
import { DisputeAnnouncement } from '../contracts/outbox';
import { findDisputeToTell } from '../db/oms/disputes';
import type { Pool } from '../db/pool';
import type { PaymentGateways } from '../integrations/payment-gateways';
import type { Logger } from '../platform/logger';
import { runLane } from './lane';
import { drainDeliveries } from './lane-deliveries';

export interface DisputeDeps {
  readonly oms: Pool;
  readonly gateways: PaymentGateways;
  readonly logger: Logger;
  readonly stop?: AbortSignal | undefined;
}

const POLL_MS = 2_000;

export type DisputeActivities = ReturnType<typeof createDisputeActivities>;

export function createDisputeActivities(deps: DisputeDeps) {
  /** Tells providers what a person of ours said of a dispute. The key makes telling twice harmless. */
  async function runDisputesLane(): Promise<LaneResult> {
    const done = await runLane(Context.current(), {
      listen: [{ pool: deps.oms, channel: 'oms_outbox' }],
      pollMs: POLL_MS,
      stop: deps.stop,
      drain: () => drainDisputes(deps),
    });
    return { done };
  }
  return { runDisputesLane };
}

/** One batch of the lane `disputes`. */
async function drainDisputes({ oms, gateways, logger }: DisputeDeps): Promise<number> {
  return drainDeliveries({
    name: 'disputes',
    oms,
    logger,
    prepare: () =>
      Promise.resolve(async ({ payload }) => {
        const { disputeId, status } = DisputeAnnouncement.parse(payload);
        await tellProvider({ oms, gateways }, disputeId, status);
      }),
  });
}

/** Nothing is told of what the provider said itself, nor where the provider cannot be called. */
async function tellProvider(
  { oms, gateways }: Pick<DisputeDeps, 'oms' | 'gateways'>,
  disputeId: string,
  status: string,
): Promise<void> {
  const dispute = await findDisputeToTell(oms, disputeId);
  if (dispute === null || !gateways.providers.includes(dispute.provider)) return;
  const gateway = gateways.of(dispute.provider);
  const answer = { idempotencyKey: `dispute:${disputeId}:${status}`, text: dispute.text };
  if (status === 'lost') await gateway.acceptDispute?.(dispute.reference, answer);
  else await gateway.respondToDispute?.(dispute.reference, answer);
}
