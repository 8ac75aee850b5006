import {
  AdjustInventory,
  AdjustmentAnswer,
  InventoryPage,
  InventoryQuery,
  LedgerPage,
  LedgerQuery,
  type LedgerEntry,
} from '../../contracts/inventory';
import {
  listLedger,
  listLevels,
  type LedgerRow,
  type LevelFilter,
  type LevelRow,
} from '../../db/oms/inventory';
import { adjustStock, type AdjustmentResult } from '../../db/oms/stock-adjustment';
import { withTransaction } from '../../db/pool';
import { DomainError } from '../../domain/errors';
import { keysAfter, numberAfter, toPage } from '../page';
import { defineRoute } from '../route';

function levelAfter(cursor: string | undefined): LevelFilter['after'] {
  const [sku, location] = keysAfter(cursor, 2) ?? [];
  return sku === undefined || location === undefined ? null : { sku, location };
}

const listStock = defineRoute({
  method: 'get',
  path: '/v1/inventory',
  scope: 'inventory:read',
  summary: 'Stock levels, by SKU and location',
  query: InventoryQuery,
  responses: { 200: InventoryPage },
  handler: async ({ query, deps }) => {
    const rows = await listLevels(deps.oms, {
      limit: query.limit + 1,
      after: levelAfter(query.cursor),
      sku: query.sku ?? null,
      location: query.location ?? null,
    });
    const body = toPage(rows, query.limit, toLevel, (row) => [row.sku, row.location]);
    return { status: 200, body };
  },
});

/** Only what is public of a level. */
function toLevel(row: LevelRow): LevelRow {
  const { sku, location, onHand, reserved, available } = row;
  const { incoming, safetyStock, unavailable, reorderPoint } = row;
  const promised = { onHand, reserved, available };
  return { sku, location, ...promised, incoming, safetyStock, unavailable, reorderPoint };
}

const adjust = defineRoute({
  method: 'post',
  path: '/v1/inventory/adjustments',
  scope: 'inventory:write',
  idempotent: true,
  summary: 'Changes a stock level, naming the cause',
  description:
    'The same reference, SKU and location again changes nothing and gives the same answer.',
  body: AdjustInventory,
  responses: { 200: AdjustmentAnswer },
  errors: ['insufficient_stock', 'external_id_reused'],
  handler: async ({ body, deps, actor, requestId }) => {
    const adjustment = {
      ...body,
      reference: body.reference ?? null,
      actorType: actor.type,
      actorId: actor.id,
      requestId,
    };
    const result = await withTransaction(deps.oms, (tx) => adjustStock(tx, adjustment));
    const { row, level } = accept(result);
    const { sku, location, reference } = adjustment;
    const done = { ...row, at: row.at.toISOString(), sku, location, reference };
    return { status: 200, body: { adjustment: done, inventory: toLevel(level) } };
  },
});

function accept(result: AdjustmentResult): AdjustmentResult & { kind: 'done' | 'repeated' } {
  switch (result.kind) {
    case 'done':
    case 'repeated':
      return result;
    case 'unknown':
      throw refuse('validation_failed', result.field, `is not a known ${result.field}`);
    case 'too_many':
      throw refuse('validation_failed', 'delta', 'makes the level too large');
    case 'short':
      throw refuse('insufficient_stock', 'delta', describeShortage(result.level));
    case 'other_reference':
      throw refuse('external_id_reused', 'reference', 'was used for another adjustment');
  }
}

function describeShortage(level: LevelRow): string {
  return `takes more than there is: ${level.onHand} on hand, ${level.reserved} of them reserved, ${level.unavailable} unavailable`;
}

function refuse(
  code: 'validation_failed' | 'insufficient_stock' | 'external_id_reused',
  path: string,
  message: string,
): DomainError {
  return new DomainError(code, `The adjustment's ${path} ${message}.`, {
    errors: [{ path, message }],
  });
}

const listStockLedger = defineRoute({
  method: 'get',
  path: '/v1/inventory/ledger',
  scope: 'inventory:read',
  summary: 'Every change of stock, newest first',
  query: LedgerQuery,
  responses: { 200: LedgerPage },
  handler: async ({ query, deps }) => {
    const rows = await listLedger(deps.oms, {
      limit: query.limit + 1,
      after: numberAfter(query.cursor),
      sku: query.sku ?? null,
      location: query.location ?? null,
      reference: query.reference ?? null,
      docType: query.docType ?? null,
      docId: query.docId ?? null,
    });
    return { status: 200, body: toPage(rows, query.limit, toLedgerEntry, (row) => [row.id]) };
  },
});

function toLedgerEntry({ actorType, actorId, at, ...row }: LedgerRow): LedgerEntry {
  return { ...row, at: at.toISOString(), actor: { type: actorType, id: actorId } };
}

export const inventoryRoutes = [listStock, adjust, listStockLedger];
