import { failCommand } from '../db/oms/command-end';
import type { Queryable } from '../db/pool';
import { DomainError } from '../domain/errors';

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
