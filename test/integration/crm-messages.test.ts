import {
  createFakeMailServer,
  announce,
  type FakeMailServer,
  LINK_SECRET,
  type MailBehaviour,
  type PlacedOrder,
  placeOrderRow,
  setPolicy,
  silent,
} from '../helpers/crm-fixtures';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import type { MessageActivityDeps } from '../../src/activities/message-activities';
import { queueDueMessages } from '../../src/activities/message-queueing';
import { sendDueMessages, takeBackStaleMessages } from '../../src/activities/message-sending';
import { findMessage, listMessages } from '../../src/db/crm/message-reads';
import { seedTemplates } from '../../src/db/crm/seed-templates';
import { hashAddress } from '../../src/platform/secret-links';

let db: TestDatabase;
let server: FakeMailServer;

beforeAll(async () => {
  db = await createTestDatabase();
  await seedTemplates(db.crm);
  await seedTemplates(db.crm);
});
beforeEach(async () => {
  server = createFakeMailServer();
  await setPolicy(db.oms, 'claimTimeout', 'PT30S');
});
afterEach(async () => {
  await db.admin.query(`truncate crm.messages cascade`);
  await db.admin.query(`update oms.outbox_deliveries set done_at = now() where done_at is null`);
});
afterAll(async () => {
  await db.close();
});

function worker(crashPoint?: MessageActivityDeps['crashPoint']): MessageActivityDeps {
  return {
    oms: db.oms,
    crm: db.crm,
    mailer: server,
    mailFrom: 'shop@example.com',
    publicUrl: 'http://127.0.0.1:3000',
    linkSecret: LINK_SECRET,
    logger: silent,
    crashPoint,
  };
}

async function queueOne(overrides: Parameters<typeof placeOrderRow>[1] = {}): Promise<PlacedOrder> {
  const order = await placeOrderRow(db, overrides);
  await announce(db.oms, order, 'order.confirmed');
  await queueDueMessages(worker());
  return order;
}

async function drain(): Promise<void> {
  while ((await queueDueMessages(worker())) + (await sendDueMessages(worker())) > 0);
}

/** What a later worker does once the dead one's claim is over. */
async function takeOver(): Promise<void> {
  await setPolicy(db.oms, 'claimTimeout', 'PT0S');
  await takeBackStaleMessages(worker());
  await drain();
}

async function onlyMessage() {
  const [message, ...others] = await listMessages(db.crm, {}, { limit: 10, after: null });
  if (message === undefined || others.length > 0) throw new Error('not exactly one message');
  return message;
}

