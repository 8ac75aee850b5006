import fc from 'fast-check';

import {
  announce,
  createFakeMailServer,
  LINK_SECRET,
  type MailBehaviour,
  placeOrderRow,
  setPolicy,
  silent,
} from '../helpers/crm-fixtures';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { queueDueMessages } from '../../src/activities/message-queueing';
import { sendDueMessages, takeBackStaleMessages } from '../../src/activities/message-sending';
import { listMessages } from '../../src/db/crm/message-reads';
import { seedTemplates } from '../../src/db/crm/seed-templates';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  await seedTemplates(db.crm);
  await setPolicy(db.oms, 'claimTimeout', 'PT0S');
});
afterAll(async () => {
  await db.close();
});

const EVENTS = [
  'order.confirmed',
  'fulfillment.handed_over',
  'shipment.delivered',
  'order.canceled',
];
const POINTS = ['message:claimed', 'message:sending', 'message:taken', 'message:recorded'];
const OUTCOMES: readonly MailBehaviour[] = ['accept', 'refuse', 'drop'];

type Step =
  | { readonly kind: 'announce'; readonly type: string }
  | { readonly kind: 'again' }
  | { readonly kind: 'behave'; readonly behaviour: MailBehaviour }
  | { readonly kind: 'queue' }
  | { readonly kind: 'send'; readonly dyingAt: string | null; readonly slowAt: string }
  | { readonly kind: 'sweep'; readonly afterMs: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...EVENTS).map((type) => ({ kind: 'announce' as const, type })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'again' as const }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...OUTCOMES)
      .map((behaviour) => ({ kind: 'behave' as const, behaviour })),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'queue' as const }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(null, ...POINTS), fc.constantFrom(...POINTS))
      .map(([dyingAt, slowAt]) => ({ kind: 'send' as const, dyingAt, slowAt })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, 5).map((afterMs) => ({ kind: 'sweep' as const, afterMs })),
  },
);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('messages under any interleaving', () => {
  it('are one per event, have at most one copy, and all end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(steps, { minLength: 2, maxLength: 4 }), { minLength: 2, maxLength: 8 }),
        check,
      ),
      { numRuns: 25, endOnFailure: false },
    );
  });

  /** Runs rounds of steps, those of a round at the same time, then lets a last worker finish. */
  async function check(rounds: readonly (readonly Step[])[]): Promise<void> {
    const server = createFakeMailServer();
    const order = await placeOrderRow(db);
    const told = new Set<string>();
    const deps = {
      oms: db.oms,
      crm: db.crm,
      mailer: server,
      mailFrom: 'shop@example.com',
      publicUrl: 'http://127.0.0.1:3000',
      linkSecret: LINK_SECRET,
      logger: silent,
    };
    const run = async (step: Step): Promise<unknown> => {
      if (step.kind === 'behave') server.behave(step.behaviour);
      if (step.kind === 'queue') await queueDueMessages(deps);
      if (step.kind === 'sweep') {
        // In the middle of a slow send of the same round; a further worker takes over at once.
        await pause(step.afterMs);
        await takeBackStaleMessages(deps);
        await sendDueMessages(deps);
      }
      if (step.kind === 'again')
        await db.admin.query(
          `update oms.outbox_deliveries set done_at = null, next_attempt_at = now()
           where outbox_id in (select id from oms.outbox where aggregate_id = $1)`,
          [order.orderId],
        );
      if (step.kind === 'send') {
        const crashPoint = async (point: string): Promise<void> => {
          if (point === step.slowAt) await pause(15);
          if (point === step.dyingAt) throw new Error('killed');
        };
        await sendDueMessages({ ...deps, crashPoint }).catch(() => undefined);
      }
      return undefined;
    };

    // Announced and queued beforehand, so that the first round has something to send.
    const rest = [
      [{ kind: 'announce', type: 'order.confirmed' }],
      [{ kind: 'queue' }],
      ...rounds,
    ] as const;
    for (const round of rest) {
      // Steps of one order are announced one after the other, as its workflow does.
      for (const step of round) {
        if (step.kind !== 'announce') continue;
        await announce(db.oms, order, step.type);
        told.add(step.type);
      }
      await Promise.all(round.map(run));
    }
    server.behave('accept');
    await db.admin.query(
      `update oms.outbox_deliveries set next_attempt_at = now() where done_at is null`,
    );
    await takeBackStaleMessages(deps);
    while ((await queueDueMessages(deps)) + (await sendDueMessages(deps)) > 0);

    const messages = await listMessages(
      db.crm,
      { sourceId: order.orderId },
      { limit: 100, after: null },
    );
    expect(messages).toHaveLength(told.size);
    for (const message of messages) {
      const copies = server.taken.filter((mail) => mail.messageId === message.id).length;
      const allowed = { sent: [1], failed: [0], unknown: [0, 1] }[
        message.state as 'sent' | 'failed' | 'unknown'
      ];
      expect(allowed).toContain(copies);
    }
  }
});
