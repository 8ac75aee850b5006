import { expectCleanBooks } from '../helpers/books';
import { drive, isCutOff } from '../helpers/driver';
import { explain } from '../helpers/explain';
import { type Installation, startInstallation } from '../helpers/installation';
import { anOrder, expectStatus } from '../helpers/orders';
import { type OwnServers, startOwnServers } from '../helpers/own-servers';
import { type Answer } from '../helpers/system';
import { waitFor } from '../helpers/wait-for';

/** No request takes longer, whatever is away. */
const LIMIT_MS = 10_000;
/** What a busy machine adds on both sides of the API's own clock. */
const SLACK_MS = 1500;
const ORDERS = 50;

jest.setTimeout(240_000);

describe('an installation whose servers fail', () => {
  let servers: OwnServers;
  let installation: Installation;
  beforeAll(async () => {
    servers = await startOwnServers();
    installation = await startInstallation(servers.context, { paymentDeadline: 'PT5S' });
  });
  afterAll(async () => {
    await installation.stop();
    await servers.stop();
  });

  it('accepts orders without Temporal and places them by itself later', async () => {
    const [open] = await postOrders(1);
    await servers.temporal.kill();

    const body = anOrder();
    const posted = await timed(() => installation.api('POST', '/v1/orders', body));
    expect(posted).toMatchObject({ status: 202, body: { status: 'accepted' } });
    const refused = await timed(() =>
      installation.api('POST', `/v1/orders/${open ?? ''}/cancel`, { reason: 'customer' }),
    );
    expect(refused).toMatchObject({ status: 503, body: { code: 'engine_unavailable' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    const listed = await timed(() => installation.api('GET', '/v1/orders'));
    expect(listed.status).toBe(200);

    await servers.temporal.start();
    const placed = await untilPlaced(posted);
    const again = await installation.api('POST', '/v1/orders', body);
    expect(expectStatus(again, 200).order.id).toBe(placed);
    expect((await drive(installation, placed)).status).toBe('completed');
    await drive(installation, open ?? '');
  });

  it('answers 503 without PostgreSQL, keeps nothing, and works again by itself', async () => {
    const bodies = Array.from({ length: 20 }, () => anOrder());
    await servers.postgres.kill();

    const answers = await Promise.all(
      bodies.map((body) => timed(() => installation.api('POST', '/v1/orders', body))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    for (const { headers, body } of answers) {
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect(body.code).toBe('store_unavailable');
    }
    for (const route of ['/v1/orders', '/v1/inventory', '/v1/customers'])
      expect((await timed(() => installation.api('GET', route))).status).toBe(503);
    expect((await timed(() => installation.api('GET', '/readyz'))).status).toBe(503);

    await servers.postgres.start();
    const kept = await installation.db.admin.query(
      `select from oms.intakes where external_id = any($1::text[])`,
      [bodies.map(({ externalId }) => externalId)],
    );
    expect(kept.rowCount).toBe(0);
    const answer = await waitFor('an order to be taken', async () => {
      const next = await installation.api('POST', '/v1/orders', bodies[0]);
      return next.status === 503 ? null : next;
    });
    // 202 where the engine is slow to answer: the order is then known by its intake.
    const taken =
      answer.status === 202 ? await untilPlaced(answer) : expectStatus(answer, 201).order.id;
    expect((await drive(installation, taken)).status).toBe('completed');
  });

  it(`brings ${String(ORDERS)} orders to their ends while everything is killed under them`, async () => {
    const orders = Promise.all(Array.from({ length: ORDERS }, (_, n) => liveThrough(n)));
    const faults = injectFaults();
    const [statuses] = await Promise.all([orders, faults]);

    const wanted = Array.from({ length: ORDERS }, (_, n) =>
      n % 10 < 8 ? 'completed' : 'canceled',
    );
    expect(statuses).toEqual(wanted);
    await expectCleanBooks(installation, 45_000);
  });

  /** The id of an order that was accepted and is placed later. */
  async function untilPlaced({ body }: Answer): Promise<string> {
    return waitFor('the order to be placed', async () => {
      const { body: answer } = await installation.api('GET', body.statusUrl);
      return answer.intake.status === 'placed' ? answer.intake.orderId : null;
    });
  }

  /** Each in turn, and then both stores of state at once. */
  async function injectFaults(): Promise<void> {
    const servants = ['worker', 'api', 'worker'] as const;
    await pause(3000);
    for (const name of servants) {
      await installation.kill(name);
      await pause(1000);
      await installation.start(name);
      await pause(2500);
    }
    for (const server of [servers.temporal, servers.postgres]) {
      await server.kill();
      await pause(2000);
      await server.start();
      await pause(4000);
    }
    await Promise.all([
      servers.temporal.kill(),
      servers.postgres.kill(),
      installation.kill('worker'),
    ]);
    await Promise.all([servers.postgres.start(), servers.temporal.start()]);
    await installation.start('worker');
  }

  /** Most are bought, some are declined until their deadline, some are canceled. */
  async function liveThrough(n: number): Promise<string> {
    await pause((n % 25) * 400);
    const kind = n % 10;
    const token = kind === 8 ? 'tok_declined' : 'tok_ok';
    const body = anOrder({ payment: { method: 'card', token } });
    const id = await waitFor('an order', () => tryToPost(body), 90_000);
    if (kind === 9) {
      await drive(installation, id, { until: ['warehouse'] });
      await waitFor('a cancel', () => tryToCancel(id), 90_000);
    }
    try {
      return (await drive(installation, id, { pauseMs: 700, timeoutMs: 150_000 })).status;
    } catch (err) {
      throw new Error(await explain(installation, id), { cause: err });
    }
  }

  async function tryToPost(body: unknown): Promise<string | null> {
    const answer = await attempt(() => installation.api('POST', '/v1/orders', body));
    if (answer === null || (answer.status !== 201 && answer.status !== 200)) return pauseFor(null);
    return answer.body.order.id;
  }

  async function tryToCancel(id: string): Promise<true | null> {
    const answer = await attempt(() =>
      installation.api('POST', `/v1/orders/${id}/cancel`, { reason: 'customer' }),
    );
    return answer?.status === 200 || answer?.status === 202 ? true : pauseFor(null);
  }

  async function postOrders(count: number): Promise<string[]> {
    const answers = await Promise.all(
      Array.from({ length: count }, () => installation.api('POST', '/v1/orders', anOrder())),
    );
    return answers.map((answer) => expectStatus(answer, 201).order.id);
  }
});

async function attempt(call: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await call();
  } catch (err) {
    if (isCutOff(err)) return null;
    throw err;
  }
}

/** Fails when the answer takes longer than any may. */
async function timed(call: () => Promise<Answer>): Promise<Answer> {
  const startedAt = performance.now();
  const answer = await call();
  const took = performance.now() - startedAt;
  if (took > LIMIT_MS + SLACK_MS) throw new Error(`an answer took ${took.toFixed(0)} ms`);
  return answer;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function pauseFor<T>(value: T): Promise<T> {
  await pause(500);
  return value;
}
