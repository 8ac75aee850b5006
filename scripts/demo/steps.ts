import { setTimeout as sleep } from 'node:timers/promises';

import { type Answer, type Caller, read } from './caller';
import {
  type FulfillmentOrder,
  Intake,
  IntakeAnswer,
  OperationAnswer,
  type Order,
  OrderAnswer,
  OrderList,
  StorefrontAnswer,
} from './documents';

const FIRST_POLL_MS = 60;
const LONGEST_POLL_MS = 600;

/** Posts an order and waits until it is placed, however long the engine takes. */
export async function place(caller: Caller, body: object): Promise<Order> {
  const answer = await caller.api('POST', '/v1/orders', body);
  if (answer.status !== 202) return read(answer, OrderAnswer, [200, 201]).order;
  const { statusUrl } = read(answer, IntakeAnswer, [202]);
  const orderId = await poll(caller, 'the intake to be placed', async () => {
    const { intake } = read(await caller.api('GET', statusUrl), Intake);
    return intake.status === 'placed' ? (intake.orderId ?? null) : null;
  });
  return readOrder(caller, orderId);
}

/** Sends an order from the sandbox's shop and waits until its webhook has made an order of it. */
export async function placeFromShop(
  caller: Caller,
  document: object,
): Promise<{ order: Order; shopId: number }> {
  const sent = await caller.sandbox('POST', '/storefront/orders', document);
  const { orderId: shopId } = read(sent, StorefrontAnswer, [201]);
  const id = await poll(caller, 'the order of the shop', async () => {
    const found = read(await caller.api('GET', `/v1/orders?q=${String(shopId)}`), OrderList);
    return found.items[0]?.id ?? null;
  });
  return { order: await readOrder(caller, id), shopId };
}

/** The order as it is now. */
export async function readOrder(caller: Caller, orderId: string): Promise<Order> {
  return read(await caller.api('GET', `/v1/orders/${orderId}`), OrderAnswer).order;
}

/** Waits until the order stands at one of the stages. */
export async function untilStage(
  caller: Caller,
  orderId: string,
  ...stages: readonly string[]
): Promise<Order> {
  let last: Order | undefined;
  try {
    return await poll(caller, stages.join(' or '), async () => {
      last = await readOrder(caller, orderId);
      return stages.includes(last.stage) ? last : null;
    });
  } catch (err) {
    if (last === undefined) throw err;
    throw new Error(
      `${last.orderNo} stands at ${last.stage} (${last.status}), not ${stages.join(' or ')}`,
      {
        cause: err,
      },
    );
  }
}

/** Looks often at first, then less. */
export async function poll<T>(
  caller: Caller,
  what: string,
  look: () => Promise<T | null>,
): Promise<T> {
  const until = Date.now() + caller.patienceMs;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.5)) {
    caller.throwIfAborted();
    const seen = await look();
    if (seen !== null) return seen;
    if (Date.now() > until) throw new Error(`waited in vain for ${what}`);
    await sleep(pauseMs);
  }
}

/** One command of an order, done: where the answer took too long, its operation says when. */
export async function command(
  caller: Caller,
  orderId: string,
  name: string,
  body: object,
): Promise<void> {
  await expectDone(caller, name, await caller.api('POST', `/v1/orders/${orderId}/${name}`, body));
}

async function expectDone(caller: Caller, name: string, answer: Answer): Promise<void> {
  const isDone = answer.status === 202 && (await endOf(caller, answer)) === 'done';
  if (answer.status === 200 || isDone) return;
  throw new Error(
    `${name} answered ${String(answer.status)} ${JSON.stringify(answer.body).slice(0, 600)}`,
  );
}

/** A command that must not be taken: refused at once, or by its operation where the answer took too long. */
export async function expectRefused(caller: Caller, answer: Answer): Promise<void> {
  if (answer.status === 409) return;
  if ((await endOf(caller, answer)) !== 'failed') throw new Error('what is not legal was done');
}

/** How the operation of a 202 ends. */
async function endOf(caller: Caller, answer: Answer): Promise<string> {
  const { statusUrl } = read(answer, IntakeAnswer, [202]);
  return poll(caller, 'the operation to end', async () => {
    const { operation } = read(await caller.api('GET', statusUrl), OperationAnswer);
    return operation.status === 'running' ? null : operation.status;
  });
}

export type WarehouseStep = 'start' | 'pick' | 'pack' | 'hand-over';
const WAREHOUSE_STEPS: readonly WarehouseStep[] = ['start', 'pick', 'pack', 'hand-over'];

/** The warehouse's steps on every fulfilment order of an order, up to and with `last`. */
export async function work(caller: Caller, order: Order, last: WarehouseStep): Promise<void> {
  for (const fulfillment of order.fulfillmentOrders)
    for (const step of WAREHOUSE_STEPS.slice(0, WAREHOUSE_STEPS.indexOf(last) + 1))
      await workOne(caller, fulfillment, step);
}

/** One step on one fulfilment order. */
export async function workOne(
  caller: Caller,
  fulfillment: FulfillmentOrder,
  step: WarehouseStep,
): Promise<void> {
  const { lines } = fulfillment;
  const units = lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
  const body = {
    start: {},
    pick: { lines: units },
    pack: { packages: [{ weightGrams: 800, lines: units }] },
    'hand-over': {},
  }[step];
  const answer = await caller.api('POST', `/v1/fulfillment-orders/${fulfillment.id}/${step}`, body);
  await expectDone(caller, step, answer);
}

/** Everything from the warehouse to the customer's door. */
export async function shipAndDeliver(caller: Caller, orderId: string): Promise<Order> {
  await work(caller, await untilStage(caller, orderId, 'warehouse'), 'hand-over');
  return deliver(caller, orderId);
}

/** The carrier delivers; it may have done so by itself meanwhile. */
export async function deliver(caller: Caller, orderId: string): Promise<Order> {
  const order = await untilStage(caller, orderId, 'carrier', 'completed');
  for (const { trackingNo } of order.shipments)
    if (trackingNo !== null && order.stage === 'carrier')
      await caller.sandbox('POST', `/carrier/shipments/${trackingNo}/deliver`, {});
  return untilStage(caller, orderId, 'completed');
}

export async function cancel(caller: Caller, orderId: string): Promise<Order> {
  await command(caller, orderId, 'cancel', { reason: 'the customer changed their mind' });
  return untilStage(caller, orderId, 'canceled');
}
