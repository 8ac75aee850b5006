import type { Line } from './bodies';
import { type Caller, read } from './caller';
import { Levels } from './documents';

/** Items of this run's own beside the catalogue's. */
export interface DemoStock {
  /** Nothing of it until an order waits. */
  readonly scarce: string;
  readonly soldOut: string;
  /** One item in each of two warehouses, and in no other. */
  readonly apart: readonly [string, string];
  receive(sku: string, location: string, units: number): Promise<void>;
}

const MAIN = 'BOS';
const OTHER = 'LON';
const PRICE_MINOR = 1900;
/** More than what is asked for, so that a second thought is possible. */
const SPARE = 20;

/** Makes the run's own items, and receives what the catalogue's warehouses lack for the planned orders. */
export async function prepareStock(
  caller: Caller,
  run: string,
  planned: { readonly lines: readonly Line[]; readonly splitOrders: number },
): Promise<DemoStock> {
  const name = (what: string) => `DEMO-${what}-${run}`.toUpperCase();
  const stock: DemoStock = {
    scarce: name('scarce'),
    soldOut: name('sold-out'),
    apart: [name('here'), name('there')],
    receive: (sku, location, units) => receive(caller, sku, location, units),
  };
  for (const sku of [stock.scarce, stock.soldOut, ...stock.apart])
    await putProduct(caller, sku, true);
  if (planned.splitOrders > 0) {
    await receive(caller, stock.apart[0], MAIN, planned.splitOrders * 2);
    await receive(caller, stock.apart[1], OTHER, planned.splitOrders * 2);
  }
  await replenish(caller, planned.lines);
  return stock;
}

/** Takes the run's own items off the shelves again. */
export async function retireStock(caller: Caller, stock: DemoStock): Promise<void> {
  for (const sku of [stock.scarce, stock.soldOut, ...stock.apart])
    await putProduct(caller, sku, false);
}

async function putProduct(caller: Caller, sku: string, active: boolean): Promise<void> {
  const prices = [{ currency: 'USD', priceMinor: PRICE_MINOR }];
  const body = { title: `Demo item ${sku}`, prices, weightGrams: 300, active };
  const answer = await caller.api('PUT', `/v1/products/${sku}`, body);
  if (answer.status !== 200 && answer.status !== 201)
    throw new Error(`PUT product answered ${String(answer.status)} ${JSON.stringify(answer.body)}`);
}

async function receive(
  caller: Caller,
  sku: string,
  location: string,
  delta: number,
): Promise<void> {
  const body = { sku, location, delta, reason: 'receipt' };
  const answer = await caller.api('POST', '/v1/inventory/adjustments', body);
  if (answer.status !== 200 && answer.status !== 201)
    throw new Error(
      `receipt of ${sku} answered ${String(answer.status)} ${JSON.stringify(answer.body)}`,
    );
}

async function replenish(caller: Caller, lines: readonly Line[]): Promise<void> {
  const wanted = new Map<string, number>();
  for (const { sku, quantity } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  for (const [sku, units] of wanted) {
    const levels = read(
      await caller.api('GET', `/v1/inventory?sku=${sku}&location=${MAIN}`),
      Levels,
    );
    const lacking = units + SPARE - (levels.items[0]?.available ?? 0);
    if (lacking > 0) await receive(caller, sku, MAIN, lacking);
  }
}
