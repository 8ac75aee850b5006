import type { Queryable } from '../pool';

import type { LedgerReason, LevelRow } from './inventory';

/** Levels are 32-bit; an adjustment stops well before. */
const MAX_ON_HAND = 2_000_000_000;

export interface StockAdjustment {
  readonly sku: string;
  readonly location: string;
  readonly delta: number;
  readonly reason: LedgerReason;
  readonly reference: string | null;
  readonly actorType: string;
  readonly actorId: string;
  readonly requestId: string | null;
}

export interface AdjustmentRow {
  readonly id: number;
  readonly delta: number;
  readonly reason: LedgerReason;
  readonly at: Date;
}

export type AdjustmentResult =
  | { readonly kind: 'done' | 'repeated'; readonly row: AdjustmentRow; readonly level: LevelRow }
  | { readonly kind: 'unknown'; readonly field: 'sku' | 'location' }
  | { readonly kind: 'short'; readonly level: LevelRow }
  | { readonly kind: 'too_many' }
  | { readonly kind: 'other_reference' };

interface LockedLevel extends LevelRow {
  readonly backorder: boolean;
}

/**
 * Changes one stock level with its ledger row, and wakes what waits for more stock. Idempotent by reference. Runs in the
 * caller's transaction, and locks the level.
 */
export async function adjustStock(
  tx: Queryable,
  adjustment: StockAdjustment,
): Promise<AdjustmentResult> {
  await createLevel(tx, adjustment);
  const level = await lockLevel(tx, adjustment);
  if (level === null) return { kind: 'unknown', field: await findUnknownField(tx, adjustment) };
  const earlier = await findByReference(tx, adjustment);
  if (earlier !== null) {
    const isSame = earlier.delta === adjustment.delta && earlier.reason === adjustment.reason;
    return isSame ? { kind: 'repeated', row: earlier, level } : { kind: 'other_reference' };
  }
  const onHand = level.onHand + adjustment.delta;
  if (onHand > MAX_ON_HAND) return { kind: 'too_many' };
  if (adjustment.delta < 0 && isShort(level, onHand)) return { kind: 'short', level };
  const row = await writeAdjustment(tx, adjustment);
  return {
    kind: 'done',
    row,
    level: { ...level, onHand, available: level.available + adjustment.delta },
  };
}

/** Less than nothing, or than what is reserved unless the product may be oversold. */
function isShort(level: LockedLevel, onHand: number): boolean {
  return onHand < 0 || (!level.backorder && onHand - level.unavailable - level.reserved < 0);
}

async function createLevel(tx: Queryable, { sku, location }: StockAdjustment): Promise<void> {
  await tx.query(
    `insert into oms.inventory_levels (sku, location, backorder)
     select p.sku, l.code, p.backorder = 'allow' from oms.products p, oms.locations l
     where p.sku = $1::text and l.code = $2::text and p.kit_parts = '[]'
     on conflict (sku, location) do nothing`,
    [sku, location],
  );
}

async function lockLevel(
  tx: Queryable,
  { sku, location }: StockAdjustment,
): Promise<LockedLevel | null> {
  const { rows } = await tx.query<LockedLevel>(
    `select sku, location, on_hand as "onHand", reserved, on_hand - reserved - safety_stock - unavailable as available,
       incoming, safety_stock as "safetyStock", unavailable, reorder_point as "reorderPoint", backorder
     from oms.inventory_levels where sku = $1::text and location = $2::text for update`,
    [sku, location],
  );
  return rows[0] ?? null;
}

async function findUnknownField(
  tx: Queryable,
  { sku }: StockAdjustment,
): Promise<'sku' | 'location'> {
  const { rows } = await tx.query(
    `select from oms.products where sku = $1::text and kit_parts = '[]'`,
    [sku],
  );
  return rows.length === 0 ? 'sku' : 'location';
}

async function findByReference(
  tx: Queryable,
  { sku, location, reference }: StockAdjustment,
): Promise<AdjustmentRow | null> {
  if (reference === null) return null;
  const { rows } = await tx.query<AdjustmentRow>(
    `select id, delta_on_hand as delta, reason, at from oms.stock_ledger
     where doc_type = 'adjustment' and reference = $1::text and sku = $2::text and location = $3::text`,
    [reference, sku, location],
  );
  return rows[0] ?? null;
}

async function writeAdjustment(tx: Queryable, a: StockAdjustment): Promise<AdjustmentRow> {
  const { rows } = await tx.query<AdjustmentRow>(
    `with level as (
       update oms.inventory_levels set on_hand = on_hand + $3::integer, updated_at = now()
       where sku = $1::text and location = $2::text
     ), woken as (
       insert into oms.stock_wakes (sku) select $1::text where $3::integer > 0
     )
     insert into oms.stock_ledger (sku, location, delta_on_hand, reason, reference, doc_type, doc_id, actor_type,
       actor_id, request_id)
     values ($1::text, $2::text, $3::integer, $4::text, $5::text, 'adjustment', uuidv7()::text, $6::text, $7::text,
       $8::text)
     returning id, delta_on_hand as delta, reason, at`,
    [a.sku, a.location, a.delta, a.reason, a.reference, a.actorType, a.actorId, a.requestId],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('an insert returned no row');
  return row;
}
