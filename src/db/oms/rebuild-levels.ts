import type { Queryable } from '../pool';

interface Units {
  readonly onHand: number;
  readonly reserved: number;
  readonly unavailable: number;
}

/** A stock level that is not the sum of its ledger. */
export interface DriftedLevel {
  readonly sku: string;
  readonly location: string;
  readonly level: Units;
  readonly ledger: Units;
}

const DRIFTED = `
  select v.sku, v.location,
    jsonb_build_object('onHand', v.on_hand, 'reserved', v.reserved, 'unavailable', v.unavailable) as level,
    jsonb_build_object('onHand', l.on_hand, 'reserved', l.reserved, 'unavailable', l.unavailable) as ledger
  from oms.inventory_levels v, lateral (
    select coalesce(sum(delta_on_hand), 0)::integer as on_hand, coalesce(sum(delta_reserved), 0)::integer as reserved,
      coalesce(sum(delta_unavailable), 0)::integer as unavailable
    from oms.stock_ledger where sku = v.sku and location = v.location) l
  where (v.on_hand, v.reserved, v.unavailable) <> (l.on_hand, l.reserved, l.unavailable)
  order by v.sku, v.location`;

/** The levels that something but a step has changed. Changes nothing. */
export async function findDriftedLevels(db: Queryable): Promise<DriftedLevel[]> {
  return (await db.query<DriftedLevel>(DRIFTED)).rows;
}

/**
 * Sets those levels to the sums of their ledgers and answers what it changed; orders that wait for these items are
 * looked at again. Whoever moves stock waits meanwhile, so no sum is of half a step. A second time it changes nothing.
 * Throws, and changes nothing, where a ledger's own sum is no legal level.
 */
export async function rebuildLevels(tx: Queryable): Promise<DriftedLevel[]> {
  await tx.query('lock table oms.inventory_levels in share row exclusive mode');
  const { rows } = await tx.query<DriftedLevel>(
    `with drifted as (${DRIFTED}), rebuilt as (
       update oms.inventory_levels v set on_hand = (d.ledger ->> 'onHand')::integer,
         reserved = (d.ledger ->> 'reserved')::integer, unavailable = (d.ledger ->> 'unavailable')::integer,
         updated_at = now()
       from drifted d where v.sku = d.sku and v.location = d.location
     ), woken as (
       insert into oms.stock_wakes (sku) select distinct sku from drifted
     )
     select * from drifted order by sku, location`,
  );
  return rows;
}
