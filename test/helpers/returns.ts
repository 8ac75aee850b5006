import { type Caller, expectStatus } from './orders';
import { waitFor } from './wait-for';

// Documents are read by the contract, without our types.
type Document = any;

/** Asks for units of the order's lines to come back, by line number; what else the body has wins. */
export async function askReturn(
  system: Caller,
  order: Document,
  units: readonly number[],
  overrides: Record<string, unknown> = {},
): Promise<Document> {
  const body = { ...returnBody(order, units), ...overrides };
  const answer = await system.api('POST', `/v1/orders/${order.id}/returns`, body);
  return expectStatus(answer, 201).return;
}

export function returnBody(order: Document, units: readonly number[]): Record<string, unknown> {
  const lines = order.lines.flatMap(({ id }: Document, n: number) =>
    (units[n] ?? 0) > 0 ? [{ lineId: id, quantity: units[n], reason: 'changed_mind' }] : [],
  );
  return { lines, kind: 'return' };
}

let counter = 0;

/** Sends a command until it is done. */
export async function commandReturn(
  system: Caller,
  returnId: string,
  command: string,
  body: object,
): Promise<Document> {
  counter += 1;
  const idempotencyKey = `return-command-${String(Date.now())}-${String(counter)}`;
  const send = () =>
    system.api('POST', `/v1/returns/${returnId}/${command}`, body, { idempotencyKey });
  let answer = await send();
  // A busy machine may take its time: the same key finds the same command.
  for (let tries = 1; tries < 4 && (answer.status === 503 || answer.status === 202); tries += 1)
    answer = await send();
  return expectStatus(answer, 200).return;
}

export async function readReturn(system: Caller, returnId: string): Promise<Document> {
  return expectStatus(await system.api('GET', `/v1/returns/${returnId}`), 200).return;
}

/** Waits until the return has the status; throws with where it stands. */
export async function untilReturn(
  system: Caller,
  returnId: string,
  status: string,
): Promise<Document> {
  let last: Document;
  try {
    return await waitFor(status, async () => {
      last = await readReturn(system, returnId);
      return last.status === status ? last : null;
    });
  } catch (err) {
    const { status: seen, waitingFor } = last ?? {};
    throw new Error(`return stands at ${JSON.stringify({ seen, waitingFor })}`, { cause: err });
  }
}
