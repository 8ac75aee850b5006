import { readOrder } from './orders';
import { type System } from './system';
import { waitFor } from './wait-for';

// Documents are read by the contract, without our types.
type Document = any;

/** What the gateway's books have of an order, oldest first. */
export async function gatewayEntries(system: System, orderId: string): Promise<Document[]> {
  const { body } = await system.sandbox('GET', '/gateway/books');
  return body.entries.filter(({ reference }: Document) => reference === orderId);
}

/** Waits until all that was authorised is captured or given back. */
export async function untilSettled(system: System, orderId: string): Promise<Document> {
  return waitFor('the money', async () => {
    const order = await readOrder(system, orderId);
    const { capturedMinor, authorizedMinor, voidedMinor } = order.amounts;
    return capturedMinor + voidedMinor === authorizedMinor ? order : null;
  });
}
