import { failCommand } from '../db/oms/command-end';
import type { CommandRecord } from '../db/oms/open-order';
import type { Queryable } from '../db/pool';
import { DomainError, ERROR_CODES } from '../domain/errors';

/**
 * Runs what a command asks for. A refusal ends the command as failed: nobody else may be there to do it, since a caller
 * that waited too long was told to look at the operation. Without a command nothing is written.
 */
export async function refusingCommand<T>(
  oms: Queryable,
  commandId: string | null | undefined,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (err) {
    if (err instanceof DomainError && typeof commandId === 'string')
      await failCommand(oms, commandId, err.code);
    throw err;
  }
}

/**
 * Whether a command was done by an earlier run of its step. One that was refused is refused again, since its first answer
 * may be lost; `illegal` says so of the state as it is now.
 */
export function isDone(
  command: CommandRecord | null,
  illegal: (detail: string) => DomainError,
): boolean {
  if (command?.status !== 'failed') return command?.status === 'done';
  const detail = 'the command was refused before';
  const code = ERROR_CODES.find((known) => known === command.result?.code);
  if (code === undefined || code === 'illegal_transition') throw illegal(detail);
  throw new DomainError(code, detail);
}
