import { type Caller } from './orders';
import type { Answer } from './system';
import { waitFor } from './wait-for';

// Documents are read by the contract, without our types.
type Document = any;

export interface DriveOptions {
  /** Stages at which to stop; default the ends. */
  readonly until?: readonly string[];
  readonly timeoutMs?: number;
  readonly pauseMs?: number;
}

/**
 * Walks an order on like a warehouse and a carrier that look at it and do what is due, again and again: whatever fails
 * meanwhile is looked at afresh. Gives the order at its end; throws with where it stands when the time is over.
 */
export async function drive(
  system: Caller,
  orderId: string,
  { until = ['completed', 'canceled'], timeoutMs = 90_000, pauseMs = 150 }: DriveOptions = {},
): Promise<Document> {
  let last: Document;
  try {
    return await waitFor(
      `order ${orderId} to end`,
      async () => {
        try {
          const answer = await system.api('GET', `/v1/orders/${orderId}`);
          if (answer.status !== 200) return await pause(pauseMs);
          last = answer.body.order;
          if (until.includes(last.stage)) return last;
          await work(system, last);
        } catch (err) {
          // A service that is down cuts the connection; it is asked again.
          if (!isCutOff(err)) throw err;
        }
        return pause(pauseMs);
      },
      timeoutMs,
    );
  } catch (err) {
    const { stage, status, waitingFor, fulfillmentOrders, shipments } = last ?? {};
    const facts = { orderId, stage, status, waitingFor, fulfillmentOrders, shipments };
    const seen = JSON.stringify(facts);
    throw new Error(`the order stands at ${seen}`, { cause: err });
  }
}

async function work(system: Caller, order: Document): Promise<void> {
  if (order.stage === 'warehouse')
    for (const task of order.fulfillmentOrders) await workOn(system, task);
  if (order.stage === 'carrier')
    for (const { trackingNo } of order.shipments)
      await system.sandbox('POST', `/carrier/shipments/${trackingNo}/deliver`, {});
}

/** The one step that is due on a fulfilment order; null: none is. */
export async function workOn(system: Caller, task: Document): Promise<Answer | null> {
  const path = `/v1/fulfillment-orders/${task.id}`;
  const left = task.lines
    .map((line: Document) => ({ lineId: line.lineId, quantity: line.quantity - line.picked }))
    .filter((line: Document) => line.quantity > 0);
  const due = (action: string): boolean => task.allowedActions.includes(action);
  if (due('hand-over')) return system.api('POST', `${path}/hand-over`, {});
  if (due('pack')) return system.api('POST', `${path}/pack`, { packages: [{ weightGrams: 700 }] });
  if (due('pick') && left.length > 0) return system.api('POST', `${path}/pick`, { lines: left });
  return due('start') ? system.api('POST', `${path}/start`, {}) : null;
}

/** What `fetch` throws where nobody answers; its class is not that of a test's realm. */
export function isCutOff(err: unknown): boolean {
  return String(err).startsWith('TypeError: fetch failed') || String(err).includes('terminated');
}

async function pause(ms: number): Promise<null> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return null;
}
