import { audit } from '../helpers/audit';
import { expectCleanBooks } from '../helpers/books';
import { anOrder } from '../helpers/orders';
import { startSystem, type System } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';
import type { Scenario } from './scenarios';
import { spawnWorker } from './worker-process';

/** Shorter than an operator would have it: a worker that died while it sent is not waited for. */
const POLICIES = { claimTimeout: 'PT3S' };
const LIMIT_MS = 120_000;

export interface CrashRun {
  /** Where worker processes were killed, in order. */
  readonly crashes: readonly string[];
  /** The points that the first worker process passed, in order. */
  readonly points: readonly string[];
  /** What is not as it must be at the end; null: all is. */
  readonly breach: string | null;
  readonly seconds: number;
}

/**
 * Tells one order's story, on a database and task queues of its own, and compares the end with what must be. Its worker
 * process kills itself at the first of the points that it passes, the next one at the first of the others, and so on.
 */
export async function runWithCrashes(
  scenario: Scenario,
  points: readonly string[],
): Promise<CrashRun> {
  const system = await startSystem({ withoutWorkers: true, policies: POLICIES, poolMax: 4 });
  const startedAt = performance.now();
  const crashes: string[] = [];
  let isOver = false;
  let worker = spawnWorker(system, points);
  const first = worker;
  let breach: string | null = null;
  void keepOneAlive();
  try {
    for (const [service, fault] of Object.entries(scenario.faults))
      await system.sandbox('PUT', `/faults/${service}`, fault);
    await scenario.prepare?.(system);
    const orderId = await order(system, scenario);
    await scenario.tell(system, orderId);
    await expectEnd(system, scenario, orderId, () => crashes.length);
  } catch (err) {
    breach = describe(err);
  } finally {
    isOver = true;
    await worker.kill();
    await system.stop();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { crashes, points: [...first.points], breach, seconds };

  /** Each worker process that has killed itself is followed by one that dies at none of the points so far. */
  async function keepOneAlive(): Promise<void> {
    for (;;) {
      await worker.ended;
      const point = worker.points.at(-1);
      if (isOver || point === undefined || !points.includes(point)) return;
      crashes.push(point);
      worker = spawnWorker(
        system,
        points.filter((name) => !crashes.includes(name)),
      );
    }
  }
}

/** Posts the order; where no worker answers in time the intake says which it will be. */
async function order(system: System, scenario: Scenario): Promise<string> {
  const body = anOrder(scenario.order);
  return waitFor('the order to be taken', async () => {
    const answer = await system.api('POST', '/v1/orders', body);
    if (answer.status === 503) return null;
    if (answer.status !== 202) return answer.body.order.id;
    const intake = await system.api('GET', answer.body.statusUrl);
    return intake.body.intake.orderId;
  });
}

async function expectEnd(
  system: System,
  scenario: Scenario,
  orderId: string,
  countCrashes: () => number,
): Promise<void> {
  const { body } = await system.api('GET', `/v1/orders/${orderId}`);
  if (body.order.status !== scenario.endsAs)
    throw new Error(`the order is ${String(body.order.status)}`);
  let seen = '';
  try {
    await waitFor(
      'the messages',
      async () => (seen = await findMessageBreach(system, scenario, countCrashes())) === '',
      LIMIT_MS,
    );
  } catch (err) {
    throw new Error(seen, { cause: err });
  }
  await expectCleanBooks(system);
  const { broken, lines } = await audit(system);
  if (broken.length > 0) throw new Error(`the audit says:\n${lines.join('\n')}`);
}

/** Each mail was sent once; of as many as workers died it may be unknown: then none or one came. */
async function findMessageBreach(
  system: System,
  scenario: Scenario,
  crashes: number,
): Promise<string> {
  const { rows } = await system.db.admin.query<{ id: string; template: string; state: string }>(
    `select id, template_key as template, state from crm.messages order by template_key`,
  );
  const { body } = await system.sandbox('GET', '/mail');
  const came: string[] = body.items.map(
    ({ headers }: { headers: Record<string, string> }) => headers['x-throughline-message'],
  );
  const shown = rows.map(({ template, state }) => `${template} ${state}`).join(', ');
  if (rows.map(({ template }) => template).join() !== scenario.mails.join())
    return `messages are ${shown}`;
  const isWrong = rows.some(({ id, state }) => {
    const copies = came.filter((message) => message === id).length;
    return state === 'unknown' ? copies > 1 : state !== 'sent' || copies !== 1;
  });
  const unknown = rows.filter(({ state }) => state === 'unknown').length;
  return isWrong || unknown > crashes
    ? `messages are ${shown}; ${String(came.length)} mails came`
    : '';
}

function describe(err: unknown): string {
  if (!(err instanceof Error)) return String(err);
  const cause = err.cause instanceof Error ? ` (${err.cause.message})` : '';
  return `${err.message}${cause}`;
}
