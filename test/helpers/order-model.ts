import fc from 'fast-check';

import { workOn } from './driver';
import { expectStatus, post, readOrder } from './orders';
import { receive } from './stock';
import type { Answer, System } from './system';
import { waitFor } from './wait-for';

// Documents are read by the contract, without our types.
type Document = any;

const line = fc.nat({ max: 1 });

/** What a customer, the desk and the warehouse may do with an order that is not over. */
export const COMMANDS = fc.oneof(
  fc.record({
    kind: fc.constant('cancel' as const),
    line,
    units: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({
    kind: fc.constant('amend' as const),
    line,
    quantity: fc.integer({ min: 1, max: 7 }),
  }),
  fc.record({ kind: fc.constantFrom('hold' as const, 'release' as const, 'split' as const) }),
  // Each does one step of the warehouse: most often it must be its turn.
  ...[1, 2, 3].map(() => fc.record({ kind: fc.constant('work' as const) })),
  fc.record({ kind: fc.constant('receive' as const), line, units: fc.integer({ min: 1, max: 4 }) }),
);
export type Command = typeof COMMANDS extends fc.Arbitrary<infer T> ? T : never;

/** Why an amend may be refused that the account here would allow. */
const NOT_AMENDED: ReadonlySet<string> = new Set(['insufficient_stock', 'already_packed']);

interface ModelLine {
  readonly sku: string;
  ordered: number;
  wanted: number;
  shipped: number;
}

/** The plainest account of an order: what is wanted of each line, what has left, and how much came in meanwhile. */
export interface Model {
  readonly orderId: string;
  readonly lines: readonly ModelLine[];
  /** Sends the command and takes over what it did. Throws where the answer is not what this account allows. */
  run(command: Command): Promise<void>;
  releaseAll(): Promise<void>;
  isCanceled(): boolean;
  /** Units of one SKU that commands brought in. */
  received(sku: string): number;
  /** The order once nothing of its money is on its way. */
  settled(): Promise<Document>;
}

export async function startModel(
  system: System,
  overrides: Record<string, unknown>,
): Promise<Model> {
  const { id: orderId, ...placed } = await post(system, overrides);
  const received = new Map<string, number>();
  const lines: ModelLine[] = placed.lines.map(({ sku, quantity }: Document) => ({
    ...{ sku, ordered: quantity, wanted: quantity, shipped: 0 },
  }));

  const command = (name: string, body: object): Promise<Answer> =>
    system.api('POST', `/v1/orders/${orderId}/${name}`, body);

  const letGo = (holdId: string): Promise<Answer> =>
    command('release', { holdId, reason: 'checked' });

  const isCanceled = (): boolean => lines.every(({ wanted }) => wanted === 0);

  /** The order once it waits for somebody, or is over. */
  async function rested(): Promise<Document> {
    return waitFor('the order to rest', async () => {
      const order = await readOrder(system, orderId);
      const isOver = order.status === 'completed' || order.status === 'canceled';
      return isOver || order.waitingFor !== null ? order : null;
    });
  }

  /** Whether it was taken; a refusal must be one of state. */
  function isTaken({ status, body }: Answer): boolean {
    if (status === 200 || status === 202) return true;
    if (status === 409 && body.code === 'illegal_transition') return false;
    throw new Error(`${String(status)} ${JSON.stringify(body)}`);
  }

  const expected = (what: string, isSo: boolean, order: Document): void => {
    if (!isSo) throw new Error(`not so: ${what}; ${JSON.stringify({ lines, order })}`);
  };

  async function cancel(order: Document, at: ModelLine, units: number): Promise<void> {
    const { id: lineId } = order.lines[lines.indexOf(at)];
    if (units > at.ordered) return;
    const answer = await command('cancel', {
      ...{ reason: 'changed mind', lines: [{ lineId, quantity: units }] },
    });
    const isPossible = units <= at.ordered - at.shipped;
    const isLegal = order.allowedActions.includes('cancel') || isCanceled();
    expected(
      `a cancel of ${String(units)}`,
      isTaken(answer) === (isPossible && isLegal),
      answer.body,
    );
    if (isPossible && isLegal) at.wanted -= Math.min(units, at.wanted - at.shipped);
  }

  async function amend(order: Document, at: ModelLine, quantity: number): Promise<void> {
    const { id: lineId, canceled } = order.lines[lines.indexOf(at)];
    const answer = await command('amend', {
      ...{ baseVersion: order.version, confirm: true },
      changes: [{ type: 'setQuantity', lineId, quantity }],
    });
    // What stock does not suffice for, what has left already and what would leave nothing is not changed.
    const isLast = lines.every((one) => one.wanted === 0 || one === at) && quantity === canceled;
    const isRefused = answer.status === 422 && (isLast || quantity < canceled + at.shipped);
    if (isRefused || NOT_AMENDED.has(answer.body.code) || !isTaken(answer)) return;
    at.ordered = quantity;
    at.wanted = quantity - canceled;
  }

  async function work(order: Document): Promise<void> {
    const task = order.fulfillmentOrders.find(
      ({ status }: Document) => status === 'open' || status === 'in_progress',
    );
    if (task === undefined) return;
    const answer = await workOn(system, task);
    if (answer === null) return;
    expected('the step that is allowed', isTaken(answer), task);
    const after = await readOrder(system, orderId);
    const done = after.fulfillmentOrders.find(({ id }: Document) => id === task.id);
    if (done.status !== 'closed') return;
    for (const { lineId, quantity } of task.lines) {
      const at = lines[order.lines.findIndex(({ id }: Document) => id === lineId)];
      if (at !== undefined) at.shipped += quantity;
    }
  }

  return {
    orderId,
    lines,
    isCanceled,
    async run(drawn) {
      const order = await rested();
      const at = lines['line' in drawn ? drawn.line % lines.length : 0];
      if (at === undefined) return;
      if (drawn.kind === 'cancel') await cancel(order, at, drawn.units);
      if (drawn.kind === 'amend') await amend(order, at, drawn.quantity);
      if (drawn.kind === 'work') await work(order);
      if (drawn.kind === 'hold')
        isTaken(await command('hold', { type: 'manual', reason: 'check' }));
      if (drawn.kind === 'release') await release(order);
      if (drawn.kind === 'split' && order.allowedActions.includes('resolve-shortage'))
        isTaken(await command('resolve-shortage', { choice: 'split' }));
      if (drawn.kind === 'receive') {
        await receive(system, at.sku, drawn.units);
        received.set(at.sku, (received.get(at.sku) ?? 0) + drawn.units);
      }
      const after = await readOrder(system, orderId);
      for (const [n, { wanted, shipped }] of lines.entries()) {
        const { quantity, canceled, shipped: left, allocated } = after.lines[n];
        expected('the units of a line', quantity - canceled === wanted && left === shipped, after);
        expected('what is promised', left + allocated <= wanted, after);
      }
    },
    async releaseAll() {
      const { holds, allowedActions } = await rested();
      if (!allowedActions.includes('release')) return;
      for (const { id, status } of holds)
        if (status === 'active') expectStatus(await letGo(id), 200);
    },
    received: (sku) => received.get(sku) ?? 0,
    settled: () =>
      waitFor('the money', async () => {
        const order = await readOrder(system, orderId);
        const { capturedMinor, authorizedMinor, voidedMinor, pendingRefundMinor } = order.amounts;
        const isSettled =
          capturedMinor + voidedMinor === authorizedMinor && pendingRefundMinor === 0;
        return isSettled ? order : null;
      }),
  };

  async function release(order: Document): Promise<void> {
    const held = order.holds.find(({ status }: Document) => status === 'active');
    if (held !== undefined) isTaken(await letGo(held.id));
  }
}
