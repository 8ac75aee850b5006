import { completeOrder, expectStatus } from './orders';
import { type System } from './system';
import { waitFor } from './wait-for';

// Documents are read by the contract, without our types.
type Document = any;

/** Asks for a refund; fails unless it was taken. */
export async function askRefund(
  system: System,
  orderId: string,
  body: Record<string, unknown>,
): Promise<Document> {
  const ask = { reason: 'wanted back', ...body };
  return expectStatus(await system.api('POST', `/v1/orders/${orderId}/refunds`, ask), 201).refund;
}

/** A customer with that much store credit, as an order names one. */
export async function aCreditor(system: System, amountMinor: number): Promise<Document> {
  const { id, customerId, customer } = await completeOrder(system);
  const refund = await askRefund(system, id, { amountMinor, to: 'store_credit' });
  await untilRefund(system, refund.id, 'succeeded');
  return { customerId, customer: { email: customer.email } };
}

/** What a customer holds, newest movement first. */
export async function readCredit(system: System, customerId: string): Promise<Document> {
  const answer = await system.api('GET', `/v1/customers/${customerId}/store-credit`);
  const { balances, items } = expectStatus(answer, 200);
  const balanceMinor = balances[0]?.balanceMinor ?? 0;
  return { balanceMinor, deltas: items.map(({ deltaMinor }: Document) => deltaMinor) };
}

export async function readRefund(system: System, id: string): Promise<Document> {
  return expectStatus(await system.api('GET', `/v1/refunds/${id}`), 200).refund;
}

/** Waits until the refund has the status, and waits for `code` (null: for nothing). */
export async function untilRefund(
  system: System,
  id: string,
  status: string,
  code: string | null = null,
): Promise<Document> {
  let last: Document;
  try {
    return await waitFor(status, async () => {
      last = await readRefund(system, id);
      const isThere = last.status === status && (last.waitingFor?.code ?? null) === code;
      return isThere ? last : null;
    });
  } catch (err) {
    throw new Error(`refund stands at ${JSON.stringify(last)}`, { cause: err });
  }
}

/** The one open incident of a refund. */
export async function openIncident(system: System, refundId: string): Promise<Document> {
  return waitFor('the incident', async () => {
    const { body } = await system.api('GET', '/v1/incidents?status=open');
    return body.items.find((incident: Document) => incident.docId === refundId);
  });
}
