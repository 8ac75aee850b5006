import { randomUUID } from 'node:crypto';

import type { Answer } from './system';
import { waitFor } from './wait-for';

// Documents are read by the contract, without our types.
type Document = any;

/** What a document's commands may be, by the table of `src/domain`, and what each makes of its facts. */
export interface Machine<A extends string, F> {
  readonly actions: readonly A[];
  readonly table: (facts: F) => readonly string[];
  /** The facts once the command has had its effect, and what followed by itself too. */
  readonly effect: (action: A, facts: F) => F;
  readonly statusOf: (facts: F) => string;
  readonly send: (document: Document, action: A, idempotencyKey?: string) => Promise<Answer>;
  readonly read: (document: Document) => Promise<Document>;
  /** Commands that are no refusal although the table does not name them: a repeat with nothing left to do. */
  readonly isNoOp: (action: A, facts: F) => boolean;
  /** What commands have recorded: one that has one effect records each kind of event once. */
  readonly events: (document: Document) => Promise<readonly string[]>;
}

const OK: readonly number[] = [200, 202];

export function legalOf<A extends string, F>(machine: Machine<A, F>, facts: F): A[] {
  const allowed = machine.table(facts);
  return machine.actions.filter((action) => allowed.includes(action));
}

function isTaken<A extends string, F>(machine: Machine<A, F>, action: A, facts: F): boolean {
  return machine.table(facts).includes(action) || machine.isNoOp(action, facts);
}

function toRefusal<A extends string, F>(machine: Machine<A, F>, facts: F) {
  const currentStatus = machine.statusOf(facts);
  return { code: 'illegal_transition', currentStatus, allowedActions: machine.table(facts) };
}

function refusalOf({ status, body }: Answer): object {
  const { code, currentStatus, allowedActions } = body;
  return { status, code, currentStatus, allowedActions };
}

/** What a command may change; invoices, scans and the like come by themselves. */
function changeable({ version, status, holds, lines, allowedActions }: Document): object {
  return { version, status, holds, lines, allowedActions };
}

/** What stands in the document as soon as everything that follows by itself has come to pass. */
async function expectSettled<A extends string, F>(
  machine: Machine<A, F>,
  document: Document,
  facts: F,
): Promise<Document> {
  const expected = { status: machine.statusOf(facts), allowedActions: machine.table(facts) };
  let seen: Document;
  try {
    return await waitFor(
      'the state',
      async () => {
        seen = await machine.read(document);
        const { status, allowedActions } = seen;
        return JSON.stringify({ status, allowedActions }) === JSON.stringify(expected)
          ? seen
          : null;
      },
      10_000,
    );
  } catch (err) {
    const { status, allowedActions } = seen;
    throw new Error(
      `expected ${JSON.stringify(expected)}, got ${JSON.stringify({ status, allowedActions })}`,
      { cause: err },
    );
  }
}

/** Illegal commands, on one document: refused with what is legal, again by the same key, twice at once; nothing changes. */
export async function expectRefusals<A extends string, F>(
  machine: Machine<A, F>,
  document: Document,
  facts: F,
): Promise<void> {
  const illegal = machine.actions.filter((action) => !isTaken(machine, action, facts));
  await expectSettled(machine, document, facts);
  const before = changeable(await machine.read(document));
  const events = await machine.events(document);
  const refusal = { status: 409, ...toRefusal(machine, facts) };
  for (const action of illegal) {
    const key = randomUUID();
    const first = await machine.send(document, action, key);
    const others = await Promise.all([
      machine.send(document, action, key),
      machine.send(document, action),
      machine.send(document, action),
    ]);
    const seen = [first, ...others].map((answer) => ({ action, ...refusalOf(answer) }));
    expect(seen).toEqual(seen.map(() => ({ action, ...refusal })));
  }
  expect(changeable(await machine.read(document))).toEqual(before);
  expect(await machine.events(document)).toEqual(events);
}

/** A legal command: taken, once for one key however often it is sent; with another key it is a second command. */
export async function expectTaken<A extends string, F>(
  machine: Machine<A, F>,
  { document, action, facts }: { document: Document; action: A; facts: F },
): Promise<void> {
  await expectSettled(machine, document, facts);
  const before = await machine.events(document);
  const key = randomUUID();
  const twins = await Promise.all([
    machine.send(document, action, key),
    machine.send(document, action, key),
  ]);
  const codes = twins.map(({ status, body }) => (OK.includes(status) ? 'taken' : body.code));
  expect(codes).toContain('taken');
  expect(['taken', 'idempotency_in_progress']).toEqual(expect.arrayContaining(codes));
  const settled = machine.effect(action, facts);
  const now = await expectSettled(machine, document, settled);
  const again = await machine.send(document, action, key);
  expect([action, again.headers.get('idempotency-replayed')]).toEqual([action, 'true']);

  const fresh = (await machine.events(document)).slice(before.length);
  expect(fresh).toEqual([...new Set(fresh)]);

  const other = await machine.send(now, action);
  if (isTaken(machine, action, settled))
    expect([action, OK]).toEqual([action, expect.arrayContaining([other.status])]);
  else
    expect({ action, ...refusalOf(other) }).toEqual({
      action,
      status: 409,
      ...toRefusal(machine, settled),
    });
}

/** A command against its rival, sent at once: what comes of it is what one order of the two gives, by the table. */
export async function expectOneOrder<A extends string, F>(
  machine: Machine<A, F>,
  race: {
    document: Document;
    actions: readonly [A, A];
    facts: F;
  },
): Promise<void> {
  const { document, actions, facts } = race;
  await expectSettled(machine, document, facts);
  const answers = await Promise.all(actions.map((action) => machine.send(document, action)));
  const wins = answers.map(({ status }) => OK.includes(status));
  for (const [n, { status, body }] of answers.entries()) {
    if (wins[n] === true) continue;
    const isStale = body.code === 'version_conflict' && actions[n] === 'amend';
    if (status !== 409 || (body.code !== 'illegal_transition' && !isStale))
      throw new Error(`${String(actions[n])}: ${String(status)} ${JSON.stringify(body)}`);
  }
  const isStale = answers.some(({ body }) => body.code === 'version_conflict');
  const possible = (
    [
      [0, 1],
      [1, 0],
    ] as const
  ).flatMap((order) => {
    const [first, second] = [actions[order[0]], actions[order[1]]];
    if (!isTaken(machine, first, facts)) return [];
    const then = machine.effect(first, facts);
    const isSecond = isTaken(machine, second, then) && !isStale;
    const end = isSecond ? machine.effect(second, then) : then;
    return [{ wins: [0, 1].map((n) => n === order[0] || isSecond), end }];
  });
  const fitting = possible.filter((one) => JSON.stringify(one.wins) === JSON.stringify(wins));
  expect({ actions, wins, possible: possible.map((one) => one.wins) }).toEqual(
    expect.objectContaining({ possible: expect.arrayContaining([wins]) }),
  );
  const ends = fitting.map(({ end }) => expectSettled(machine, document, end));
  await Promise.any(ends);
}
