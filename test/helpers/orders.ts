import type { Answer, System } from './system';
import { waitFor } from './wait-for';

/** An installation as its users reach it. */
export type Caller = Pick<System, 'api' | 'sandbox'>;

let counter = 0;

/** A unique, valid order body; overrides win. */
export function anOrder(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  counter += 1;
  const n = `${String(process.pid)}-${String(Date.now())}-${String(counter)}`;
  return {
    channel: 'web',
    externalId: `W-${n}`,
    currency: 'USD',
    customer: { email: `ada-${n}@example.com`, name: 'Ada Park', locale: 'en' },
    lines: [{ sku: 'MUG-RED', quantity: 2 }],
    shippingAddress: {
      name: 'Ada Park',
      line1: '1 Main St',
      city: 'Boston',
      region: 'MA',
      postalCode: '02110',
      country: 'US',
    },
    shippingMethod: 'standard',
    payment: { method: 'card', token: 'tok_ok' },
    ...overrides,
  };
}

// Documents are read by the contract, without our types.
type Document = any;

/** Posts an order and answers with its document; fails unless it was placed. */
export async function post(
  system: Caller,
  overrides: Record<string, unknown> = {},
): Promise<Document> {
  const answer = await system.api('POST', '/v1/orders', anOrder(overrides));
  return expectStatus(answer, 201).order;
}

export function expectStatus(answer: Answer, status: number): Document {
  if (answer.status !== status)
    throw new Error(
      `expected ${String(status)}, got ${String(answer.status)}: ${JSON.stringify(answer.body)}`,
    );
  return answer.body;
}

export async function readOrder(system: Caller, orderId: string): Promise<Document> {
  return expectStatus(await system.api('GET', `/v1/orders/${orderId}`), 200).order;
}

/** Waits until the order shows the stage. */
export async function untilStage(
  system: Caller,
  orderId: string,
  stage: string,
  timeoutMs?: number,
): Promise<Document> {
  let last: Document;
  try {
    return await waitFor(
      stage,
      async () => {
        last = await readOrder(system, orderId);
        return last.stage === stage ? last : null;
      },
      timeoutMs,
    );
  } catch (err) {
    throw new Error(
      `order stands at ${JSON.stringify({ stage: last?.stage, status: last?.status, waitingFor: last?.waitingFor })}`,
      { cause: err },
    );
  }
}

/** The warehouse's four commands on every fulfilment order of an order that waits for the warehouse. */
export async function shipAll(system: Caller, orderId: string): Promise<Document> {
  const order = await untilStage(system, orderId, 'warehouse');
  for (const { id } of order.fulfillmentOrders) await ship(system, id);
  return readOrder(system, orderId);
}

export async function ship(system: Caller, fulfillmentOrderId: string): Promise<void> {
  const lines = await pick(system, fulfillmentOrderId);
  await packAndHandOver(system, fulfillmentOrderId, lines);
}

export async function pick(
  system: Caller,
  id: string,
): Promise<{ lineId: string; quantity: number }[]> {
  const started = await system.api('POST', `/v1/fulfillment-orders/${id}/start`, {});
  const lines = expectStatus(started, 200).fulfillmentOrder.lines.map((line: Document) => ({
    lineId: line.lineId,
    quantity: line.quantity,
  }));
  expectStatus(await system.api('POST', `/v1/fulfillment-orders/${id}/pick`, { lines }), 200);
  return lines;
}

export async function packAndHandOver(
  system: Caller,
  id: string,
  lines: { lineId: string; quantity: number }[],
): Promise<void> {
  const packages = [{ weightGrams: 700, lines }];
  expectStatus(await system.api('POST', `/v1/fulfillment-orders/${id}/pack`, { packages }), 200);
  expectStatus(await system.api('POST', `/v1/fulfillment-orders/${id}/hand-over`, {}), 200);
}

/** The carrier delivers every shipment of the order. */
export async function deliverAll(system: Caller, orderId: string): Promise<void> {
  const { shipments } = await readOrder(system, orderId);
  for (const { trackingNo } of shipments)
    expectStatus(await system.sandbox('POST', `/carrier/shipments/${trackingNo}/deliver`, {}), 200);
}

/** Places an order, or takes the one that is named, and walks it to its completion: its goods have all arrived. */
export async function completeOrder(
  system: Caller,
  overrides: Record<string, unknown> = {},
  orderId?: string,
): Promise<Document> {
  const id = orderId ?? (await post(system, overrides)).id;
  await shipAll(system, id);
  await untilStage(system, id, 'carrier');
  await deliverAll(system, id);
  return untilStage(system, id, 'completed');
}
