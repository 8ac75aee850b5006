import { setTimeout as sleep } from 'node:timers/promises';

import { findOperation } from '../db/oms/commands';
import { insertWake } from '../db/oms/wakes';
import type { Pool } from '../db/pool';
import type { ErrorCode } from '../domain/errors';

import { toErrorCode } from './command-errors';

const WAIT_MS = 7000;
const LOOK_EVERY_MS = 50;

export type LateOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'running' }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

/**
 * Lets the `wake` lane carry out a stored command on an order that is over, and waits for it; `running`: it goes on by
 * itself. May be asked again: the lane acts once.
 */
export async function runLate(oms: Pool, orderId: string, commandId: string): Promise<LateOutcome> {
  await insertWake(oms, orderId, 'late_command', commandId);
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    const operation = await findOperation(oms, commandId);
    if (operation?.status === 'done') return { kind: 'done' };
    if (operation?.status === 'failed') return { kind: 'refused', code: codeOf(operation.result) };
    await sleep(LOOK_EVERY_MS);
  }
  return { kind: 'running' };
}

function codeOf(result: unknown): ErrorCode {
  const code =
    typeof result === 'object' && result !== null && 'code' in result ? result.code : undefined;
  return toErrorCode(typeof code === 'string' ? code : undefined) ?? 'illegal_transition';
}
