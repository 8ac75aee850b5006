import { expectStatus } from './orders';
import type { System } from './system';

const LOCATION = 'BOS';

/** A product of the test's own with the given units at one location. */
export async function addProduct(system: System, sku: string, units: number): Promise<void> {
  const body = { title: sku, prices: [{ currency: 'USD', priceMinor: 900 }], weightGrams: 300 };
  expectStatus(await system.api('PUT', `/v1/products/${sku}`, body), 200);
  if (units > 0) await receive(system, sku, units);
}

let counter = 0;

/** The same under a name that no other test has; at 900. */
export async function addOwnProduct(
  system: System,
  prefix: string,
  units: number,
): Promise<string> {
  counter += 1;
  const sku = `${prefix}-${String(counter)}`;
  await addProduct(system, sku, units);
  return sku;
}

/** Goods arrive. */
export async function receive(system: System, sku: string, units: number): Promise<void> {
  const body = { sku, location: LOCATION, delta: units, reason: 'receipt' };
  expectStatus(await system.api('POST', '/v1/inventory/adjustments', body), 200);
}

export interface StockSums {
  readonly onHand: number;
  readonly reserved: number;
  readonly ledgerOnHand: number;
  readonly ledgerReserved: number;
  readonly heldByOrders: number;
}

/** Level, ledger and live reservations of one SKU: the three must agree. */
export async function readStock(system: System, sku: string): Promise<StockSums> {
  const { rows } = await system.db.admin.query<StockSums>(
    `select v.on_hand as "onHand", v.reserved,
       (select sum(delta_on_hand)::int from oms.stock_ledger where sku = $1) as "ledgerOnHand",
       (select sum(delta_reserved)::int from oms.stock_ledger where sku = $1) as "ledgerReserved",
       (select coalesce(sum(quantity), 0)::int from oms.reservations where sku = $1 and state = 'committed')
         as "heldByOrders"
     from oms.inventory_levels v where v.sku = $1`,
    [sku],
  );
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error('expected the stock of one location');
  return row;
}

/** How many orders stand at each stage. */
export async function countStages(system: System): Promise<Record<string, number>> {
  const { rows } = await system.db.admin.query<{ stage: string; n: number }>(
    `select stage, count(*)::int as n from oms.orders group by 1`,
  );
  return Object.fromEntries(rows.map(({ stage, n }) => [stage, n]));
}