describe('announcements', () => {
  it.each([
    ['order.confirmed', 'order_confirmed', 'is confirmed'],
    ['fulfillment.handed_over', 'order_shipped', 'is on its way'],
    ['shipment.delivered', 'order_delivered', 'was delivered'],
    ['order.canceled', 'order_canceled', 'was canceled'],
  ])('%s is told by %s', async (type, template, words) => {
    const order = await placeOrderRow(db);
    await announce(db.oms, order, type);

    await drain();

    expect(server.taken).toEqual([
      expect.objectContaining({ template, to: order.email, from: 'shop@example.com' }),
    ]);
    expect(server.taken[0]?.subject).toContain(words);
    expect(server.taken[0]?.subject).toContain(order.orderNo);
    expect(await onlyMessage()).toMatchObject({ state: 'sent', template, attempt: 1 });
  });

  it('writes in Chinese to a customer whose locale is Chinese', async () => {
    await queueOne({ locale: 'zh-CN', name: '王芳' });

    await drain();

    expect(server.taken[0]?.subject).toMatch(/已确认/);
    expect(server.taken[0]?.text).toContain('王芳');
    expect(server.taken[0]?.html).toContain('lang="zh-CN"');
  });

  it('prints lines and money, escaped in HTML', async () => {
    await queueOne({ totalMinor: 2598, currency: 'USD' });

    await drain();

    expect(server.taken[0]?.text).toContain('2 × Mug, red <& "blue">: USD 25.98');
    expect(server.taken[0]?.html).toContain('Mug, red &lt;&amp; &#34;blue&#34;&gt;');
  });

  it('makes one message of an event that is told again', async () => {
    const order = await queueOne();
    await announce(db.oms, order, 'order.confirmed');

    await drain();

    expect(server.taken).toHaveLength(1);
  });

  it('writes to nobody about an order that came in as history', async () => {
    const order = await placeOrderRow(db);
    await announce(db.oms, order, 'order.canceled', { isHistory: true });

    await drain();

    expect(await listMessages(db.crm, {}, { limit: 1, after: null })).toEqual([]);
  });

  it('makes one message per shipment', async () => {
    const order = await placeOrderRow(db);
    const [a, b] = [crypto.randomUUID(), crypto.randomUUID()];
    for (const shipmentId of [a, b, a, b, a]) {
      await announce(db.oms, order, 'shipment.delivered', { shipmentId });
    }

    await drain();

    expect(server.taken).toHaveLength(2);
  });

  it('two workers at once make and send each message once', async () => {
    const orders = await Promise.all(Array.from({ length: 30 }, () => placeOrderRow(db)));
    for (const order of orders) {
      await announce(db.oms, order, 'order.confirmed');
      await announce(db.oms, order, 'order.canceled');
    }

    await Promise.all([drain(), drain(), drain()]);
    await drain();

    const sent = server.taken.map((mail) => `${mail.template} ${mail.to}`);
    expect(sent).toHaveLength(60);
    expect(new Set(sent).size).toBe(60);
  });

  it('writes a timeline entry for what was sent', async () => {
    const order = await queueOne();

    await drain();

    const { rows } = await db.crm.query<{ kind: string; ref_id: string }>(
      `select kind, ref_id from crm.interactions where customer_id = $1`,
      [order.customerId],
    );
    expect(rows).toEqual([{ kind: 'message_sent', ref_id: (await onlyMessage()).id }]);
  });
});

describe('sending', () => {
  const points = ['message:claimed', 'message:sending', 'message:taken', 'message:recorded'];
  const outcomes: readonly MailBehaviour[] = ['accept', 'refuse', 'drop', 'defer'];
  const cases = points.flatMap((point) => outcomes.map((outcome) => [point, outcome] as const));

  /** What must be there after a worker died at the point and another took over. */
  function expectedState(point: string, outcome: MailBehaviour): string {
    const normal = { accept: 'sent', refuse: 'failed', drop: 'unknown', defer: 'sent' }[outcome];
    return point === 'message:claimed' || point === 'message:recorded' ? normal : 'unknown';
  }

  it.each(cases)(
    'a worker dead at %s of a mail that the server would %s',
    async (point, outcome) => {
      await queueOne();
      server.behave(outcome);
      const dying = worker((reached) => {
        if (reached === point) throw new Error('killed');
      });

      await sendDueMessages(dying).catch(() => undefined);
      await takeOver();
      await settleDeferred();

      expect(server.taken.length).toBeLessThanOrEqual(1);
      expect(await onlyMessage()).toMatchObject({ state: expectedState(point, outcome) });
      await takeOver();
      expect(server.calls.length).toBeLessThanOrEqual(outcome === 'defer' ? 2 : 1);
    },
  );

  /** The server is no longer busy, and the time of the deferred mail has come. */
  async function settleDeferred(): Promise<void> {
    if ((await onlyMessage()).state !== 'deferred') return;
    server.behave('accept');
    await db.crm.query(`update crm.messages set not_before = now() where state = 'deferred'`);
    await drain();
  }

  it('a claim that was taken back sends nothing', async () => {
    await queueOne();
    const gate = createGate();
    const slow = sendDueMessages(
      worker((point) => (point === 'message:claimed' ? gate.wait : undefined)),
    );
    await gate.reached;

    await takeOver();
    gate.open();
    await slow;

    expect(server.calls).toHaveLength(1);
    expect(await onlyMessage()).toMatchObject({ state: 'sent', attempt: 2 });
  });

  it('a send that was given up as unknown is known again when its worker wakes', async () => {
    await queueOne();
    const gate = createGate();
    const slow = sendDueMessages(
      worker((point) => (point === 'message:sending' ? gate.wait : undefined)),
    );
    await gate.reached;

    await takeOver();
    expect(await onlyMessage()).toMatchObject({ state: 'unknown', error: 'worker_lost' });
    gate.open();
    await slow;

    expect(server.calls).toHaveLength(1);
    expect(await onlyMessage()).toMatchObject({ state: 'sent' });
  });

  function createGate() {
    let open = (): void => undefined;
    let reach = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const reached = new Promise<void>((resolve) => (reach = resolve));
    return {
      reached,
      open: () => {
        open();
      },
      get wait() {
        reach();
        return opened;
      },
    };
  }

  it('does not take back what was claimed a moment ago', async () => {
    await queueOne();
    await sendDueMessages(worker(() => Promise.reject(new Error('killed')))).catch(() => undefined);

    await takeBackStaleMessages(worker());

    expect(await onlyMessage()).toMatchObject({ state: 'claimed' });
  });

  it('a deferred mail waits before the next try', async () => {
    await queueOne();
    server.behave('defer');

    await drain();
    await drain();

    expect(server.calls).toHaveLength(1);
    const message = await onlyMessage();
    expect(message).toMatchObject({ state: 'deferred', error: '451' });
    expect(Date.parse(message.notBefore)).toBeGreaterThan(Date.now() + 1_000);
  });

  it('a mailer that throws leaves the outcome unknown', async () => {
    await queueOne();
    server.send = () => Promise.reject(new Error('boom'));

    await drain();

    expect(await onlyMessage()).toMatchObject({ state: 'unknown', error: 'mailer_failed' });
  });
});

