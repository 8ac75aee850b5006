import type { CancelBody } from '../contracts/order-commands';
import { DomainError, type FieldError } from '../domain/errors';

import type { ApiDeps } from './deps';
import { requireOrder } from './order-answers';

/** Lines may be named as long as they are all that is open: a part of an order cannot be canceled yet. */
export async function checkWholeCancel(
  deps: ApiDeps,
  orderId: string,
  body: CancelBody,
): Promise<void> {
  if (body.lineIds === undefined && body.lines === undefined) return;
  const order = await requireOrder(deps, orderId);
  const openUnits = new Map(
    order.lines.map((line) => [line.id, line.quantity - line.canceled - line.shipped]),
  );
  const errors = findUnknownLines(body, openUnits);
  if (errors.length > 0)
    throw new DomainError('validation_failed', 'A line is not one of this order.', { errors });
  const named = nameUnits(body, openUnits);
  const isWhole = [...openUnits].every(([lineId, units]) => (named.get(lineId) ?? 0) >= units);
  if (isWhole) return;
  throw new DomainError('not_supported_yet', 'Only the whole order can be canceled so far.', {
    errors: [
      {
        path: body.lines === undefined ? 'lineIds' : 'lines',
        message: 'does not name every open unit',
      },
    ],
  });
}

function findUnknownLines(body: CancelBody, openUnits: ReadonlyMap<string, number>): FieldError[] {
  const message = 'is not a line of this order';
  return [
    ...(body.lineIds ?? []).map((lineId, n) => ({ lineId, path: `lineIds.${n}` })),
    ...(body.lines ?? []).map(({ lineId }, n) => ({ lineId, path: `lines.${n}.lineId` })),
  ].flatMap(({ lineId, path }) => (openUnits.has(lineId) ? [] : [{ path, message }]));
}

function nameUnits(body: CancelBody, openUnits: ReadonlyMap<string, number>): Map<string, number> {
  const named = new Map<string, number>();
  for (const lineId of body.lineIds ?? []) named.set(lineId, openUnits.get(lineId) ?? 0);
  for (const { lineId, quantity } of body.lines ?? [])
    named.set(lineId, (named.get(lineId) ?? 0) + quantity);
  return named;
}
