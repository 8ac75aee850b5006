import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

import { timeoutSignal } from '../../src/platform/timeout-signal';
import { clockTime, messageOf, say } from './say';
import { type Run } from './state';

const WALK_TIMEOUT_MS = 180_000;
const POLL_MS = 250;
const CURRENCY = 'USD';
/** Below what the review would hold a first order for. */
const HIGHEST_PRICE_MINOR = 10_000;

const FulfillmentOrder = z.object({
  id: z.string(),
  status: z.string(),
  allowedActions: z.array(z.string()),
  lines: z.array(z.object({ lineId: z.string(), quantity: z.number() })),
});
type FulfillmentOrder = z.infer<typeof FulfillmentOrder>;

const Order = z.object({
  id: z.string(),
  orderNo: z.string(),
  status: z.string(),
  temporalUrl: z.string().nullish(),
  waitingFor: z.object({ code: z.string(), detail: z.string() }).nullable(),
  fulfillmentOrders: z.array(FulfillmentOrder),
});
type Order = z.infer<typeof Order>;

const OrderAnswer = z.object({ order: Order });
const Products = z.object({
  items: z.array(
    z.object({
      sku: z.string(),
      prices: z.array(z.object({ currency: z.string(), priceMinor: z.number() })),
      kitParts: z.array(z.unknown()).optional(),
    }),
  ),
});
const Levels = z.object({ items: z.array(z.object({ sku: z.string(), available: z.number() })) });

interface Caller {
  readonly run: Run;
  readonly signal: AbortSignal;
  /** Keys of the calls that were answered: none is made twice. */
  readonly done: Set<string>;
}

/**
 * Walks one order from POST to its end through the public API, printing each call. The order is the same one for
 * a state directory: a later start finishes what an earlier one began, and a finished one stays as it is.
 */
export async function walkSampleOrder(run: Run, signal: AbortSignal): Promise<void> {
  const caller = { run, signal, done: new Set<string>() };
  try {
    const body = await sampleBody(caller);
    const placed = await post(caller, '/v1/orders', body, `order-${body.externalId}`);
    let order = await read(caller, placed.id);
    if (isOver(order)) {
      say(`The sample order ${order.orderNo} is ${order.status} since an earlier start.\n`);
      return;
    }
    step(`order ${order.orderNo} is placed: ${order.temporalUrl ?? ''}`);
    const until = Date.now() + WALK_TIMEOUT_MS;
    while (!isOver(order)) {
      if (Date.now() > until) throw new Error(`it is still ${describe(order)}`);
      order = await moveOn(caller, order);
    }
    step(`order ${order.orderNo} is ${order.status}; its survey follows in some days`);
    say('');
  } catch (err) {
    if (!signal.aborted) say(`! The sample order did not get through: ${messageOf(err)}`);
  }
}

function isOver(order: Order): boolean {
  return order.status === 'completed' || order.status === 'canceled';
}

async function moveOn(caller: Caller, order: Order): Promise<Order> {
  for (const fulfillment of order.fulfillmentOrders) await work(caller, fulfillment);
  await sleep(POLL_MS, undefined, { signal: caller.signal });
  const next = await read(caller, order.id);
  if (describe(next) !== describe(order)) step(`it is ${describe(next)}`);
  return next;
}

function describe(order: Order): string {
  return order.waitingFor === null
    ? order.status
    : `${order.status}, waiting for ${order.waitingFor.code}`;
}

/** What the warehouse does, each step as soon as it is allowed. */
async function work(caller: Caller, fulfillment: FulfillmentOrder): Promise<void> {
  const bodies: readonly [string, unknown][] = [
    ['start', {}],
    ['pick', { lines: fulfillment.lines.map(({ lineId, quantity }) => ({ lineId, quantity })) }],
    ['pack', { packages: [{ weightGrams: 900, lines: fulfillment.lines }] }],
    ['hand-over', {}],
  ];
  for (const [action, body] of bodies) {
    const isAllowed = fulfillment.allowedActions.some(
      (allowed) => allowed.replace('_', '-') === action,
    );
    if (!isAllowed) continue;
    const key = `sample-${fulfillment.id}-${action}`;
    if (caller.done.has(key)) return;
    await send(caller, 'POST', `/v1/fulfillment-orders/${fulfillment.id}/${action}`, body, key);
    return;
  }
}

