import { chineseBody, emailOf, orderBody, type OrderSeed } from './bodies';
import { type Caller, read } from './caller';
import { Mails, type Order } from './documents';
import type { DemoStock } from './stock';
import {
  command,
  deliver,
  expectRefused,
  place,
  shipAndDeliver,
  untilStage,
  work,
  workOne,
} from './steps';

export interface DemoOrder {
  readonly caller: Caller;
  readonly seed: OrderSeed;
  readonly stock: DemoStock;
  /** Called with the order as soon as it is placed. */
  readonly placed: (order: Order) => void;
}

/** Places an order of the web shop. */
export async function start(
  { caller, seed, placed }: DemoOrder,
  overrides: object = {},
): Promise<Order> {
  const order = await place(caller, orderBody(seed, overrides));
  placed(order);
  return order;
}

/** An order that nothing holds up. */
export async function startAndDeliver(demo: DemoOrder, overrides: object = {}): Promise<Order> {
  const { id } = await start(demo, overrides);
  return shipAndDeliver(demo.caller, id);
}

/** A hold stops the packing and nothing before it. */
export async function walkHeld(demo: DemoOrder): Promise<Order> {
  const { caller } = demo;
  const { id } = await start(demo);
  const order = await untilStage(caller, id, 'warehouse');
  await work(caller, order, 'pick');
  await command(caller, id, 'hold', { type: 'fraud', reason: 'to be looked at' });
  const { holds, fulfillmentOrders } = await untilStage(caller, id, 'hold');
  const [fulfillment] = fulfillmentOrders;
  if (fulfillment === undefined) throw new Error('it has no fulfilment order');
  const path = `/v1/fulfillment-orders/${fulfillment.id}/pack`;
  await expectRefused(caller, await caller.api('POST', path, { packages: [{ weightGrams: 800 }] }));
  const hold = holds.find(({ status }) => status === 'active');
  await command(caller, id, 'release', { holdId: hold?.id, reason: 'all is well' });
  for (const each of fulfillmentOrders) {
    await workOne(caller, each, 'pack');
    await workOne(caller, each, 'hand-over');
  }
  return deliver(caller, id);
}

/** Neither warehouse has both items. */
export async function walkSplit(demo: DemoOrder): Promise<Order> {
  const lines = demo.stock.apart.map((sku) => ({ sku, quantity: 1 + (demo.seed.n % 2) }));
  const { id } = await start(demo, { lines });
  const { fulfillmentOrders } = await untilStage(demo.caller, id, 'warehouse');
  const places = new Set(fulfillmentOrders.map(({ location }) => location));
  if (places.size !== 2) throw new Error(`it is served from ${[...places].join(', ')}`);
  return shipAndDeliver(demo.caller, id);
}

const CHINESE = /\p{Script=Han}/u;

/** What the customer is sent is in their language. */
export async function walkChinese({ caller, seed, placed }: DemoOrder): Promise<Order> {
  const order = await place(caller, chineseBody(seed));
  placed(order);
  const done = await shipAndDeliver(caller, order.id);
  const mails = read(
    await caller.sandbox('GET', `/mail?to=${encodeURIComponent(emailOf(seed))}`),
    Mails,
  );
  const foreign = mails.items.find(
    ({ subject, text }) => !CHINESE.test(subject) || !CHINESE.test(text),
  );
  if (foreign !== undefined) throw new Error(`a mail is not in Chinese: ${foreign.subject}`);
  return done;
}
