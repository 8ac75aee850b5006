import type { Line } from './bodies';
import { type Caller, read } from './caller';
import { AmendAnswer, type Order, RefundAnswer, type Return, ReturnAnswer } from './documents';
import { command, poll, readOrder, shipAndDeliver, untilStage } from './steps';
import { type DemoOrder, start, startAndDeliver } from './walks';

/** What is given back, exchanged, added or canceled. */
export const MUGS: Line = { sku: 'MUG-WHITE', quantity: 2 };

/** All of it comes back as new, and all of its money goes back. */
export async function walkReturned(demo: DemoOrder): Promise<Order> {
  const order = await startAndDeliver(demo, { lines: [MUGS] });
  await giveBack(demo.caller, order, { kind: 'return' });
  return untilPaid(demo.caller, order.id, 'refunded');
}

/** The same again for what came back: an order of its own, paid by it. */
export async function walkExchanged(demo: DemoOrder): Promise<Order> {
  const { caller } = demo;
  const order = await startAndDeliver(demo, { lines: [MUGS] });
  const { exchangeOrderId } = await giveBack(caller, order, { kind: 'exchange' });
  if (exchangeOrderId === null) throw new Error('there is no order in exchange');
  const { paymentStatus } = await shipAndDeliver(caller, exchangeOrderId);
  if (paymentStatus !== 'paid') throw new Error(`the order in exchange is ${paymentStatus}`);
  return readOrder(caller, order.id);
}

/** Goodwill: the customer keeps everything. */
export async function walkRefunded(demo: DemoOrder): Promise<Order> {
  const { caller } = demo;
  const { id } = await startAndDeliver(demo);
  const ask = { amountMinor: 100 + demo.seed.n, reason: 'a scratch' };
  const asked = await caller.api('POST', `/v1/orders/${id}/refunds`, ask);
  const { refund } = read(asked, RefundAnswer, [201]);
  await poll(caller, 'the refund', async () => {
    const seen = read(await caller.api('GET', `/v1/refunds/${refund.id}`), RefundAnswer);
    return seen.refund.status === 'succeeded' ? seen : null;
  });
  return readOrder(caller, id);
}

/** Something is added in the warehouse, at the price that the preview showed. */
export async function walkAmended(demo: DemoOrder): Promise<Order> {
  const { caller } = demo;
  const { id } = await start(demo);
  const { version: baseVersion } = await untilStage(caller, id, 'warehouse');
  const changes = [{ type: 'addLine', ...MUGS }];
  const preview = await caller.api('POST', `/v1/orders/${id}/amend`, {
    ...{ baseVersion, changes, confirm: false },
  });
  const { after } = read(preview, AmendAnswer).change;
  await command(caller, id, 'amend', { baseVersion, changes, confirm: true });
  const done = await shipAndDeliver(caller, id);
  if (done.totalMinor === after.totalMinor) return done;
  throw new Error(`it costs ${String(done.totalMinor)}, not ${String(after.totalMinor)}`);
}

/** One unit less than was asked for: it is neither sent nor charged. */
export async function walkUnitsCanceled(demo: DemoOrder): Promise<Order> {
  const { caller } = demo;
  const { id } = await start(demo, { lines: [MUGS] });
  const { lines } = await untilStage(caller, id, 'warehouse');
  const units = lines.map((line) => ({ lineId: line.id, quantity: 1 }));
  await command(caller, id, 'cancel', { reason: 'one is enough', lines: units });
  return shipAndDeliver(caller, id);
}

/** A return from the request to its end: all units of an order, as new, back on the shelf. */
async function giveBack(caller: Caller, order: Order, body: object): Promise<Return> {
  const units = order.lines.map(({ id, quantity }) => ({ lineId: id, quantity }));
  const asked = units.map((unit) => ({ ...unit, reason: 'changed_mind' }));
  const answer = await caller.api('POST', `/v1/orders/${order.id}/returns`, {
    ...{ ...body, lines: asked },
  });
  const { id } = read(answer, ReturnAnswer, [201]).return;
  await returnStep(caller, id, 'approve', {}, ['approved', 'in_transit']);
  const received = units.map((unit) => ({ ...unit, condition: 'new' }));
  await returnStep(caller, id, 'receive', { lines: received }, ['received']);
  const accepted = units.map(({ lineId, quantity }) => ({
    ...{ lineId, accepted: quantity, disposition: 'restock' },
  }));
  return returnStep(caller, id, 'inspect', { lines: accepted }, ['closed']);
}

/** One command of a return, and the wait for what it leads to; 202 means that it goes on by itself. */
async function returnStep(
  caller: Caller,
  returnId: string,
  name: string,
  body: object,
  statuses: readonly string[],
): Promise<Return> {
  const answer = await caller.api('POST', `/v1/returns/${returnId}/${name}`, body);
  if (answer.status !== 202) read(answer, ReturnAnswer);
  return poll(caller, `a return that is ${statuses.join(' or ')}`, async () => {
    const seen = read(await caller.api('GET', `/v1/returns/${returnId}`), ReturnAnswer).return;
    return statuses.includes(seen.status) ? seen : null;
  });
}

async function untilPaid(caller: Caller, orderId: string, paymentStatus: string): Promise<Order> {
  return poll(caller, `an order that is ${paymentStatus}`, async () => {
    const order = await readOrder(caller, orderId);
    return order.paymentStatus === paymentStatus ? order : null;
  });
}
