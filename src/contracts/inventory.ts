import { z } from 'zod';

import { listQuery, LocationCode, pageOf, Sku, text, Timestamp } from './common';

const ADJUSTMENT_REASONS = [
  'receipt',
  'correction',
  'damage',
  'loss',
  'found',
  'scrap',
  'return',
  'other',
] as const;

const LEDGER_REASONS = [
  ...ADJUSTMENT_REASONS,
  'reserve',
  'release',
  'sale',
  'short',
  'transfer',
] as const;

const MAX_DELTA = 100_000_000;

export const InventoryLevel = z
  .object({
    sku: z.string(),
    location: z.string(),
    onHand: z.int(),
    reserved: z.int(),
    available: z.int(),
    incoming: z.int(),
    safetyStock: z.int(),
    unavailable: z.int(),
    reorderPoint: z.int(),
  })
  .meta({ id: 'InventoryLevel' });
export type InventoryLevel = z.infer<typeof InventoryLevel>;

export const InventoryQuery = listQuery({
  sku: Sku.optional(),
  location: LocationCode.optional(),
});
export const InventoryPage = pageOf(InventoryLevel);

export const AdjustInventory = z
  .strictObject({
    sku: Sku,
    location: LocationCode,
    delta: z
      .int()
      .min(-MAX_DELTA)
      .max(MAX_DELTA)
      .refine((delta) => delta !== 0, 'must not be 0'),
    reason: z.enum(ADJUSTMENT_REASONS),
    reference: text(200).nullish(),
  })
  .meta({ id: 'AdjustInventory' });
export type AdjustInventory = z.infer<typeof AdjustInventory>;

export const LedgerEntry = z
  .object({
    id: z.int(),
    sku: z.string(),
    location: z.string(),
    deltaOnHand: z.int(),
    deltaReserved: z.int(),
    deltaUnavailable: z.int(),
    reason: z.enum(LEDGER_REASONS),
    reference: z.string().nullable(),
    docType: z.string(),
    docId: z.string(),
    at: Timestamp,
    actor: z.object({ type: z.string(), id: z.string() }),
  })
  .meta({ id: 'LedgerEntry' });
export type LedgerEntry = z.infer<typeof LedgerEntry>;

export const AdjustmentAnswer = z.object({
  adjustment: z.object({
    id: z.int(),
    sku: z.string(),
    location: z.string(),
    delta: z.int(),
    reason: z.enum(LEDGER_REASONS),
    reference: z.string().nullable(),
    at: Timestamp,
  }),
  inventory: InventoryLevel,
});

export const LedgerQuery = listQuery({
  sku: Sku.optional(),
  location: LocationCode.optional(),
  reference: text(200).optional(),
  docType: text(50).optional(),
  docId: text(100).optional(),
});
export const LedgerPage = pageOf(LedgerEntry);