describe('the decision at the claim', () => {
  async function suppress(email: string, reason: string): Promise<void> {
    await db.crm.query(
      `insert into crm.suppressions (address_hash, channel, reason) values ($1, 'email', $2)`,
      [hashAddress(LINK_SECRET, 'email', email), reason],
    );
  }

  it.each([
    ['hard_bounce', 'skipped'],
    ['legal', 'skipped'],
    ['unsubscribed', 'sent'],
    ['complaint', 'sent'],
  ])('an order mail to an address suppressed for %s is %s', async (reason, state) => {
    const order = await queueOne();
    await suppress(order.email, reason);

    await drain();

    expect(await onlyMessage()).toMatchObject({ state });
  });

  it('skips a person without address', async () => {
    await queueOne({ email: null });

    await drain();

    expect(await onlyMessage()).toMatchObject({ state: 'skipped', skipReason: 'no_address' });
  });

  it('skips what is stale', async () => {
    await queueOne();
    await db.crm.query(`update crm.messages set expires_at = now()`);

    await drain();

    expect(await onlyMessage()).toMatchObject({ state: 'skipped', skipReason: 'expired' });
    expect(server.calls).toHaveLength(0);
  });

  it('skips what its template cannot render, and keeps the text of what it can', async () => {
    await db.admin.query(
      `insert into crm.templates (key, version, channel, class, subject, text)
       values ('order_confirmed', 2, 'email', 'transactional', '{"en":"x"}', '{"en":"{{ order.nothing }}"}')`,
    );
    await queueOne();

    await drain();

    const message = await onlyMessage();
    expect(message).toMatchObject({
      state: 'skipped',
      skipReason: 'template_error',
      error: 'template_variable_missing',
    });
    expect((await findMessage(db.crm, message.id))?.body).toBeNull();
    await db.admin.query(`truncate crm.messages cascade`);
    await db.admin.query(`delete from crm.templates where key = 'order_confirmed' and version = 2`);

    await queueOne();
    await drain();

    const sent = await onlyMessage();
    expect((await findMessage(db.crm, sent.id))?.body?.subject).toContain('is confirmed');
  });
});
