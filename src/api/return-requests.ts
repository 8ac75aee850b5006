import type { CreateReturn } from '../contracts/returns';
import { recordChange } from '../db/oms/record-change';
import {
  findReturnByRequest,
  findUnsellable,
  insertReturn,
  lockOrder,
  readReturnableLines,
} from '../db/oms/return-create';
import { announceReturn, countReturns } from '../db/oms/returns';
import { type Queryable, withTransaction } from '../db/pool';
import { DomainError, type FieldError } from '../domain/errors';
import { findReturnRefusals } from '../domain/return';

import { type CommandContext, commandIdOf } from './commands';

export interface ReturnRequest extends CreateReturn {
  readonly orderId: string;
  readonly requestedBy: 'customer' | 'staff';
}

/**
 * Keeps a return that is allowed, with the order's row locked so that two requests never get the same unit; its
 * workflow is started by the wake that is written with it. The same key again finds the first return.
 */
export async function requestReturn(ctx: CommandContext, request: ReturnRequest): Promise<string> {
  const { orderId } = request;
  const requestKey =
    ctx.idempotencyKey === null ? null : commandIdOf(ctx, 'request-return', orderId);
  return withTransaction(ctx.deps.oms, async (tx) => {
    if (!(await lockOrder(tx, orderId)))
      throw new DomainError('not_found', 'There is no such order.');
    const known = requestKey === null ? null : await findReturnByRequest(tx, requestKey);
    if (known !== null) return known;
    await checkRequest(tx, request);
    const { id, returnNo } = await insertReturn(tx, {
      ...request,
      requestKey,
      exchangeLines: request.exchangeLines ?? [],
      note: request.note ?? null,
    });
    await countReturns(tx, orderId);
    const { kind, lines } = request;
    await recordChange(tx, {
      orderId,
      actor: { type: ctx.actor.type, id: ctx.actor.id },
      requestId: ctx.requestId,
      events: [{ type: 'return_requested', data: { returnId: id, returnNo, kind, lines } }],
    });
    await announceReturn(tx, id, ['return.requested']);
    return id;
  });
}

async function checkRequest(tx: Queryable, request: ReturnRequest): Promise<void> {
  const { orderId, kind, exchangeLines = [] } = request;
  const lines = await readReturnableLines(tx, orderId);
  const refusals = findReturnRefusals(request.lines, lines, new Date().toISOString());
  const [first] = refusals;
  if (first !== undefined)
    throw new DomainError(first.code, DETAILS[first.code], {
      errors: refusals.map(({ error }) => error),
    });
  if (kind === 'return' && exchangeLines.length > 0)
    throw invalid([{ path: 'exchangeLines', message: 'belong to an exchange' }]);
  const unsellable = await findUnsellable(tx, orderId, exchangeLines);
  if (unsellable.length > 0)
    throw invalid(
      unsellable.map((n) => ({
        path: `exchangeLines.${n}.sku`,
        message: 'is not in the catalogue with a price',
      })),
    );
}

const DETAILS = {
  validation_failed: 'The lines do not fit the order.',
  return_exceeds_delivered: 'More units than were delivered and are not in another return.',
  not_returnable: 'The product cannot be returned.',
  return_window_closed: 'The time to return it is over.',
} as const;

function invalid(errors: readonly FieldError[]): DomainError {
  return new DomainError('validation_failed', 'The exchange cannot be made as it is.', { errors });
}
