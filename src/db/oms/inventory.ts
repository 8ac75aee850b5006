import type { Queryable } from '../pool';

export interface LevelRow {
  readonly sku: string;
  readonly location: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly incoming: number;
  readonly safetyStock: number;
  readonly unavailable: number;
  readonly reorderPoint: number;
}

export interface LevelFilter {
  readonly limit: number;
  readonly after: { readonly sku: string; readonly location: string } | null;
  readonly sku: string | null;
  readonly location: string | null;
}

/** Of a kit: whole units that could be made of its parts at a location; it has no stock of its own. */
const KIT_LEVELS = `
  select p.sku, v.location, min(v.on_hand / k.quantity)::int, 0,
    min(floor((v.on_hand - v.reserved - v.safety_stock - v.unavailable)::numeric / k.quantity))::int, 0, 0, 0, 0
  from oms.products p, jsonb_to_recordset(p.kit_parts) as k(sku text, quantity int)
    join oms.inventory_levels v on v.sku = k.sku
  where p.kit_parts <> '[]' and ($4::text is null or p.sku = $4::text)
  group by p.sku, p.kit_parts, v.location having count(*) = jsonb_array_length(p.kit_parts)`;

/** By SKU and location. A kit shows what could be made of its parts. */
export async function listLevels(db: Queryable, filter: LevelFilter): Promise<LevelRow[]> {
  const { rows } = await db.query<LevelRow>(
    `select sku, location, on_hand as "onHand", reserved, available, incoming, safety_stock as "safetyStock",
       unavailable, reorder_point as "reorderPoint"
     from (
       select sku, location, on_hand, reserved, on_hand - reserved - safety_stock - unavailable as available,
         incoming, safety_stock, unavailable, reorder_point
       from oms.inventory_levels s where not exists (
         select from oms.products p where p.sku = s.sku and p.kit_parts <> '[]')
       union all ${KIT_LEVELS}) v
     where ($2::text is null or (sku, location) > ($2::text, $3::text))
       and ($4::text is null or sku = $4::text) and ($5::text is null or location = $5::text)
     order by sku, location
     limit $1::integer`,
    [
      filter.limit,
      filter.after?.sku ?? null,
      filter.after?.location ?? null,
      filter.sku,
      filter.location,
    ],
  );
  return rows;
}

export interface LedgerRow {
  readonly id: number;
  readonly sku: string;
  readonly location: string;
  readonly deltaOnHand: number;
  readonly deltaReserved: number;
  readonly deltaUnavailable: number;
  readonly reason: LedgerReason;
  readonly reference: string | null;
  readonly docType: string;
  readonly docId: string;
  readonly at: Date;
  readonly actorType: string;
  readonly actorId: string;
}

export type LedgerReason =
  | 'receipt'
  | 'correction'
  | 'damage'
  | 'loss'
  | 'found'
  | 'scrap'
  | 'return'
  | 'other'
  | 'reserve'
  | 'release'
  | 'sale'
  | 'short'
  | 'transfer';

export interface LedgerFilter {
  readonly limit: number;
  readonly after: number | null;
  readonly sku: string | null;
  readonly location: string | null;
  readonly reference: string | null;
  readonly docType: string | null;
  readonly docId: string | null;
}

/** Newest first. */
export async function listLedger(db: Queryable, filter: LedgerFilter): Promise<LedgerRow[]> {
  const { rows } = await db.query<LedgerRow>(
    `select id, sku, location, delta_on_hand as "deltaOnHand", delta_reserved as "deltaReserved",
       delta_unavailable as "deltaUnavailable", reason, reference, doc_type as "docType", doc_id as "docId", at,
       actor_type as "actorType", actor_id as "actorId"
     from oms.stock_ledger
     where ($2::bigint is null or id < $2::bigint)
       and ($3::text is null or sku = $3::text) and ($4::text is null or location = $4::text)
       and ($5::text is null or reference = $5::text)
       and ($6::text is null or doc_type = $6::text) and ($7::text is null or doc_id = $7::text)
     order by id desc
     limit $1::integer`,
    [
      filter.limit,
      filter.after,
      filter.sku,
      filter.location,
      filter.reference,
      filter.docType,
      filter.docId,
    ],
  );
  return rows;
}
