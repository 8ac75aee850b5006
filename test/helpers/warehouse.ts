import { expectStatus } from './orders';
import type { Answer, System } from './system';

// Documents are read by the contract, without our types.
type Document = any;

/** A product of the test's own with the given units at each location, or a kit of parts. */
export async function stock(
  system: System,
  sku: string,
  onHand: Record<string, number>,
  kitParts: { sku: string; quantity: number }[] = [],
): Promise<void> {
  const body = {
    title: sku,
    prices: [{ currency: 'USD', priceMinor: 1000 }],
    weightGrams: 100,
    kitParts,
  };
  expectStatus(await system.api('PUT', `/v1/products/${sku}`, body), 200);
  for (const [location, delta] of Object.entries(onHand))
    await adjust(system, { sku, location, delta });
}

export async function adjust(
  system: System,
  change: { sku: string; location: string; delta: number },
): Promise<void> {
  const body = { ...change, reason: change.delta > 0 ? 'receipt' : 'loss' };
  expectStatus(await system.api('POST', '/v1/inventory/adjustments', body), 200);
}

export async function level(system: System, sku: string, location: string): Promise<Document> {
  const { body } = await system.api('GET', `/v1/inventory?sku=${sku}&location=${location}`);
  return body.items[0];
}

export function work(
  system: System,
  id: string,
  action: string,
  body: unknown = {},
  idempotencyKey?: string,
): Promise<Answer> {
  const options = idempotencyKey === undefined ? {} : { idempotencyKey };
  return system.api('POST', `/v1/fulfillment-orders/${id}/${action}`, body, options);
}