interface SampleBody extends Record<string, unknown> {
  readonly externalId: string;
}

/** Kept in the state directory: the same order again has to have the same body. */
async function sampleBody(caller: Caller): Promise<SampleBody> {
  const file = path.join(caller.run.stateDir, 'sample-order.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SampleBody;
  const address = { name: 'Ada Park', line1: '1 Main St', city: 'Boston', region: 'MA' };
  const body = {
    channel: 'web',
    externalId: `SAMPLE-${Date.now()}`,
    currency: CURRENCY,
    customer: { email: 'ada.park@example.com', name: 'Ada Park', locale: 'en' },
    lines: [{ sku: await chooseSku(caller), quantity: 1 }],
    shippingAddress: { ...address, postalCode: '02110', country: 'US' },
    shippingMethod: 'standard',
    payment: { method: 'card', token: 'tok_ok' },
  };
  writeFileSync(file, JSON.stringify(body), { mode: 0o600 });
  return body;
}

/** The plain product with the most stock: one unit of it is missed least. */
async function chooseSku(caller: Caller): Promise<string> {
  const products = await call(caller, 'GET', '/v1/products?limit=100', Products);
  const levels = await call(caller, 'GET', '/v1/inventory?limit=100', Levels);
  const fit = new Set(
    products.items
      .filter(({ kitParts = [] }) => kitParts.length === 0)
      .filter(({ prices }) =>
        prices.some((p) => p.currency === CURRENCY && p.priceMinor <= HIGHEST_PRICE_MINOR),
      )
      .map(({ sku }) => sku),
  );
  const [best] = levels.items
    .filter(({ sku }) => fit.has(sku))
    .sort((a, b) => b.available - a.available);
  if (best === undefined) throw new Error('the catalogue has no product for it');
  return best.sku;
}

/** Placed in time it is 201 or 200; else 202, and the intake tells when it is. */
async function post(caller: Caller, route: string, body: unknown, key: string): Promise<Order> {
  const answer = await send(caller, 'POST', route, body, key);
  const placed = OrderAnswer.safeParse(answer);
  if (placed.success) return placed.data.order;
  const { statusUrl } = z.object({ statusUrl: z.string() }).parse(answer);
  for (;;) {
    await sleep(1000, undefined, { signal: caller.signal });
    const intake = z.object({ intake: z.object({ status: z.string(), orderId: z.string() }) });
    const { status, orderId } = (
      await call(caller, 'GET', new URL(statusUrl, caller.run.apiUrl).pathname, intake)
    ).intake;
    if (status === 'placed') return read(caller, orderId);
  }
}

async function read(caller: Caller, id: string): Promise<Order> {
  return (await call(caller, 'GET', `/v1/orders/${id}`, OrderAnswer)).order;
}

async function call<T>(
  caller: Caller,
  method: string,
  route: string,
  shape: z.ZodType<T>,
): Promise<T> {
  return shape.parse(await request(caller, method, route).then((answer) => answer.body));
}

async function send(
  caller: Caller,
  method: string,
  route: string,
  body: unknown,
  key: string,
): Promise<unknown> {
  const startedAt = performance.now();
  const answer = await request(caller, method, route, body, key);
  step(`${method} ${route} → ${answer.status} in ${Math.round(performance.now() - startedAt)} ms`);
  if (answer.status !== 202) caller.done.add(key);
  return answer.body;
}

async function request(
  { run, signal }: Caller,
  method: string,
  route: string,
  body?: unknown,
  key?: string,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${run.apiUrl}${route}`, {
    method,
    signal: AbortSignal.any([signal, timeoutSignal(20_000)]),
    headers: {
      authorization: `Bearer ${run.adminKey}`,
      ...(key === undefined ? {} : { 'idempotency-key': key, 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${method} ${route} answered ${response.status} ${text.slice(0, 500)}`);
  return { status: response.status, body: JSON.parse(text) };
}

function step(text: string): void {
  say(`${clockTime()}  ▸ ${text}`);
}
