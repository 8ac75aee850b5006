import type { Queryable } from '../pool';
import type { Actor } from './record-change';

export interface ReturnedUnits {
  /** Names the movement within the return: the same again is refused by the ledger. */
  readonly docLine: string;
  readonly sku: string;
  readonly units: number;
  readonly disposition: string;
}

/** What goes back onto the shelf; a kit as its parts, scrap not at all. */
const MOVED = `
  moved as (
    select a."docLine" as doc_line, coalesce(k.sku, p.sku) as sku, a.units * coalesce(k.quantity, 1) as on_hand,
      case when a.disposition = 'restock' then 0 else a.units * coalesce(k.quantity, 1) end as unavailable
    from jsonb_to_recordset($1::jsonb) as a("docLine" text, sku text, units int, disposition text)
    join oms.products p on p.sku = a.sku
    left join lateral jsonb_to_recordset(p.kit_parts) as k(sku text, quantity int) on true
    where a.disposition <> 'scrap'
  )`;

const CREATE_LEVELS = `
  with ${MOVED}
  insert into oms.inventory_levels (sku, location, backorder)
  select distinct p.sku, l.code, p.backorder = 'allow'
  from moved m join oms.products p on p.sku = m.sku, oms.locations l where l.code = $2::text
  on conflict (sku, location) do nothing`;

const PUT_BACK = `
  with ${MOVED}, locked as (
    select v.sku from oms.inventory_levels v
    where v.location = $2::text and v.sku in (select sku from moved)
    order by v.sku, v.location for update of v
  ), levels as (
    update oms.inventory_levels v set on_hand = v.on_hand + s.on_hand, unavailable = v.unavailable + s.unavailable,
      updated_at = now()
    from (select sku, sum(on_hand)::int as on_hand, sum(unavailable)::int as unavailable from moved group by 1) s
      join locked k on k.sku = s.sku
    where v.sku = s.sku and v.location = $2::text
  ), woken as (
    insert into oms.stock_wakes (sku) select distinct sku from moved where on_hand > unavailable
  )
  insert into oms.stock_ledger (sku, location, delta_on_hand, delta_unavailable, reason, doc_type, doc_id, doc_line,
    actor_type, actor_id, request_id)
  select m.sku, $2::text, sum(m.on_hand)::int, sum(m.unavailable)::int, 'return', 'return', $3::text, m.doc_line,
    $4::text, $5::text, $6::text
  from moved m group by m.doc_line, m.sku`;

/**
 * Puts returned goods where their disposition says: `restock` on hand, `damaged` and `return_to_vendor` on hand but
 * unavailable. With the ledger's rows, and a call for the orders that wait for these items.
 */
export async function putBack(
  tx: Queryable,
  returned: {
    readonly returnId: string;
    readonly location: string;
    readonly actor: Actor;
    readonly requestId: string | null;
    readonly units: readonly ReturnedUnits[];
  },
): Promise<void> {
  if (returned.units.length === 0) return;
  const units = JSON.stringify(returned.units);
  await tx.query(CREATE_LEVELS, [units, returned.location]);
  await tx.query(PUT_BACK, [
    units,
    returned.location,
    returned.returnId,
    returned.actor.type,
    returned.actor.id,
    returned.requestId,
  ]);
}
