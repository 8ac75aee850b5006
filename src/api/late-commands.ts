import { setTimeout as sleep } from 'node:timers/promises';

import { findOperation } from '../db/oms/commands';
import { insertWake } from '../db/oms/wakes';
import type { Pool } from '../db/pool';
import { DomainError } from '../domain/errors';

import { toErrorCode } from './command-errors';

const WAIT_MS = 7000;
const LOOK_EVERY_MS = 50;

/**
 * Lets the `wake` lane carry out a stored command on an order that is over, and waits for it: true when it is done,
 * false when it goes on by itself. Throws its refusal. May be asked again: the lane acts once.
 */
export async function runLate(oms: Pool, orderId: string, commandId: string): Promise<boolean> {
  await insertWake(oms, orderId, 'late_command', commandId);
  const end = Date.now() + WAIT_MS;
  while (Date.now() < end) {
    const operation = await findOperation(oms, commandId);
    if (operation?.status === 'done') return true;
    if (operation?.status === 'failed') throw refusal(operation.result);
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}

function refusal(result: unknown): DomainError {
  const code =
    typeof result === 'object' && result !== null && 'code' in result ? result.code : undefined;
  const known = toErrorCode(typeof code === 'string' ? code : undefined);
  return new DomainError(known ?? 'illegal_transition', 'The command is not legal now.');
}
